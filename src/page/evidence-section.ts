import { bounded } from '../export/labels.ts';
import { bytesText, utcText } from './figures.ts';
import { type Html, html } from './html.ts';
import { evidenceLink, type Root } from './links.ts';

/** What was kept when a finding began to fire. */
export interface EvidenceItem {
  readonly id: string;
  readonly rule: string;
  readonly summary: string;
  readonly firedAtUnixMs: number;
  /** Compressed. */
  readonly bytes: number;
}

/** The samples and the model behind findings, as files. */
export function evidenceSection(root: Root, items: readonly EvidenceItem[]): Html {
  if (items.length === 0)
    return html`<p class="empty">Nothing is kept about this workload. It is when a finding begins to fire, until newer ones take its place.</p>`;
  return html`<ul class="files">${items.map(
    ({ id, rule, summary, firedAtUnixMs, bytes }) =>
      html`<li><a href="${evidenceLink(root, id)}" download>${rule}, ${utcText(firedAtUnixMs)} (json.gz, ${bytesText(bytes)})</a><p class="sub">${bounded(summary)}</p></li>`,
  )}</ul>`;
}
