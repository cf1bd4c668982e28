import type { Evidence, Finding } from '../../rules/types.ts';
import { evidenceQuantity, shortSource } from '../evidence-text.ts';
import { paint } from '../terminal.ts';
import { fit, folded, type Screen, shown } from './cell-text.ts';
import { SEVERITY_COLOUR } from './list-columns.ts';

/** A finding in full: what, the numbers it rests on with their sources, and what to change. */
export function findingLines(finding: Finding, screen: Screen): string[] {
  const { severity, rule, summary, evidence, remedy } = finding;
  const text = (words: string, indent: number): string[] => folded(shown(words, screen), screen.columns, indent);
  const [change = '', ...rest] = text(`  change: ${remedy.text}`, 10);
  const { patch } = remedy;
  const title = fit(`${severity.toUpperCase().padEnd(8)}  ${shown(rule, screen)}`, screen.columns).trimEnd();
  return [
    paint(title.slice(0, 8), SEVERITY_COLOUR[severity], screen) + paint(title.slice(8), 'bold', screen),
    ...text(`  ${summary}`, 2),
    ...evidence.flatMap((each) => text(`    - ${evidenceLine(each)}`, 6)),
    change.replace('change:', paint('change:', 'bold', screen)),
    ...rest,
    ...(patch === undefined
      ? []
      : text(
          `  set:    ${Object.entries(patch.set)
            .map(([key, value]) => `${key}=${value}`)
            .join(' ')}  (${patch.kind})`,
          10,
        )),
  ];
}

function evidenceLine({ signal, value, unit, bound, source }: Evidence): string {
  const against = bound === undefined ? '' : ` (bound ${evidenceQuantity(bound, unit)})`;
  return `${signal}: ${evidenceQuantity(value, unit)}${against}  [${shortSource(source)}]`;
}
