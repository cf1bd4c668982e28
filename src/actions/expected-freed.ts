import type { Known } from '../base/known.ts';
import type { GoProcessModel } from '../model/go-process-types.ts';
import { humanBytes, percent } from '../rules/quantity.ts';
import type { NotNudged, NudgeSettings } from './gc-nudge-types.ts';

/** Older readings say nothing of a heap that allocates. */
const FRESH_SECONDS = 5;
/** After a collection what it freed is still being given back, and a new one finds little. */
const LEAST_SINCE_GC_SECONDS = 10;
/** From this share of the trigger on the runtime is about to collect by itself, or has begun. */
const DUE_RATIO = 0.9;
/** Of what is missing: a collection that frees less changes nothing. */
const SHARE_OF_MISSING = 0.5;
/** Of the live heap, by which a collection is paid for: marking much to free little is how a death spiral looks. */
const SHARE_OF_LIVE = 0.25;
/** Whose last collection is so long past does not collect hard, whatever that one cost: in a death spiral they follow each other at once. */
const AT_REST_SECONDS = 30;

/** Heap figures of one reading of the program's memory. */
export interface ExpectedFreed {
  readonly heapAllocBytes: number;
  readonly expectedBytes: number;
  readonly gcCycles: number;
  readonly forcedGcCycles: number;
}

export interface NotWorthIt {
  readonly reason: NotNudged;
  readonly detail: string;
}

/**
 * What a collection would free at most, heapLive - heapMarked (runtime/mgcpacer.go), or why none is to be asked for. What lives of the
 * memory allocated since is only known afterwards. All of it must come from the memory of the process, in this cycle.
 */
export function expectedFreed(
  { runtime, goMinor }: GoProcessModel,
  missingBytes: number,
  settings: NudgeSettings,
  nowUnixMs: number,
): ExpectedFreed | NotWorthIt {
  const alloc = fresh(runtime.heapAllocBytes);
  const live = fresh(runtime.heapLiveBytes);
  const cycles = fresh(runtime.gcCycles);
  const forced = fresh(runtime.forcedGcCycles);
  const lastGcUnixMs = fresh(runtime.lastGcUnixMs);
  const idle = fresh(runtime.heapIdleBytes);
  const released = fresh(runtime.heapReleasedBytes);
  const trigger = fresh(runtime.heapTriggerBytes);
  const unknown = (what: string): NotWorthIt => ({ reason: 'unknown', detail: `not known from memory: ${what}` });
  if (alloc === undefined) return unknown('heap allocated');
  if (live === undefined) return unknown('live heap (no collection has run yet, or the memory is not read)');
  if (cycles === undefined || forced === undefined) return unknown('number of collections');
  if (lastGcUnixMs === undefined) return unknown('time of the last collection');
  if (idle === undefined || released === undefined) return unknown('heap idle and released');
  // Without a goal nothing begins by itself.
  if (trigger === undefined && runtime.heapGoalBytes?.value !== 'off') return unknown('heap trigger');

  const expectedBytes = Math.max(0, alloc - live);
  const wanted = Math.max(settings.minFreedBytes, SHARE_OF_MISSING * missingBytes, SHARE_OF_LIVE * live);
  if (expectedBytes < wanted)
    return {
      reason: 'little-to-free',
      detail: `${humanBytes(expectedBytes)} allocated since the last mark, ${humanBytes(wanted)} would be worth it`,
    };
  // What was freed and kept is allocated from first: until it is used up the heap does not grow, and a collection would only add to it.
  const keptBytes = idle - released;
  if (keptBytes >= wanted)
    return {
      reason: 'free-heap',
      detail: `the runtime has ${humanBytes(keptBytes)} of free heap to allocate from first`,
    };
  const sinceSeconds = (nowUnixMs - lastGcUnixMs) / 1000;
  if (sinceSeconds < LEAST_SINCE_GC_SECONDS)
    return { reason: 'recent-collection', detail: `the last collection was ${sinceSeconds.toFixed(1)} s ago` };
  if (trigger !== undefined && alloc >= DUE_RATIO * trigger)
    return {
      reason: 'collection-due',
      detail: `at ${humanBytes(alloc)} of a trigger of ${humanBytes(trigger)} the runtime collects by itself`,
    };
  const limiter = runtime.gcLimiterActive?.value;
  if (limiter === undefined && goMinor >= 19) return unknown('whether the GC CPU limiter is on');
  if (limiter === true) return { reason: 'collecting-hard', detail: 'the GC CPU limiter is on' };
  const share = runtime.gcCpuRatio?.value ?? (sinceSeconds >= AT_REST_SECONDS ? 0 : undefined);
  if (share === undefined) return unknown('share of CPU time that collecting takes');
  if (share > settings.maxGcCpuRatio)
    return {
      reason: 'collecting-hard',
      detail: `collecting takes ${percent(share)} of the program’s CPU time already`,
    };
  return { heapAllocBytes: alloc, expectedBytes, gcCycles: cycles, forcedGcCycles: forced };
}

function fresh(known: Known<number> | undefined): number | undefined {
  return known?.from === 'memory' && (known.ageSeconds ?? 0) <= FRESH_SECONDS ? known.value : undefined;
}
