import type { GoVersion } from '../types.ts';
import type { ArrayOffset, FieldOffset, RuntimeOffsets } from './offset-types.ts';
import { histogramBounds } from './time-histogram.ts';

/** A table of offsets with what follows from it, made once per process. */
export interface Layout {
  /** The Go version the table was made from: `1.27`. */
  readonly name: string;
  readonly minor: number;
  readonly offsets: RuntimeOffsets;
  /** Bytes from the start of each variable that hold all fields read of it. */
  readonly lengths: {
    readonly gcController: number;
    readonly memstats: number;
    readonly sched: number;
    readonly gcCpuLimiter: number;
    readonly cpuStats: number;
    readonly p: number;
    readonly g: number;
  };
  /** Bounds of `sched.timeToRun`; undefined when the constants of that version do not fit its length. */
  readonly latencyBounds: readonly number[] | undefined;
}

/** Tables by Go version, as `offsets.ts` has them. */
export type OffsetTables = Readonly<Record<string, RuntimeOffsets>>;

/**
 * The layouts to try for a program of this version, likeliest first: those of its minor version, or of the newest there is when the
 * program is newer. A table named `1.18.0` holds for the first releases of a minor version, `1.18` for the later ones; where the border
 * lies is not known for all, so both are tried. Empty for versions older than the tables.
 */
export function layoutsFor(version: GoVersion, tables: OffsetTables): Layout[] {
  if (version.major !== 1) return [];
  const names = Object.keys(tables);
  const minor = Math.min(version.minor, Math.max(...names.map(minorOf)));
  const last = `1.${minor}`;
  const first = names.filter((name) => name.startsWith(`${last}.`));
  const isFirst = version.minor === minor && first.some((name) => (version.patch ?? 0) <= patchOf(name));
  const order = isFirst ? [...first, last] : [last, ...first];
  return order.map((name) => layoutNamed(name, tables)).filter((layout) => layout !== undefined);
}

/** The layout of one table by name, whatever the program's version is. */
export function layoutNamed(name: string, tables: OffsetTables): Layout | undefined {
  const offsets = Object.hasOwn(tables, name) ? tables[name] : undefined;
  if (offsets === undefined) return undefined;
  const { gcController, memstats, sched, gcCPULimiter, cpuStats, p, g, timeHistogram, constants } = offsets;
  const latencies = sched['timeToRun.counts'];
  return {
    name,
    minor: minorOf(name),
    offsets,
    lengths: {
      gcController: endOf(gcController),
      memstats: endOf(memstats),
      sched: Math.max(
        endOf({ ...sched, 'stwTotalTimeGC.counts': undefined }),
        latencies[0] + timeHistogram.byteSize.amd64,
      ),
      gcCpuLimiter: gcCPULimiter === undefined ? 0 : endOf(gcCPULimiter),
      cpuStats: cpuStats === undefined ? 0 : endOf(cpuStats),
      p: endOf(p),
      g: endOf(g),
    },
    latencyBounds: histogramBounds(constants, latencies[2]),
  };
}

function minorOf(name: string): number {
  return Number(name.split('.')[1]);
}

function patchOf(name: string): number {
  return Number(name.split('.')[2]);
}

/** Where the last field of a struct ends. */
function endOf(struct: object): number {
  let end = 0;
  for (const [name, field] of Object.entries(struct) as [string, FieldOffset | ArrayOffset | undefined][]) {
    if (name !== 'byteSize' && field !== undefined) end = Math.max(end, field[0] + field[1] * (field[2] ?? 1));
  }
  return end;
}
