import { subjectName } from '../export/check-table.ts';
import { timing } from '../export/rule-timing.ts';
import { type Answer, type Judged, OFF_BY } from '../rules/judged.ts';
import { evidenceTable } from './finding-card.ts';
import { type Html, html, nothing } from './html.ts';
import { type Root, ruleLink } from './links.ts';
import { prose } from './prose.ts';

type Word = 'holds' | 'unknown' | 'clear' | 'off';

const ORDER: Readonly<Record<Word, number>> = { holds: 0, unknown: 1, clear: 2, off: 3 };

function wordOf({ verdict, off }: Answer): Word {
  return off === undefined ? verdict.outcome : 'off';
}

/** The word of every rule on a workload, its container and its pod, what holds first. */
export function verdictsSection(root: Root, judged: readonly Judged[]): Html {
  if (judged.length === 0)
    return html`<p class="empty">No rule judges this: the node does not run the unified hierarchy, or the workload is gone.</p>`;
  return html`${judged.map(({ subject, answers }) => {
    const sorted = [...answers].sort((a, b) => ORDER[wordOf(a)] - ORDER[wordOf(b)]);
    const counts = (['holds', 'unknown', 'clear', 'off'] as const)
      .map((word) => [word, answers.filter((answer) => wordOf(answer) === word).length] as const)
      .filter(([, count]) => count > 0)
      .map(([word, count]) => `${count} ${word}`);
    return html`<h3>${subject.kind} ${subject.kind === 'node' ? '' : subjectName(subject)}</h3><p class="sub">${counts.join(', ')}</p><ul class="verdicts">${sorted.map((answer) => verdict(root, answer))}</ul>`;
  })}`;
}

function verdict(root: Root, answer: Answer): Html {
  const { rule, verdict: said, off } = answer;
  const word = wordOf(answer);
  const switched = off === undefined ? '' : `Switched off by ${OFF_BY[off]}; if it were not: `;
  const reason =
    said.outcome === 'holds'
      ? said.summary
      : said.outcome === 'clear'
        ? said.reason
        : `needs ${said.missing.join('; ')}`;
  const times = said.outcome === 'holds' ? timing(rule) : [];
  return html`<li><details${word === 'holds' ? html` open` : ''}><summary><span class="word ${word}">${word}</span> <b>${rule.id}</b> <span class="reason">${switched}${prose(reason)}</span></summary>
<div class="inside">${said.outcome === 'unknown' ? nothing : evidenceTable(said.evidence)}${times.length === 0 ? nothing : html`<p class="sub">It ${times.join('; ')}.</p>`}<p><a href="${ruleLink(root, rule.id)}">About ${rule.id}</a></p></div></details></li>`;
}
