import type { TargetMemStats, TargetState } from '../go-targets/target-state.ts';

/* What a program says of itself, as numbers. Undefined: the runtime of its version does not tell. */

type Amount = { [K in keyof TargetMemStats]: TargetMemStats[K] extends string ? K : never }[keyof TargetMemStats];

export const stat = (state: TargetState, name: Amount): number => Number(state.memStats[name]);

export function metric(state: TargetState, name: string): number | undefined {
  const found = state.metrics[name];
  return found?.kind === 'uint64' || found?.kind === 'float64' ? Number(found.value) : undefined;
}

/** All observations of a histogram. */
export function observations(state: TargetState, name: string): number | undefined {
  const found = state.metrics[name];
  return found?.kind === 'histogram' ? found.counts.reduce((sum, count) => sum + Number(count), 0) : undefined;
}

export const gogc = ({ gogc: percent }: TargetState): number | 'off' => (percent < 0 ? 'off' : percent);

/** math.MaxInt64 is no limit. */
export function gomemlimit({ gomemlimit: limit }: TargetState): number | 'off' | undefined {
  if (limit === undefined) return undefined;
  return limit === '9223372036854775807' ? 'off' : Number(limit);
}

/** Unix milliseconds of the last collection; undefined before the first. */
export function lastGc(state: TargetState): number | undefined {
  const nanoseconds = BigInt(state.memStats.LastGC);
  return nanoseconds === 0n ? undefined : Number(nanoseconds / 1000n) / 1000;
}
