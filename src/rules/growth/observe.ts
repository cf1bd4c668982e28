import { addToLevels, openLevels } from './levels.ts';
import type { GrowthSample, GrowthState } from './types.ts';

// Start times are worked out from an age in seconds and jitter; a new process is further off than this.
const SAME_START_SECONDS = 60;
// A clock that was set back this far is a new time line, not a late sample.
const CLOCK_SET_BACK_SECONDS = 3600;
// Well within whole numbers, and far beyond any time.
const MAX_SECONDS = 1e12;
const EMPTY = { firstAtSeconds: 0, startedAtSeconds: undefined, samples: 0, levels: [] } as const;

/**
 * Takes one sample into the memory of a process; `state` is undefined before the first. Samples may come at any interval and with
 * gaps. A sample that is not later than the last one, or that is no count, changes nothing. An uptime that tells of another process
 * starts anew.
 */
export function observeGrowth(state: GrowthState | undefined, sample: GrowthSample): GrowthState {
  const { atSeconds, goroutines, uptimeSeconds } = sample;
  if (!isUsable(sample)) return state ?? { ...EMPTY, last: sample };
  const startedAtSeconds =
    uptimeSeconds !== undefined && uptimeSeconds >= 0 && uptimeSeconds <= MAX_SECONDS
      ? atSeconds - uptimeSeconds
      : undefined;
  const memoryKib = kib(sample.memoryCurrentBytes);
  if (state === undefined || state.samples === 0 || isAnother(state, startedAtSeconds) || isSetBack(state, atSeconds)) {
    return {
      firstAtSeconds: atSeconds,
      startedAtSeconds,
      samples: 1,
      last: sample,
      levels: openLevels(atSeconds, goroutines, memoryKib),
    };
  }
  if (atSeconds <= state.last.atSeconds) return state;
  return {
    firstAtSeconds: state.firstAtSeconds,
    startedAtSeconds: state.startedAtSeconds ?? startedAtSeconds,
    samples: state.samples + 1,
    last: sample,
    levels: addToLevels(state.levels, atSeconds, goroutines, memoryKib),
  };
}

function isUsable({ atSeconds, goroutines }: GrowthSample): boolean {
  return Math.abs(atSeconds) <= MAX_SECONDS && goroutines >= 0 && Number.isSafeInteger(goroutines);
}

function isAnother(state: GrowthState, startedAtSeconds: number | undefined): boolean {
  const known = state.startedAtSeconds;
  return known !== undefined && startedAtSeconds !== undefined && startedAtSeconds > known + SAME_START_SECONDS;
}

function isSetBack(state: GrowthState, atSeconds: number): boolean {
  return atSeconds < state.last.atSeconds - CLOCK_SET_BACK_SECONDS;
}

// Whole KiB: small integers take half the room of other numbers.
function kib(bytes: number | undefined): number | null {
  return bytes === undefined || !(bytes >= 0 && bytes <= Number.MAX_SAFE_INTEGER) ? null : Math.round(bytes / 1024);
}
