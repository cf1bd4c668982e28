import type { GoroutineProfile, MemStats, PprofIndex } from '../../src/go/types.ts';
import type { TargetState } from '../go-targets/target-state.ts';
import { between, type Comparison, same } from './comparison.ts';
import { lastGc, stat } from './truth.ts';

/** What an endpoint says of memory, against the program's own word before and after. */
export function compareMemStats(source: string, told: MemStats, before: TargetState, after: TargetState): Comparison[] {
  const bytes = (quantity: string, value: number | undefined, name: Parameters<typeof stat>[1]): Comparison =>
    between(`${source}: ${quantity}`, value, stat(before, name), stat(after, name), 1e6 + 0.05 * stat(after, name));
  const { NumGC: cyclesBefore, NumForcedGC: forcedBefore } = before.memStats;
  const { NumGC: cyclesAfter, NumForcedGC: forcedAfter } = after.memStats;
  return [
    between(`${source}: GC cycles`, told.numGc, cyclesBefore, cyclesAfter),
    between(`${source}: forced GC cycles`, told.numForcedGc, forcedBefore, forcedAfter),
    between(`${source}: last GC`, told.lastGcUnixMs, lastGc(before), lastGc(after), 1),
    bytes('heap in use', told.heapInuse, 'HeapInuse'),
    bytes('heap released', told.heapReleased, 'HeapReleased'),
    bytes('stacks', told.stackInuse, 'StackInuse'),
    bytes('Sys', told.sys, 'Sys'),
    ...(told.nextGc === 'off' ? [] : [bytes('heap goal', told.nextGc, 'NextGC')]),
  ];
}

/** A request starts its handler and a reader behind it. */
const REQUEST = 4;

export function compareIndex(told: PprofIndex, before: TargetState, after: TargetState): Comparison[] {
  return [between('index: goroutines', told.goroutines, before.numGoroutine, after.numGoroutine, REQUEST)];
}

/** Goroutines that the flags of the server ask for: how many at which of its functions wait for what. */
export function compareProfile(
  profile: GoroutineProfile,
  expected: readonly { readonly at: string; readonly count: number; readonly cause: string }[],
): Comparison[] {
  return expected.map(({ at, count, cause }) => {
    const groups = profile.groups.filter(({ stack }) => stack.some((name) => name.endsWith(`.${at}`)));
    const causes = [...new Set(groups.map((group) => group.cause))].join(', ');
    const total = groups.reduce((sum, group) => sum + group.count, 0);
    return same(`goroutine profile: ${at}`, `${total} ${causes}`, `${count} ${cause}`);
  });
}
