import { BrokenProfile, eachField, indexProfile, numbersAt, type ProfileIndex, type Range } from './pprof-messages.ts';
import { type Frame, FrameTable } from './profile-frames.ts';
import { isProfilerFrame, siteOf } from './stack-site.ts';
import type { GoroutineGroup, GoroutineProfile } from './types.ts';

/** How much of a profile is kept. */
export interface GoroutineProfileOptions {
  /** Largest groups kept. */
  readonly maxGroups: number;
  /** Frames kept of a stack, from the innermost; at most 64. */
  readonly maxStack: number;
}

interface Stack {
  count: number;
  readonly locations: readonly number[];
}

/** The runtime cuts stacks at 128 program counters (32 up to 1.22). */
const MAX_LOCATIONS = 256;
const MAX_STACK = 64;

/**
 * Reads a goroutine (or goroutineleak) profile, debug=0, after gunzip. Goroutines with the same stack are one group, whatever their
 * labels. The goroutine that writes the profile, and any other inside net/http/pprof, is left out of groups and total.
 * Groups come by falling count; memory is bounded by the input and the options, not by what ids in it claim.
 * Returns undefined when the bytes are cut off, are no profile, or are a profile of something else.
 * Source: google/pprof proto/profile.proto, Go runtime/pprof/proto.go (1.19 to 1.27).
 */
export function parseGoroutineProfile(
  bytes: Uint8Array,
  options: GoroutineProfileOptions,
): GoroutineProfile | undefined {
  try {
    return readProfile(bytes, options);
  } catch (error) {
    // pbf says in plain errors what this room's reader says in its own: the bytes do not decode.
    if (error instanceof BrokenProfile || error instanceof RangeError || isPbfError(error)) return undefined;
    throw error;
  }
}

function readProfile(bytes: Uint8Array, options: GoroutineProfileOptions): GoroutineProfile | undefined {
  const profile = indexProfile(bytes);
  const frames = new FrameTable(profile);
  if (!frames.sampleTypeName(0).startsWith('goroutine')) return undefined;
  const fromProfiler = new Map<number, boolean>();
  const isProfiler = (location: number): boolean => {
    let known = fromProfiler.get(location);
    if (known === undefined) {
      known = frames.framesAt(location).some((frame) => isProfilerFrame(frame.function));
      fromProfiler.set(location, known);
    }
    return known;
  };
  let total = 0;
  const groups: Stack[] = [];
  for (const stack of stacksOf(profile).values()) {
    if (stack.count <= 0 || stack.locations.some(isProfiler)) continue;
    total += stack.count;
    groups.push(stack);
  }
  groups.sort((one, other) => other.count - one.count);
  const kept = groups.slice(0, Math.max(0, options.maxGroups));
  const keptGoroutines = kept.reduce((sum, group) => sum + group.count, 0);
  return {
    total,
    groups: kept.map((stack) => groupOf(stack, frames, Math.min(MAX_STACK, options.maxStack))),
    otherGoroutines: total - keptGoroutines,
  };
}

function stacksOf(profile: ProfileIndex): Map<string, Stack> {
  const stacks = new Map<string, Stack>();
  for (const range of profile.samples) {
    const sample = readSample(profile.bytes, range);
    const key = sample.locations.join(',');
    const known = stacks.get(key);
    if (known === undefined) stacks.set(key, sample);
    else known.count += sample.count;
  }
  return stacks;
}

function readSample(bytes: Uint8Array, range: Range): Stack {
  const locations: number[] = [];
  let count: number | undefined;
  eachField(bytes, range, (field, reader, end) => {
    if (field === 1)
      numbersAt(reader, end, false, (id) => {
        if (locations.length < MAX_LOCATIONS) locations.push(id);
      });
    else if (field === 2)
      numbersAt(reader, end, true, (value) => {
        count ??= value;
      });
  });
  if (count === undefined || !Number.isSafeInteger(count)) throw new BrokenProfile('a sample has no count');
  return { count, locations };
}

function groupOf(stack: Stack, table: FrameTable, maxStack: number): GoroutineGroup {
  const frames: Frame[] = [];
  for (const location of stack.locations) frames.push(...table.framesAt(location));
  return {
    count: stack.count,
    stack: frames.slice(0, Math.max(0, maxStack)).map((frame) => frame.function),
    site: siteOf(frames),
  };
}

function isPbfError(error: unknown): boolean {
  return error instanceof Error && /^(?:Expected varint|Unimplemented type)/.test(error.message);
}
