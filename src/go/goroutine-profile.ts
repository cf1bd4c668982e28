import { labelsOf } from './goroutine-labels.ts';
import { BrokenProfile } from './pprof-messages.ts';
import type { ProfileStream, SampleRow } from './pprof-profile.ts';
import { FrameTable, someId } from './profile-frames.ts';
import { ProfileReader } from './profile-reader.ts';
import { entryOf, isProfilerFrame, siteOf } from './stack-site.ts';
import type { GoroutineGroup, GoroutineProfile } from './types.ts';
import { waitCauseOf } from './wait-cause.ts';

/** How much of a profile is kept. */
export interface GoroutineProfileOptions {
  /** Largest groups kept. */
  readonly maxGroups: number;
  /** Frames kept of a stack, from the innermost; at most 64. */
  readonly maxStack: number;
}

interface Group {
  count: number;
  readonly locations: string;
  readonly labels: string;
}

const MAX_STACK = 64;
const MAX_COUNT = 2 ** 32;
/** Labels may name each request: beyond this many sets, the goroutines of a stack are one group. */
const MAX_LABEL_SETS = 8;

/**
 * Reads a goroutine (or goroutineleak) profile, debug=0, as it is inflated. Goroutines with the same stack and labels are one group.
 * The goroutine that writes the profile, and any other inside net/http/pprof, is left out of groups and total.
 * Groups come by falling count; memory is bounded by the caps of {@link ProfileStream} and the options, not by what ids in it claim.
 * Source: google/pprof proto/profile.proto, Go runtime/pprof/proto.go (1.17 to 1.27).
 */
export function goroutineProfileReader(options: GoroutineProfileOptions): ProfileReader<GoroutineProfile> {
  return new ProfileReader((profile) => readGroups(profile, options));
}

/** As {@link goroutineProfileReader}, of a profile that is already inflated. */
export function parseGoroutineProfile(
  bytes: Uint8Array,
  options: GoroutineProfileOptions,
): GoroutineProfile | undefined {
  const reader = goroutineProfileReader(options);
  return reader.write(bytes) ? reader.end() : undefined;
}

function readGroups(profile: ProfileStream, options: GoroutineProfileOptions): GoroutineProfile | undefined {
  const frames = new FrameTable(profile);
  if (!frames.sampleTypeName(0).startsWith('goroutine')) return undefined;
  const groups = groupsOf(profile.samples.values(), frames);
  groups.sort((one, other) => other.count - one.count);
  const total = sumOf(groups);
  const kept = groups.slice(0, Math.max(0, options.maxGroups));
  const maxStack = Math.max(0, Math.min(MAX_STACK, options.maxStack));
  return {
    total,
    groups: kept.map((group) => describe(group, frames, profile, maxStack)),
    otherGoroutines: total - sumOf(kept),
  };
}

function groupsOf(samples: Iterable<SampleRow>, frames: FrameTable): Group[] {
  const profilers = new Map<number, boolean>();
  const fromProfiler = (location: number): boolean => {
    const known = profilers.get(location);
    // Ids that lead nowhere are not remembered: there may be millions.
    if (known !== undefined || !frames.knows(location)) return known ?? false;
    const profiler = frames.framesAt(location).some((frame) => isProfilerFrame(frame.function));
    profilers.set(location, profiler);
    return profiler;
  };
  const groups: Group[] = [];
  const stacks = new Map<string, { sets: number; unlabelled: Group | undefined }>();
  for (const { locations, labels, values } of samples) {
    const [count] = values;
    if (count > MAX_COUNT) throw new BrokenProfile('more goroutines than memory can hold');
    if (count <= 0 || someId(locations, fromProfiler)) continue;
    const stack = stacks.get(locations) ?? { sets: 0, unlabelled: undefined };
    stacks.set(locations, stack);
    const labelled = labels !== '' && stack.sets < MAX_LABEL_SETS;
    if (labelled) stack.sets += 1;
    if (!labelled && stack.unlabelled !== undefined) {
      stack.unlabelled.count += count;
      continue;
    }
    const group: Group = { count, locations, labels: labelled ? labels : '' };
    if (!labelled) stack.unlabelled = group;
    groups.push(group);
  }
  return groups;
}

function describe(group: Group, table: FrameTable, { text }: ProfileStream, maxStack: number): GoroutineGroup {
  const frames = table.framesOf(group.locations);
  const names = frames.map((frame) => frame.function);
  return {
    count: group.count,
    stack: names.slice(0, maxStack),
    site: siteOf(frames),
    entry: entryOf(frames),
    cause: waitCauseOf(names),
    labels: labelsOf(group.labels, text),
  };
}

function sumOf(groups: readonly Group[]): number {
  return groups.reduce((sum, group) => sum + group.count, 0);
}
