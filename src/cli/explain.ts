import { alertName } from '../export/alertmanager/labels.ts';
import { timing } from '../export/rule-timing.ts';
import { columns, paint, type TableStyle, wrap } from '../export/terminal.ts';
import { catalogue } from '../rules/catalogue.ts';
import { runbookUrl } from '../rules/runbook.ts';
import type { Rule } from '../rules/types.ts';
import { ruleNamed } from './rule-argument.ts';
import { thresholdsOf } from './rule-thresholds.ts';

/** What lines of prose are wide at most: longer ones are hard to read. */
const WIDEST = 100;

const SUBJECTS: Readonly<Record<Rule['subject'], string>> = {
  process: 'each Go process',
  container: 'each container',
  pod: 'each pod',
  node: 'the node',
};

function ruleText(rule: Rule, style: TableStyle): string {
  const { id, title, subject, about } = rule;
  const prose = (text: string, indent: number): string => wrap(text, Math.min(style.columns, WIDEST), indent);
  const section = (head: string, ...lines: readonly string[]): string =>
    [paint(head, 'bold', style), ...lines.map((line) => `  ${line}`)].join('\n');
  const thresholds = thresholdsOf(rule).map(
    ({ key, usual, unit, reason }) => `${`${key}: ${usual} ${unit}`.trimEnd()}\n    ${prose(reason, 4)}`,
  );
  const parts = [
    `${paint(id, 'bold', style)}\n${prose(title, 0)}.`,
    prose(about.meaning, 0),
    section('Judged for', [SUBJECTS[subject], ...timing(rule)].join('; ')),
    section('Fires when', prose(about.firesWhen, 2)),
    section('Severity', prose(about.severity, 2)),
    section('Change', prose(about.change, 2)),
    section('Silent when', prose(about.silentWhen, 2)),
    section('Unknown when', prose(about.unknownWhen, 2)),
    ...(thresholds.length === 0 ? [] : [section('Thresholds', ...thresholds)]),
    // Not indented and not wrapped: it is to be copied, and the longest just fits.
    `${paint('Runbook', 'bold', style)}\n${runbookUrl(alertName(id))}`,
    section('Sources', ...about.sources.map((source) => `- ${prose(source, 4)}`)),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** What a rule means, when it fires and what helps; without a name all rules with their titles. Throws for a rule there is none of. */
export function explain(rule: string | undefined, style: TableStyle): string {
  if (rule !== undefined) return ruleText(ruleNamed(rule), style);
  const lines = columns(
    catalogue.map(({ id, title }) => [id, title]),
    new Set(),
  );
  return `${lines.join('\n')}\n\ncgopher explain RULE says what one of them means, when it fires and what to change.\n`;
}
