import type { Known } from '../base/known.ts';
import type { HeapProfile } from '../go/memory/types.ts';
import type { GoProcessModel } from '../model/go-process-types.ts';
import type { ContentionModel } from '../model/go-runtime-types.ts';
import { humanBytes, humanSeconds, percent, round } from '../rules/quantity.ts';
import { cellName, columns, paint, plain, type TableStyle } from './terminal.ts';

/** What a view shows besides settings and figures. */
export interface GoViewParts {
  readonly goroutines: boolean;
}

type Show<T> = (value: T) => string;
/** A figure of a program: `?` and no source where nothing told it. */
export type GoFigure = readonly [name: string, value: string, source: string];

const count: Show<number> = (value) => String(round(value, 0));
const bytes: Show<number | 'off'> = (value) => (value === 'off' ? 'off' : humanBytes(value));
const setting: Show<number | 'off'> = (value) => String(value);
const time: Show<number> = (value) => (value < 1 ? `${round(value * 1000, 3)} ms` : humanSeconds(value));

function source({ from, detail, ageSeconds }: Known<unknown>): string {
  // Younger than a second is of this moment for a person.
  const age = ageSeconds === undefined || ageSeconds < 1 ? '' : `, ${humanSeconds(ageSeconds)} old`;
  return plain(`${from}${detail === undefined ? '' : `: ${detail}`}${age}`);
}

function row<T>(name: string, known: Known<T> | undefined, show: Show<T>): GoFigure {
  return known === undefined ? [name, '?', ''] : [name, show(known.value), source(known)];
}

/** Settings and figures of one program, each with its source. */
export function goFigures({ settings, runtime }: GoProcessModel): GoFigure[] {
  return [
    row('GOMAXPROCS', settings.gomaxprocs, count),
    row('GOGC', settings.gogc, setting),
    row('GOMEMLIMIT', settings.gomemlimit, bytes),
    row('heap live', runtime.heapLiveBytes, bytes),
    row('heap allocated', runtime.heapAllocBytes, bytes),
    row('heap trigger', runtime.heapTriggerBytes, bytes),
    row(
      runtime.goalSetBy === undefined ? 'heap goal' : `heap goal (${runtime.goalSetBy})`,
      runtime.heapGoalBytes,
      bytes,
    ),
    row('heap in use', runtime.heapInuseBytes, bytes),
    row('heap idle', runtime.heapIdleBytes, bytes),
    row('heap released', runtime.heapReleasedBytes, bytes),
    row('stacks', runtime.stackInuseBytes, bytes),
    row('metadata', runtime.metadataBytes, bytes),
    row('managed', runtime.managedBytes, bytes),
    row('goroutines', runtime.goroutines, count),
    row('  runnable', runtime.runnableGoroutines, count),
    row('threads', runtime.threads, count),
    row('GC cycles', runtime.gcCycles, count),
    row('  forced', runtime.forcedGcCycles, count),
    row('GC pauses, total', runtime.gcPauseSecondsTotal, time),
    row('GC pause p99', runtime.gcPauseP99Seconds, time),
    row('GC share of CPU', runtime.gcCpuRatio, percent),
    row('scheduler latency p99', runtime.schedulerLatencyP99Seconds, time),
  ];
}

function heading(process: GoProcessModel, style: TableStyle): string {
  const { mainModule, mainVersion, goVersion, pid, name } = process;
  const module = mainModule === undefined ? '' : `, ${mainModule} ${mainVersion ?? ''}`.trimEnd();
  return `${paint(cellName(name, 60), 'bold', style)} ${plain(`(pid ${pid}): ${goVersion}${module}`)}`;
}

function sources({ memorySource, endpoint, endpointDetail }: GoProcessModel): string[] {
  const memory = memorySource.detail === '' ? memorySource.state : `${memorySource.state} (${memorySource.detail})`;
  const answer = endpoint ?? `none (${endpointDetail})`;
  return [`  memory:   ${plain(memory)}`, `  endpoint: ${plain(answer)}`];
}

function contradictions({ settings }: GoProcessModel): string[] {
  return settings.contradictions.map(({ setting: name, values }) => {
    const claims = values.map((known) => `${known.value} (${source(known)})`);
    return plain(`  ${name} is told differently: ${claims.join(', ')}`);
  });
}

function goroutines({ runtime }: GoProcessModel): string[] {
  const sites = runtime.goroutineSites;
  if (sites === undefined) return ['  goroutines by site: not known'];
  const rows = sites.map(({ count: number, growth, cause, waitSeconds, site, createdBy }) => [
    String(number),
    growth === undefined ? '' : growth > 0 ? `+${growth}` : String(growth),
    plain(cause ?? ''),
    waitSeconds === undefined ? '' : `>= ${humanSeconds(waitSeconds)}`,
    plain(site),
    createdBy === undefined ? '' : plain(`started at ${createdBy}`),
  ]);
  const from = sites[0]?.from === 'memory' ? 'the function they run' : 'where they are';
  const leaked = runtime.leakedGoroutines;
  return [
    `  goroutines by site (${from}):`,
    ...columns(rows, new Set([0, 1])).map((line) => `    ${line}`),
    ...(leaked === undefined ? [] : [`  can never run on: ${leaked.value} (${source(leaked)})`]),
    ...contention('blocking', runtime.blocking),
    ...contention('mutexes', runtime.mutexContention),
  ];
}

function contention(what: string, model: ContentionModel | undefined): string[] {
  if (model === undefined) return [];
  const rows = model.sites.map(({ site, events, delaySeconds, meanDelaySeconds }) => [
    time(delaySeconds),
    `${events} x`,
    time(meanDelaySeconds),
    plain(site),
  ]);
  return [
    `  ${what} in ${humanSeconds(model.windowSeconds)} (delay, times, mean):`,
    ...columns(rows, new Set([0, 1, 2])).map((line) => `    ${line}`),
  ];
}

/** One process as the agent sees it: every figure with its source, for a terminal. `?`: nothing told it. */
export function goView(process: GoProcessModel, parts: GoViewParts, style: TableStyle): string {
  return [
    heading(process, style),
    ...sources(process),
    '',
    ...columns(goFigures(process), new Set([1])).map((line) => `  ${line}`),
    ...contradictions(process),
    ...(parts.goroutines ? ['', ...goroutines(process)] : []),
  ].join('\n');
}

/** The memory profile, or why there is none. */
export function heapView(heap: HeapProfile | string): string {
  if (typeof heap === 'string') return `  memory profile: not known (${plain(heap)})`;
  const rows = heap.sites.map(({ inUseBytes, inUseObjects, allocBytes, stack }) => {
    const place = stack.find(({ function: name }) => !name.startsWith('runtime.')) ?? stack[0];
    const where = place === undefined ? 'unknown' : `${place.function} (${place.file}:${place.line})`;
    return [humanBytes(inUseBytes), String(inUseObjects), humanBytes(allocBytes), plain(where)];
  });
  const head = ['IN USE', 'OBJECTS', 'ALLOCATED', 'WHERE'];
  return [
    `  memory profile, as sampled: ${humanBytes(heap.inUseBytes)} in ${heap.inUseObjects} objects in use, ${humanBytes(heap.allocBytes)} allocated`,
    ...columns([head, ...rows], new Set([0, 1, 2])).map((line) => `    ${line}`),
  ].join('\n');
}
