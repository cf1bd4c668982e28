import type { Known } from '../../base/known.ts';
import { humanBytes, percent, round } from '../../rules/quantity.ts';
import { columns, paint } from '../terminal.ts';
import { type LimitFigure, rowName } from '../workload-rows.ts';
import { folded, type Screen, shown } from './cell-text.ts';
import { cpuBar } from './cpu-bar.ts';
import { findingLines } from './finding-lines.ts';
import { memoryBar } from './memory-bar.ts';
import type { TopWorkload } from './top-look.ts';

const UNKNOWN = '?';
const WIDEST_BAR = 60;

/** One workload: its figures with their sources, then everything that fires for it. As many lines as it takes. */
export function detailsLines(workload: TopWorkload | undefined, screen: Screen): string[] {
  if (workload === undefined) return folded('This workload is gone.', screen.columns);
  const { row, findings } = workload;
  const { cpu, memory } = row;
  const width = Math.max(1, Math.min(WIDEST_BAR, screen.columns - 4));
  const shared = row.sharedBy > 1 ? `; ${row.sharedBy} Go programs share the container` : '';
  const about = `${row.process} (pid ${row.pid}), ${row.goVersion}${shared}`;
  const throttled = cpu.limitCores?.limit === 'max' ? 'no quota' : told(cpu.throttledRatio, percent);
  const text = (words: string, indent = 0): string[] => folded(shown(words, screen), screen.columns, indent);
  return [
    ...text(rowName(row)).map((line) => paint(line, 'bold', screen)),
    ...text(about),
    ...text(row.cgroupPath),
    '',
    `  ${cpuBar(cpu, width, screen.unicode)}`.slice(0, screen.columns),
    ...figures(
      [
        ['CPU used', told(cpu.usageCores, cores), ''],
        ['GOMAXPROCS', ...known(cpu.gomaxprocs, String)],
        ['CPU limit', ...limit(cpu.limitCores, cores)],
        ['throttled periods', throttled, ''],
      ],
      screen,
    ),
    '',
    `  ${memoryBar(memory, width, screen.unicode)}`.slice(0, screen.columns),
    ...figures(
      [
        ['memory.current', told(memory.current, humanBytes), ''],
        ['heap live', ...known(memory.heapLive, bytes)],
        ['heap goal', ...known(memory.heapGoal, bytes)],
        ['GOMEMLIMIT', ...known(memory.gomemlimit, bytes)],
        ['memory.high', ...limit(memory.high, humanBytes)],
        ['memory.max', ...limit(memory.max, humanBytes)],
      ],
      screen,
    ),
    '',
    ...figures(
      [
        ['goroutines', told(row.goroutines, String), ''],
        ['GC share of CPU', told(row.gcCpuRatio, percent), ''],
      ],
      screen,
    ),
    '',
    ...text(
      findings.length === 0
        ? 'Nothing fires for it.'
        : `${findings.length} finding${findings.length === 1 ? '' : 's'}:`,
    ),
    ...findings.flatMap((finding) => ['', ...findingLines(finding, screen)]),
  ];
}

type Figure = readonly [name: string, value: string, source: string];

function figures(rows: readonly Figure[], screen: Screen): string[] {
  const cells = rows.map((row) => row.map((cell) => shown(cell, screen)));
  return columns(cells, new Set([1])).flatMap((line) => folded(`  ${line}`, screen.columns, 4));
}

function told<T>(value: T | undefined, show: (value: T) => string): string {
  return value === undefined ? UNKNOWN : show(value);
}

function cores(value: number): string {
  return String(round(value, 2));
}

function bytes(value: number | 'off'): string {
  return value === 'off' ? 'off' : humanBytes(value);
}

function known<T>(value: Known<T> | undefined, show: (value: T) => string): [string, string] {
  if (value === undefined) return [UNKNOWN, ''];
  return [show(value.value), value.detail === undefined ? value.from : `${value.from}: ${value.detail}`];
}

function limit(figure: LimitFigure | undefined, show: (limit: number) => string): [string, string] {
  if (figure === undefined) return [UNKNOWN, ''];
  const doubt = figure.complete ? '' : ', or less: not every level was read';
  return [figure.limit === 'max' ? 'none' : show(figure.limit), `${figure.level}${doubt}`];
}
