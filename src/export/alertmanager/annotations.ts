import type { Finding } from '../../rules/types.ts';
import { type Labels, wellFormed } from './labels.ts';

const MAX_DESCRIPTION = 2000;
const MAX_PATCHES = 10;

/** What the texts of an alert are made with. */
export interface AnnotationContext {
  /** What the rule means, in one line without values. */
  readonly title: string;
  /** Further subjects with the same labels. */
  readonly others: number;
  readonly runbookUrl: string;
  /** Undefined: there is no link. */
  readonly evidenceUrl: string | undefined;
}

/** What a person reads. It may change while the alert stays the same. */
export function annotations(finding: Finding, context: AnnotationContext): Labels {
  const { runbookUrl, evidenceUrl } = context;
  return {
    summary: `${context.title}.`,
    description: cut(oneLine(description(finding, context.others)), MAX_DESCRIPTION),
    runbook_url: runbookUrl,
    ...(evidenceUrl === undefined ? {} : { evidence: evidenceUrl }),
  };
}

function description({ subject, summary, remedy }: Finding, others: number): string {
  const names = [subject.namespace, subject.pod, subject.container].filter((part) => part !== undefined);
  const who = names.length === 0 ? (subject.process ?? 'this node') : names.join('/');
  const also = others === 0 ? '' : ` (and ${others} more like it)`;
  const set = Object.entries(remedy.patch?.set ?? {}).slice(0, MAX_PATCHES);
  const patch =
    remedy.patch === undefined || set.length === 0
      ? ''
      : ` Set (${remedy.patch.kind}): ${set.map(([key, value]) => `${key}=${value}`).join(', ')}.`;
  return `${who}${also}: ${sentence(summary)} Change: ${sentence(remedy.text)}${patch}`;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** Names of other people's programs may hold line feeds and terminal codes, and go into mails and chats. */
function oneLine(text: string): string {
  return wellFormed(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
}

function cut(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
