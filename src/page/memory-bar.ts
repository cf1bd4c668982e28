import type { MemoryFigures } from '../export/workload-rows.ts';
import { bar, type Fill, type Mark } from './bar.ts';
import { bytesText, knownText, limitText } from './figures.ts';
import { type Html, html } from './html.ts';
import { values } from './values.ts';

/** Heap, limits and use in one picture, and the six values as text. What is not known is not drawn. */
export function memoryBar(memory: MemoryFigures, sharedBy: number): Html {
  const { heapLive, heapGoal, gomemlimit, current, high, max } = memory;
  const goal = numberOf(heapGoal?.value);
  const maxBytes = numberOf(max?.limit);
  const marks: Mark[] = [
    ...mark('goal', goal),
    ...mark('gomemlimit', drawable(numberOf(gomemlimit?.value), [goal, current, maxBytes, heapLive?.value])),
    ...mark('high', numberOf(high?.limit)),
    ...mark('max', maxBytes),
  ];
  const beyond = Math.max(0, ...marks.map(({ at }) => at));
  const fills: Fill[] = [
    ...(maxBytes !== undefined && beyond > maxBytes
      ? [{ kind: 'beyond', from: maxBytes, to: Number.POSITIVE_INFINITY } as const]
      : []),
    ...(current === undefined ? [] : [{ kind: 'current', from: 0, to: current } as const]),
    ...(heapLive === undefined ? [] : [{ kind: 'live', from: 0, to: heapLive.value } as const]),
  ];
  const label = `Memory: current ${bytesText(current)}, limit ${limitText(max, bytesText)}, heap goal ${knownText(heapGoal, bytesText)}`;
  return html`${bar(label, fills, marks)}${values([
    ['live', 'heap live', knownText(heapLive, bytesText)],
    ['goal', 'heap goal', knownText(heapGoal, bytesText)],
    ['gomemlimit', 'GOMEMLIMIT', knownText(gomemlimit, bytesText)],
    ['current', sharedBy > 1 ? `memory.current of ${sharedBy} programs` : 'memory.current', bytesText(current)],
    ['high', 'memory.high', limitText(high, bytesText)],
    ['max', 'memory.max', limitText(max, bytesText)],
  ])}`;
}

/** GOMEMLIMIT may be anything: one far beyond all else would press the rest to the left edge. Its value is told all the same. */
function drawable(limit: number | undefined, others: readonly (number | undefined)[]): number | undefined {
  const largest = Math.max(0, ...others.map((value) => value ?? 0));
  return limit === undefined || (largest > 0 && limit > 4 * largest) ? undefined : limit;
}

function mark(kind: Mark['kind'], at: number | undefined): Mark[] {
  return at === undefined ? [] : [{ kind, at }];
}

function numberOf(value: number | 'off' | 'max' | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
