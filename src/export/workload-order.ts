import type { Severity } from '../rules/types.ts';
import { rowName, SEVERITY_RANK, type WorkloadRow } from './workload-rows.ts';

/** What rows can be put in order by. */
export const ROW_ORDERS = ['worst', 'name', 'memory', 'cpu', 'throttled', 'goroutines', 'gc'] as const;

export type RowOrder = (typeof ROW_ORDERS)[number];

/** Which rows are wanted. Fields left out: any. */
export interface RowFilter {
  readonly namespace?: string | undefined;
  /** `none`: those for which nothing fires. */
  readonly severity?: Severity | 'none' | undefined;
}

/** memory.current / memory.max. Undefined: one of them is not known, or there is no limit. */
export function memoryShare({ memory }: WorkloadRow): number | undefined {
  const limit = memory.max?.limit;
  return memory.current === undefined || typeof limit !== 'number' || limit === 0 ? undefined : memory.current / limit;
}

const NOTHING_FIRES = 3;

/** Larger first; what is not known comes last. */
const FIGURES: Readonly<Record<Exclude<RowOrder, 'name'>, readonly ((row: WorkloadRow) => number | undefined)[]>> = {
  worst: [
    ({ severity }) => -(severity === undefined ? NOTHING_FIRES : SEVERITY_RANK[severity]),
    ({ firing }) => firing,
    memoryShare,
  ],
  memory: [memoryShare, ({ memory }) => memory.current],
  cpu: [({ cpu }) => cpu.usageCores],
  throttled: [({ cpu }) => cpu.throttledRatio],
  goroutines: [({ goroutines }) => goroutines],
  gc: [({ gcCpuRatio }) => gcCpuRatio],
};

/** Those that fit, in order. Equal ones by name, so that a page keeps its rows while nothing changes. */
export function orderedRows(rows: readonly WorkloadRow[], order: RowOrder, filter: RowFilter = {}): WorkloadRow[] {
  const figures = order === 'name' ? [] : FIGURES[order];
  return rows
    .filter((row) => fits(row, filter))
    .map((row) => ({ row, name: rowName(row), values: figures.map((figure) => figure(row)) }))
    .sort((a, b) => {
      for (const [index, value] of a.values.entries()) {
        const other = b.values[index];
        const difference = (other ?? Number.NEGATIVE_INFINITY) - (value ?? Number.NEGATIVE_INFINITY);
        if (difference !== 0 && !Number.isNaN(difference)) return difference;
      }
      return a.name < b.name ? -1 : a.name > b.name ? 1 : a.row.pid - b.row.pid;
    })
    .map(({ row }) => row);
}

function fits(row: WorkloadRow, { namespace, severity }: RowFilter): boolean {
  return (
    (namespace === undefined || row.namespace === namespace) &&
    (severity === undefined || (severity === 'none' ? row.severity === undefined : row.severity === severity))
  );
}
