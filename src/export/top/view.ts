import { orderedRows, type RowOrder } from '../workload-order.ts';
import { rowName } from '../workload-rows.ts';
import type { TopLook, TopWorkload } from './top-look.ts';

/** What a person has chosen to see. */
export interface TopView {
  readonly screen: 'list' | 'details' | 'help';
  readonly order: RowOrder;
  /** Words that all must be in a workload's names or rules; empty: every workload. */
  readonly filter: string;
  /** The filter as it is being typed; undefined: keys are commands. */
  readonly typing: string | undefined;
  /** Key of the workload under the cursor; undefined: the first. */
  readonly selected: string | undefined;
  /** First line shown of the list, and of a page of details or help. */
  readonly listTop: number;
  readonly pageTop: number;
}

export const FIRST_VIEW: TopView = {
  screen: 'list',
  order: 'worst',
  filter: '',
  typing: undefined,
  selected: undefined,
  listTop: 0,
  pageTop: 0,
};

/** The workloads that fit the filter, in order. While it is typed, it already counts. */
export function visible({ workloads }: TopLook, { order, filter, typing }: TopView): TopWorkload[] {
  const words = (typing ?? filter)
    .toLowerCase()
    .split(' ')
    .filter((word) => word !== '');
  const byKey = new Map(workloads.filter((workload) => fits(workload, words)).map((each) => [each.row.key, each]));
  const rows = orderedRows(
    [...byKey.values()].map(({ row }) => row),
    order,
  );
  return rows.flatMap(({ key }) => byKey.get(key) ?? []);
}

/** Where the cursor is among the visible; 0 when what was selected has gone. */
export function cursor(shown: readonly TopWorkload[], { selected }: TopView): number {
  return Math.max(
    0,
    shown.findIndex(({ row }) => row.key === selected),
  );
}

/** The first line to show, so that the cursor is on the screen and no line is wasted. */
export function scrolled(top: number, at: number, height: number, count: number): number {
  const latest = Math.max(0, count - height);
  return Math.max(0, Math.min(latest, Math.max(Math.min(top, at), at - height + 1)));
}

function fits({ row, findings }: TopWorkload, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const names = [rowName(row), row.process, ...findings.map(({ rule }) => rule)].map((name) => name.toLowerCase());
  return words.every((word) => names.some((name) => name.includes(word)));
}
