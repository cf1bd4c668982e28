import { subjectName } from '../export/check-table.ts';
import { evidenceQuantity, shortSource } from '../export/evidence-text.ts';
import { timing } from '../export/rule-timing.ts';
import { columns, paint, plain, type TableStyle, wrap } from '../export/terminal.ts';
import { type Answer, type Judged, OFF_BY } from '../rules/judged.ts';
import type { Evidence, Verdict } from '../rules/types.ts';

/** Longer lines of prose are hard to read; sources in tables may have more room. */
const WIDEST = 100;
const WIDEST_TABLE = 140;
/** Behind the column of verdicts. */
const INDENT = 11;

type Word = Verdict['outcome'] | 'off';

const ORDER: Readonly<Record<Word, number>> = { holds: 0, unknown: 1, clear: 2, off: 3 };
const COLOURS = { holds: 'red', unknown: 'yellow', clear: 'cyan', off: 'dim' } as const;

function wordOf({ verdict, off }: Answer): Word {
  return off === undefined ? verdict.outcome : 'off';
}

function startOf(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 3)}...`;
}

/** Inputs as columns: what it is, its value, what it was compared with, where it is from. */
function inputs(evidence: readonly Evidence[], width: number): string[] {
  const rows = evidence.map(({ signal, value, unit, bound }) => [
    startOf(plain(signal), 36),
    startOf(evidenceQuantity(value, unit), 32),
    bound === undefined ? '' : `vs ${evidenceQuantity(bound, unit)}`,
  ]);
  const lines = columns(rows, new Set([1]));
  const widest = Math.max(0, ...lines.map(({ length }) => length));
  // Behind the columns, and the blanks in front of and between them.
  const room = width - INDENT - 4 - widest;
  return lines.map((line, index) =>
    room < 12 ? line : `${line.padEnd(widest)}  ${startOf(shortSource(evidence[index]?.source ?? ''), room)}`,
  );
}

function body({ rule, verdict, off }: Answer, width: number): string[] {
  const prose = (text: string): string => `${' '.repeat(INDENT)}${wrap(plain(text), Math.min(width, WIDEST), INDENT)}`;
  const table = (evidence: readonly Evidence[]): string[] =>
    inputs(evidence, width).map((line) => `${' '.repeat(INDENT + 2)}${line}`);
  const switched = off === undefined ? [] : [prose(`switched off by ${OFF_BY[off]}; if it were not:`)];
  switch (verdict.outcome) {
    case 'holds':
      return [
        ...switched,
        prose(verdict.summary),
        ...table(verdict.evidence),
        ...timing(rule).map(prose),
        prose(`change: ${verdict.remedy.text}`),
      ];
    case 'clear':
      return [...switched, prose(verdict.reason), ...table(verdict.evidence)];
    case 'unknown':
      return [...switched, prose(`needs: ${verdict.missing.join('; ')}`)];
  }
}

function answerText(answer: Answer, width: number, style: TableStyle): string {
  const word = wordOf(answer);
  const { rule, verdict } = answer;
  const severity = verdict.outcome === 'holds' && word === 'holds' ? `  ${verdict.severity}` : '';
  const head = `  ${paint(word.padEnd(INDENT - 4), COLOURS[word], style)}  ${paint(rule.id, 'bold', style)}${severity}`;
  return [head, ...body(answer, width)].join('\n');
}

/** Subjects one after another, what holds first, each rule with its reason and the inputs it rests on. */
export function whyTable(judged: readonly Judged[], style: TableStyle): string {
  const width = Math.min(style.columns, WIDEST_TABLE);
  const parts = judged.map(({ subject, answers }) => {
    const sorted = [...answers].sort((a, b) => ORDER[wordOf(a)] - ORDER[wordOf(b)]);
    const head = `${subject.kind} ${paint(subjectName(subject), 'bold', style)}`;
    return [head, ...sorted.map((answer) => answerText(answer, width, style))].join('\n');
  });
  return `${parts.join('\n\n')}\n`;
}
