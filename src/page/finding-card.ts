import { subjectName } from '../export/check-table.ts';
import { evidenceQuantity, shortSource } from '../export/evidence-text.ts';
import { bounded } from '../export/labels.ts';
import type { Evidence, Finding } from '../rules/types.ts';
import { timeText } from './figures.ts';
import { chip } from './frame.ts';
import { type Html, html, nothing } from './html.ts';
import { evidenceLink, type Root, ruleLink, runbookLink, subjectLink } from './links.ts';
import { patchText } from './patch-text.ts';
import { prose } from './prose.ts';

/** How many numbers stand out. Rules name what matters first. */
const NUMBERS = 3;

/** What cards need to know besides their findings. */
export interface CardContext {
  readonly root: Root;
  readonly nowUnixMs: number;
  /** Key of a container or pod to the key of a Go process in it, whose page tells about all three. */
  readonly processOf: ReadonlyMap<string, string>;
  /** `rule|subject` to the id of what is kept of it. */
  readonly evidenceOf: ReadonlyMap<string, string>;
}

/** One finding: what, why with the numbers that matter, and what to change. */
export function findingCard(finding: Finding, index: number, context: CardContext): Html {
  const { rule, severity, subject, summary, evidence, remedy, sinceUnixMs } = finding;
  const { root } = context;
  const who = subjectName(subject);
  const link = subjectLink(root, subject, context.processOf);
  const kept = context.evidenceOf.get(`${rule}|${subject.key}`);
  const heading = `finding-${index}`;
  return html`<article class="finding ${severity}" aria-labelledby="${heading}">
<header>${chip(severity)}<h3 id="${heading}">${rule}</h3><p class="who">${link === undefined ? who : html`<a href="${link}">${who}</a>`}</p><p class="since">${sinceText(context.nowUnixMs - sinceUnixMs)}</p></header>
<div class="two"><div>
<p class="summary">${prose(summary)}</p>
${numbers(evidence.slice(0, NUMBERS))}
<details><summary>${evidence.length} ${evidence.length === 1 ? 'input' : 'inputs'} and where ${evidence.length === 1 ? 'it is' : 'they are'} from</summary>${evidenceTable(evidence)}</details>
<ul class="links"><li><a href="${ruleLink(root, rule)}">About ${rule}</a></li><li><a href="${runbookLink(rule)}">Runbook of ${rule}</a></li>${kept === undefined ? '' : html`<li><a href="${evidenceLink(root, kept)}" download>Evidence of ${rule} (json.gz)</a></li>`}</ul>
</div><div class="remedy">
<p class="label">Change</p><p>${prose(remedy.text)}</p>
${remedy.patch === undefined ? nothing : patchBlock(remedy.patch)}
</div></div>
</article>`;
}

function sinceText(milliseconds: number): string {
  return milliseconds < 1000 ? 'since just now' : `for ${timeText(milliseconds / 1000)}`;
}

function numbers(evidence: readonly Evidence[]): Html {
  if (evidence.length === 0) return nothing;
  return html`<dl class="numbers">${evidence.map(
    ({ signal, value, unit, bound }) =>
      html`<div><dt>${bounded(signal)}</dt><dd>${bounded(evidenceQuantity(value, unit))}${bound === undefined ? '' : html` <small>against ${evidenceQuantity(bound, unit)}</small>`}</dd></div>`,
  )}</dl>`;
}

function patchBlock(patch: NonNullable<Finding['remedy']['patch']>): Html {
  const { place, text } = patchText(patch);
  return html`<p class="place">${place}</p><pre class="copy">${lines(text)}</pre>`;
}

/** Line feeds are ours; in other people's text they would be replaced. */
export function lines(text: string): Html {
  return html`${text.split('\n').map((line, index) =>
    index === 0
      ? html`${line}`
      : html`
${line}`,
  )}`;
}

/** Inputs of a verdict as a table. */
export function evidenceTable(evidence: readonly Evidence[]): Html {
  if (evidence.length === 0) return nothing;
  const rows = evidence.map(
    ({ signal, value, unit, bound, source }) =>
      html`<tr><th scope="row">${bounded(signal)}</th><td class="n">${bounded(evidenceQuantity(value, unit))}</td><td class="n">${bound === undefined ? '' : evidenceQuantity(bound, unit)}</td><td class="source">${bounded(shortSource(source))}</td></tr>`,
  );
  return html`<table><thead><tr><th scope="col">Input</th><th scope="col" class="n">Value</th><th scope="col" class="n">Against</th><th scope="col">Source</th></tr></thead><tbody>${rows}</tbody></table>`;
}
