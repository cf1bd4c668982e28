import type { ProfileStream } from './pprof-profile.ts';
import { FrameTable } from './profile-frames.ts';
import { ProfileReader } from './profile-reader.ts';
import { siteOf } from './stack-site.ts';
import type { CodePlace } from './types.ts';

/** Events and their delay since the program began to record them. */
export interface Contention {
  readonly events: number;
  readonly delayNs: number;
}

/** Contention of one stack, told apart by its 16 innermost calls. */
export interface ContentionStack extends Contention {
  readonly key: string;
  readonly site: CodePlace | undefined;
  /** Function names, innermost first; at most 16. */
  readonly stack: readonly string[];
}

/**
 * A block or mutex profile. `stacks` is empty when nothing was recorded, which says nothing about contention: recording is off unless
 * the program calls runtime.SetBlockProfileRate or SetMutexProfileFraction. Values are the runtime's estimates from what it sampled.
 */
export interface ContentionProfile extends Contention {
  /** Largest delay first. */
  readonly stacks: readonly ContentionStack[];
  /** Of stacks beyond those kept. */
  readonly other: Contention;
}

const MAX_FRAMES = 16;
const MAX_NAME = 120;

/**
 * Reads a block or mutex profile, debug=0, as it is inflated; keeps the `maxStacks` with the largest delay.
 * Source: Go runtime/pprof pprof.go printCountCycleProfile (1.17 to 1.27): contentions/count and delay/nanoseconds.
 */
export function contentionProfileReader(maxStacks: number): ProfileReader<ContentionProfile> {
  return new ProfileReader((profile) => readStacks(profile, maxStacks));
}

function readStacks(profile: ProfileStream, maxStacks: number): ContentionProfile | undefined {
  const table = new FrameTable(profile);
  if (table.sampleTypeName(0) !== 'contentions' || table.sampleTypeName(1) !== 'delay') return undefined;
  const merged = new Map<string, ContentionStack>();
  for (const { locations, values } of profile.samples.values()) {
    const [events, delayNs] = values;
    if (!(events > 0) || !(delayNs >= 0)) continue;
    const frames = table.framesOf(locations);
    const near = frames.slice(0, MAX_FRAMES);
    const key = near.map((frame) => `${frame.function.slice(0, MAX_NAME)}:${frame.line}`).join('\n');
    const known = merged.get(key);
    merged.set(key, {
      key,
      site: known?.site ?? siteOf(frames),
      stack: known?.stack ?? near.map((frame) => frame.function),
      events: events + (known?.events ?? 0),
      delayNs: delayNs + (known?.delayNs ?? 0),
    });
  }
  const stacks = [...merged.values()].sort((one, other) => other.delayNs - one.delayNs);
  return { ...sumOf(stacks), stacks: stacks.slice(0, maxStacks), other: sumOf(stacks.slice(maxStacks)) };
}

function sumOf(parts: readonly Contention[]): Contention {
  let [events, delayNs] = [0, 0];
  for (const part of parts) {
    events += part.events;
    delayNs += part.delayNs;
  }
  return { events, delayNs };
}
