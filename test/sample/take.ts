import { runAtOnce } from '../../src/agent/slices.ts';
import { type ConfiguredEndpoint } from '../../src/sample/endpoints/discover.ts';
import type { EndpointPoller } from '../../src/sample/endpoints/poller.ts';
import type { ProcessNames } from '../../src/sample/go-programs.ts';
import { Sampler, type SamplerOptions } from '../../src/sample/sampler.ts';
import type { NodeSample } from '../../src/sample/types.ts';

/** A sampler whose clock moves ten seconds with each sample. */
export interface Taking {
  readonly sampler: Sampler;
  readonly clock: { now(): { wallMs: number; monotonicMs: number } };
  /** Takes `count` samples and gives the last. */
  readonly take: (count?: number) => NodeSample;
}

export interface TakingOptions {
  readonly slowEvery?: number;
  readonly rareEvery?: number;
  readonly rescanEvery?: number;
  readonly poller?: EndpointPoller;
  readonly memory?: Omit<NonNullable<SamplerOptions['memory']>, 'clock'>;
  readonly configured?: (names: ProcessNames) => ConfiguredEndpoint | undefined;
  readonly pods?: SamplerOptions['pods'];
}

export function taking(paths: SamplerOptions['paths'], options: TakingOptions = {}): Taking {
  let elapsed = 0;
  const clock = { now: () => ({ wallMs: 1_795_000_000_000 + elapsed, monotonicMs: 5000 + elapsed }) };
  const { slowEvery = 1, rareEvery = 1, rescanEvery = 1 } = options;
  const sampler = new Sampler({
    paths,
    clock,
    cadences: { slowEvery, rareEvery },
    rescanEvery,
    poller: options.poller,
    pods: options.pods,
    processes: 'cgroups',
    memory: options.memory === undefined ? undefined : { ...options.memory, clock },
    configured: options.configured ?? (() => undefined),
  });
  const once = (): NodeSample => {
    const sample = runAtOnce(sampler.take());
    elapsed += 10_000;
    return sample;
  };
  return {
    sampler,
    clock,
    take: (count = 1) => {
      for (let taken = 1; taken < count; taken += 1) once();
      return once();
    },
  };
}
