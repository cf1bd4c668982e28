import type { GoroutineCensus, HeapProfile, RuntimeSnapshot } from '../../src/go/memory/types.ts';
import type { HeapState, TargetState } from '../go-targets/target-state.ts';
import type { Behaviour } from './behaviours.ts';
import { between, type Comparison, same } from './comparison.ts';
import { gogc, gomemlimit, lastGc, metric, observations, stat } from './truth.ts';

/** Making JSON of its state costs the program some memory between the two moments. */
const BYTES = 512 * 1024;

const gcSeconds = (state: TargetState): number | undefined => metric(state, '/cpu/classes/gc/total:cpu-seconds');
const idleSeconds = (state: TargetState): number | undefined => metric(state, '/cpu/classes/idle:cpu-seconds');

/** Runtime variables against the program's own word. `threads`: of the kernel. `busy`: bytes come and go by the megabyte. */
export function compareSnapshot(
  told: RuntimeSnapshot,
  before: TargetState,
  after: TargetState,
  threads: readonly [number, number],
  busy: boolean,
): Comparison[] {
  // A figure that a collection sets is the same on both sides when none came in between.
  const settled = before.memStats.NumGC === after.memStats.NumGC;
  const atRest = <T>(value: T | undefined): T | undefined => (settled ? value : undefined);
  const bytes = (quantity: string, value: number | undefined, of: (state: TargetState) => number): Comparison =>
    between(quantity, value, of(before), of(after), BYTES + (busy ? 0.5 : 0.02) * of(after));
  const goal = stat(after, 'NextGC');
  return [
    same('GOMAXPROCS', told.gomaxprocs, after.gomaxprocs),
    same('CPUs', told.ncpu, after.numCpu),
    same('GOGC', told.gogc, gogc(after)),
    same('GOMEMLIMIT', told.gomemlimit, gomemlimit(after)),
    between('GC cycles', told.numGc, before.memStats.NumGC, after.memStats.NumGC),
    between('forced GC cycles', told.numForcedGc, before.memStats.NumForcedGC, after.memStats.NumForcedGC),
    between('pauses', told.pauseTotalNs, stat(before, 'PauseTotalNs'), stat(after, 'PauseTotalNs')),
    between('last GC', told.lastGcUnixMs, lastGc(before), lastGc(after), 1),
    same(
      'newest pause',
      atRest(told.recentPauses[0]?.pauseNs),
      Number(after.memStats.PauseNs[(after.memStats.NumGC + 255) % 256]),
    ),
    same('heap live', atRest(told.heapMarked), metric(after, '/gc/heap/live:bytes') ?? told.heapMarked),
    // Under a memory limit the goal moves with whatever is mapped, by a page at a time.
    goal >= 2 ** 62
      ? same<number | 'off'>('heap goal', atRest(told.heapGoal), 'off')
      : between('heap goal', numeric(atRest(told.heapGoal)), stat(before, 'NextGC'), goal, 0.005 * goal),
    bytes('heap in use', told.heapInUse, (state) => stat(state, 'HeapInuse')),
    bytes('heap released', told.heapReleased, (state) => stat(state, 'HeapReleased')),
    bytes('managed', told.mappedReady, (state) => stat(state, 'Sys') - stat(state, 'HeapReleased')),
    bytes('stacks', told.stacksInUse, (state) => stat(state, 'StackInuse')),
    bytes('metadata', metadata(told), ownMetadata),
    between('goroutines', told.goroutines, before.numGoroutine, after.numGoroutine),
    // Cgo keeps a thread's structure ready that no kernel thread has yet.
    between('threads', told.threads, threads[0], threads[1], before.cgo ? 2 : 0),
    between('GC CPU', seconds(atRest(told.cpuClasses?.gcTotal)), gcSeconds(before), gcSeconds(after), 1e-9),
    between('idle CPU', seconds(atRest(told.cpuClasses?.idle)), idleSeconds(before), idleSeconds(after), 1e-9),
    between(
      'GC limiter cycle',
      told.limiterLastEnabledCycle,
      metric(before, '/gc/limiter/last-enabled:gc-cycle'),
      metric(after, '/gc/limiter/last-enabled:gc-cycle'),
    ),
    between(
      'scheduler latencies',
      told.schedulerLatency?.counts.reduce((sum, count) => sum + count, 0),
      observations(before, '/sched/latencies:seconds'),
      observations(after, '/sched/latencies:seconds'),
    ),
  ];
}

const numeric = (value: number | 'off' | undefined): number | undefined => (value === 'off' ? undefined : value);
const seconds = (nanoseconds: number | undefined): number | undefined =>
  nanoseconds === undefined ? undefined : nanoseconds / 1e9;

function metadata({ mspanSys, mcacheSys, buckHashSys, gcSys, otherSys }: RuntimeSnapshot): number | undefined {
  const parts = [mspanSys, mcacheSys, buckHashSys, gcSys, otherSys];
  return parts.some((part) => part === undefined)
    ? undefined
    : parts.reduce<number>((sum, part) => sum + (part ?? 0), 0);
}

function ownMetadata(state: TargetState): number {
  const parts = ['MSpanSys', 'MCacheSys', 'BuckHashSys', 'GCSys', 'OtherSys'] as const;
  return parts.reduce((sum, name) => sum + stat(state, name), 0);
}

/** Goroutines a target was told to start: how many run which function, and in what words they wait. */
export function compareCensus(
  census: GoroutineCensus,
  state: TargetState,
  expected: Behaviour['goroutines'],
): Comparison[] {
  return [
    same('goroutines counted', census.total, state.numGoroutine),
    ...expected.map(({ at, count, reasons }) => {
      const sites = census.sites.filter(
        (site) =>
          (site.entry?.function.endsWith(`.${at}`) ?? false) || (site.createdBy?.function.endsWith(`.${at}`) ?? false),
      );
      const told = sites.map((site) => `${site.count} ${site.waitReason}`).join(', ');
      const right = reasons.map((reason) => `${count} ${reason}`);
      return same(`goroutines of ${at}`, right.includes(told) ? right[0] : told, right[0]);
    }),
  ];
}

/** The memory profile is of the last collection but one: the same on both sides when none came in between. */
export function compareHeap(profile: HeapProfile, before: HeapState, after: HeapState): Comparison[] {
  const resting = before.allocObjects === after.allocObjects && before.inUseBytes === after.inUseBytes;
  if (!resting) return [];
  return [
    same('memory profile: in use', profile.inUseBytes, after.inUseBytes),
    same('memory profile: objects', profile.inUseObjects, after.inUseObjects),
    same('memory profile: allocated', profile.allocBytes, after.allocBytes),
  ];
}
