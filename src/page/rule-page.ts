import { timing } from '../export/rule-timing.ts';
import type { Rule } from '../rules/types.ts';
import { type Frame, page } from './frame.ts';
import { type Html, html, nothing } from './html.ts';
import { runbookLink } from './links.ts';
import { prose } from './prose.ts';

const SUBJECTS: Readonly<Record<Rule['subject'], string>> = {
  process: 'each Go process',
  container: 'each container',
  pod: 'each pod',
  node: 'the node',
};

/** The page of one rule: what it means, when it fires and what helps, as in its documentation. */
export function rulePage(frame: Frame, rule: Rule): string {
  const { id, title, subject, about } = rule;
  const section = (head: string, content: Html): Html => html`<h2>${head}</h2><p>${content}</p>`;
  return page(
    frame,
    html`<nav class="crumbs" aria-label="Breadcrumb"><a href="${frame.root}">Overview</a></nav>
<article class="prose"><h1>${id}</h1><p class="lead">${title}.</p>
<p>${prose(about.meaning)}</p>
${section('Judged for', html`${[SUBJECTS[subject], ...timing(rule)].join('; ')}`)}
${section('Fires when', prose(about.firesWhen))}
${section('Severity', prose(about.severity))}
${section('Change', prose(about.change))}
<p><a href="${runbookLink(id)}">Runbook of ${id}</a></p>
${section('Silent when', prose(about.silentWhen))}
${section('Unknown when', prose(about.unknownWhen))}
${about.sources.length === 0 ? nothing : html`<h2>Sources</h2><ul>${about.sources.map((source) => html`<li>${prose(source)}</li>`)}</ul>`}
</article>`,
  );
}
