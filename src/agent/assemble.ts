import type { Clock } from '../base/clock.ts';
import type { Config, EndpointTarget } from '../config/config.ts';
import { HttpClient } from '../io/http-client.ts';
import { NamespaceDoors } from '../io/namespace-doors.ts';
import { catalogue } from '../rules/catalogue.ts';
import { type EngineOptions, RuleEngine } from '../rules/engine.ts';
import { connectorFor } from '../sample/endpoints/discover-connect.ts';
import { EndpointFetch } from '../sample/endpoints/fetch.ts';
import { EndpointPoller } from '../sample/endpoints/poller.ts';
import type { PollPlan } from '../sample/endpoints/target.ts';
import type { ProcessNames } from '../sample/go-programs.ts';
import { processMemoryAccess } from '../sample/runtime-memory/access.ts';
import type { AddressResolver } from '../sample/runtime-memory/resolver.ts';
import { Sampler, type SamplerOptions } from '../sample/sampler.ts';
import { type Environment, kubernetesPods } from './kubernetes-pods.ts';
import type { NodePaths } from './paths.ts';

/** Goroutine profiles of larger programs are left to a person: one may cost the target tens of megabytes. */
const MAX_PROFILED_GOROUTINES = 50_000;

/** The reading and judging parts, put together for a way of running. */
export interface Machinery {
  readonly sampler: Sampler;
  readonly poller: EndpointPoller | undefined;
  readonly engine: RuleEngine;
  close(): void;
}

/** `daemon` spreads the cost over time; `once` reads everything at every sample and judges at once. */
export type Pace = 'daemon' | 'once';

/** Builds sampler, poller and engine from configuration. The resolver stays the caller's to close. */
export function assemble(
  paths: NodePaths,
  config: Config,
  clock: Clock,
  pace: Pace,
  resolver: AddressResolver,
  processes: SamplerOptions['processes'] = 'cgroups',
  environment: Environment = process.env,
): Machinery {
  const { endpoints } = config;
  const client = endpoints.enabled ? new HttpClient({ keepAlive: pace === 'daemon' }) : undefined;
  const doors = config.discovery.enterNetworkNamespaces
    ? new NamespaceDoors({ procRoot: paths.procfs, now: () => clock.now().monotonicMs })
    : undefined;
  const poller =
    client === undefined
      ? undefined
      : new EndpointPoller({
          fetch: new EndpointFetch(
            client,
            clock,
            { timeoutMs: endpoints.timeoutMs, maxBytes: endpoints.maxBytes },
            (candidate) => connectorFor(candidate, paths.procfs, doors),
          ),
          clock,
          concurrency: endpoints.concurrency,
          plan: pollPlan(config, pace),
        });
  const pods = kubernetesPods(config.kubernetes, environment, clock, pace);
  const sampler = new Sampler({
    paths,
    clock,
    cadences: pace === 'daemon' ? { slowEvery: 4, rareEvery: 20 } : { slowEvery: 1, rareEvery: 1 },
    rescanEvery: pace === 'daemon' ? Math.max(1, Math.round(60_000 / config.intervalMs)) : 1,
    processes,
    discovery: config.discovery,
    pods,
    poller,
    memory: config.runtimeMemory.enabled
      ? {
          clock,
          resolver,
          access: processMemoryAccess(paths.procfs, {
            monotonicNs: () => Number(process.hrtime.bigint()),
            nowMs: () => clock.now().monotonicMs,
          }),
          plan: { goroutineEveryMs: pace === 'daemon' ? config.runtimeMemory.goroutineIntervalMs : 0 },
        }
      : undefined,
    configured: (names) => endpoints.targets.find((target) => fits(target, names)),
  });
  return {
    sampler,
    poller,
    engine: new RuleEngine(engineOptions(config, pace)),
    close: () => {
      sampler.close();
      pods?.close();
      client?.close();
      doors?.close();
    },
  };
}

/** What the engine takes from the configuration. */
export function engineOptions(config: Config, pace: Pace): EngineOptions {
  const { thresholds, rules, overrides } = config;
  return {
    rules: catalogue.filter((rule) => !rules.disable.includes(rule.id)),
    thresholds,
    forCycles: pace === 'daemon' ? thresholds.engine.forCycles : 1,
    clearCycles: pace === 'daemon' ? thresholds.engine.clearCycles : 1,
    coolDownSeconds: pace === 'daemon' ? thresholds.engine.coolDownMs / 1000 : 0,
    // The engine takes the numbers of the first that fits: one that only switches rules off must not stand before one that has some.
    overrides: [
      ...overrides.flatMap((entry) =>
        entry.thresholds === undefined ? [] : [{ ...entry, thresholds: entry.thresholds }],
      ),
      ...overrides.flatMap((entry) => (entry.thresholds === undefined ? [{ ...entry, thresholds }] : [])),
    ],
  };
}

function pollPlan({ endpoints }: Config, pace: Pace): PollPlan {
  const maxProfiledGoroutines = MAX_PROFILED_GOROUTINES;
  if (pace === 'once') return { intervalMs: 0, metricsEveryMs: 0, profileEveryMs: 0, maxProfiledGoroutines };
  const leakEveryMs = endpoints.leakProfileIntervalMs;
  return {
    intervalMs: endpoints.intervalMs,
    metricsEveryMs: endpoints.intervalMs * 4,
    profileEveryMs: endpoints.profileIntervalMs,
    leakEveryMs,
    maxProfiledGoroutines,
  };
}

function fits(target: EndpointTarget, names: ProcessNames): boolean {
  return (
    (target.namespace === undefined || target.namespace === names.namespace) &&
    (target.pod === undefined || target.pod === names.pod) &&
    (target.container === undefined || target.container === names.container) &&
    (target.process === undefined || target.process === names.comm || target.process === names.module)
  );
}
