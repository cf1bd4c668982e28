import { humanBytes, percent, round } from '../../rules/quantity.ts';
import type { Severity } from '../../rules/types.ts';
import type { paint } from '../terminal.ts';
import { rowName, type WorkloadRow } from '../workload-rows.ts';
import { type Screen, shown } from './cell-text.ts';
import { cpuBar } from './cpu-bar.ts';
import { memoryBar } from './memory-bar.ts';

export type Colour = Parameters<typeof paint>[1];
export const SEVERITY_COLOUR: Readonly<Record<Severity, Colour>> = { critical: 'red', warning: 'yellow', info: 'cyan' };

/** One column beside the name of the workload. */
export interface ListColumn {
  readonly head: string;
  readonly width: number;
  readonly side: 'left' | 'right';
  /** Columns of a lower number are kept longer when the terminal is narrow. */
  readonly priority: number;
  /** Cells that must remain for the name; left out: {@link NAME_CELLS}. */
  readonly leaves?: number;
  readonly text: (row: WorkloadRow, screen: Screen) => string;
  readonly colour?: (row: WorkloadRow) => Colour | undefined;
}

/** What most columns leave to the name. */
const NAME_CELLS = 22;
const GAP = 2;
const UNKNOWN = '?';
const NONE = '-';
const SHORT: Readonly<Record<Severity, string>> = { critical: 'crit', warning: 'warn', info: 'info' };
const CPU_BAR = 12;
const MEMORY_BAR = 14;

const told = <T>(value: T | undefined, show: (value: T) => string): string =>
  value === undefined ? UNKNOWN : show(value);

/** From left to right. */
const COLUMNS: readonly ListColumn[] = [
  {
    head: 'PROCESS',
    width: 16,
    side: 'left',
    priority: 10,
    leaves: 40,
    text: ({ process }, screen) => shown(process, screen),
  },
  {
    head: 'FIRING',
    width: 7,
    side: 'left',
    priority: 1,
    leaves: 12,
    text: ({ severity, firing }) => (severity === undefined ? NONE : `${SHORT[severity]} ${firing}`),
    colour: ({ severity }) => (severity === undefined ? undefined : SEVERITY_COLOUR[severity]),
  },
  {
    head: 'CPU',
    width: 6,
    side: 'right',
    priority: 3,
    text: ({ cpu }) => told(cpu.usageCores, (cores) => String(round(cores, 2))),
  },
  {
    head: 'CPU OF LIMIT',
    width: CPU_BAR,
    side: 'left',
    priority: 6,
    text: ({ cpu }, { unicode }) => cpuBar(cpu, CPU_BAR, unicode),
  },
  {
    head: 'THROTTLED',
    width: 9,
    side: 'right',
    priority: 7,
    text: ({ cpu }) => (cpu.limitCores?.limit === 'max' ? NONE : told(cpu.throttledRatio, percent)),
  },
  { head: 'MEMORY', width: 10, side: 'right', priority: 2, text: ({ memory }) => told(memory.current, humanBytes) },
  {
    head: 'LIMIT',
    width: 10,
    side: 'right',
    priority: 8,
    text: ({ memory }) => told(memory.max?.limit, (limit) => (limit === 'max' ? NONE : humanBytes(limit))),
  },
  {
    head: 'HEAP, LIMITS',
    width: MEMORY_BAR,
    side: 'left',
    priority: 5,
    text: ({ memory }, { unicode }) => memoryBar(memory, MEMORY_BAR, unicode),
  },
  { head: 'GOROUT.', width: 7, side: 'right', priority: 4, text: ({ goroutines }) => told(goroutines, String) },
  { head: 'GC CPU', width: 6, side: 'right', priority: 9, text: ({ gcCpuRatio }) => told(gcCpuRatio, percent) },
];

/** The columns that fit into so many cells, and what is left for the name. */
export function fittingColumns(cells: number): { readonly name: number; readonly columns: readonly ListColumn[] } {
  let name = cells;
  const chosen = new Set<ListColumn>();
  for (const column of [...COLUMNS].sort((a, b) => a.priority - b.priority)) {
    const left = name - column.width - GAP;
    if (left < (column.leaves ?? NAME_CELLS)) break;
    name = left;
    chosen.add(column);
  }
  return { name: Math.max(0, name), columns: COLUMNS.filter((column) => chosen.has(column)) };
}

/** The name of a workload for the list; its process too, where it shares a container. */
export function listName(row: WorkloadRow, screen: Screen): string {
  return shown(row.sharedBy > 1 ? `${rowName(row)} (${row.process})` : rowName(row), screen);
}
