import type { Instant } from '../base/clock.ts';
import type { Known } from '../base/known.ts';
import type { MemStats } from '../go/types.ts';
import type { EndpointSample, GoSample, Timed } from '../sample/types.ts';
import type { GoRuntimeModel, GoSettings } from './types.ts';

interface Source {
  readonly at: Instant;
  readonly name: string;
  readonly stats: MemStats;
}

/** Memory statistics by preference: the exposition text costs the process no stop of the world. */
function memorySources(endpoint: EndpointSample): Source[] {
  const sources: Source[] = [];
  if (endpoint.metrics !== undefined)
    sources.push({ at: endpoint.metrics.at, name: 'metrics', stats: endpoint.metrics.value.memStats });
  if (endpoint.memStats !== undefined)
    sources.push({ at: endpoint.memStats.at, name: endpoint.memStats.source, stats: endpoint.memStats.value });
  return sources;
}

function pick<T>(sources: readonly Source[], of: (stats: MemStats) => T | undefined): Known<T> | undefined {
  for (const source of sources) {
    const value = of(source.stats);
    if (value !== undefined) return { value, from: 'endpoint', detail: source.name };
  }
  return undefined;
}

function minus(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : Math.max(0, a - b);
}

/**
 * Live heap: told by go_gc_heap_live_bytes, else worked out from the goal where GOGC sets it:
 * goal = live + (live + stacks + globals) x GOGC / 100 since Go 1.18 (runtime/mgcpacer.go, commit), so with roots left out the
 * result is too high by (stacks + globals) x GOGC / (100 + GOGC).
 */
function heapLive(
  endpoint: EndpointSample,
  sources: readonly Source[],
  settings: GoSettings,
): Known<number> | undefined {
  const told = endpoint.metrics?.value.heapLive;
  if (told !== undefined) return { value: told, from: 'endpoint', detail: 'go_gc_heap_live_bytes' };
  const goal = pick(sources, (stats) => stats.nextGc)?.value;
  const gogc = settings.gogc?.value;
  const limit = settings.gomemlimit?.value;
  if (goal === undefined || goal === 'off' || gogc === undefined || gogc === 'off' || limit !== 'off') return undefined;
  // At the runtime's floor of 4 MiB x GOGC / 100 the goal says nothing about the live heap.
  if (goal <= (4 << 20) * (gogc / 100) * 1.001) return undefined;
  return {
    value: Math.round((goal * 100) / (100 + gogc)),
    from: 'inferred',
    detail: `heap goal x 100 / (100 + GOGC ${gogc})`,
  };
}

function goroutines(endpoint: EndpointSample): Known<number> | undefined {
  const index = endpoint.index;
  const metrics = endpoint.metrics;
  const fromIndex = index?.value.goroutines;
  const fromMetrics = metrics?.value.goroutines;
  if (
    index !== undefined &&
    fromIndex !== undefined &&
    (metrics === undefined || fromMetrics === undefined || index.at.monotonicMs >= metrics.at.monotonicMs)
  ) {
    return { value: fromIndex, from: 'endpoint', detail: 'pprof index' };
  }
  return fromMetrics === undefined ? undefined : { value: fromMetrics, from: 'endpoint', detail: 'go_goroutines' };
}

function known(value: number | undefined, detail: string): Known<number> | undefined {
  return value === undefined ? undefined : { value, from: 'endpoint', detail };
}

const NOTHING: GoRuntimeModel = {
  goroutines: undefined,
  threads: undefined,
  heapGoalBytes: undefined,
  heapLiveBytes: undefined,
  heapAllocBytes: undefined,
  heapInuseBytes: undefined,
  heapIdleBytes: undefined,
  heapReleasedBytes: undefined,
  stackInuseBytes: undefined,
  managedBytes: undefined,
  nonHeapBytes: undefined,
  gcCycles: undefined,
  forcedGcCycles: undefined,
  gcPauseSecondsTotal: undefined,
  lastGcUnixMs: undefined,
  ageSeconds: undefined,
  goroutineSites: undefined,
};

/** The runtime's figures from whichever endpoint gave them. All undefined for a process without one. */
export function goRuntime(sample: GoSample, settings: GoSettings, at: Instant): GoRuntimeModel {
  const endpoint = sample.endpoint;
  if (endpoint === undefined) return NOTHING;
  const sources = memorySources(endpoint);
  const parts: (Timed<unknown> | undefined)[] = [endpoint.index, endpoint.metrics, endpoint.memStats];
  const oldest = Math.min(...parts.flatMap((part) => (part === undefined ? [] : [part.at.monotonicMs])));
  const pauses = endpoint.metrics?.value.gcPauseSumSeconds;
  return {
    goroutines: goroutines(endpoint),
    threads: known(
      endpoint.index?.value.threads ?? endpoint.metrics?.value.threads,
      endpoint.index?.value.threads === undefined ? 'go_threads' : 'pprof index',
    ),
    heapGoalBytes: pick(sources, (stats) => stats.nextGc),
    heapLiveBytes: heapLive(endpoint, sources, settings),
    heapAllocBytes: pick(sources, (stats) => stats.heapAlloc),
    heapInuseBytes: pick(sources, (stats) => stats.heapInuse),
    heapIdleBytes: pick(sources, (stats) => stats.heapIdle),
    heapReleasedBytes: pick(sources, (stats) => stats.heapReleased),
    stackInuseBytes: pick(sources, (stats) => stats.stackInuse),
    managedBytes: pick(sources, (stats) => minus(stats.sys, stats.heapReleased)),
    nonHeapBytes: pick(sources, (stats) => minus(stats.sys, stats.heapSys)),
    gcCycles:
      known(endpoint.metrics?.value.gcPauseCount, 'go_gc_duration_seconds_count') ??
      pick(sources, (stats) => stats.numGc),
    forcedGcCycles: pick(sources, (stats) => stats.numForcedGc),
    gcPauseSecondsTotal: known(pauses, 'go_gc_duration_seconds_sum'),
    lastGcUnixMs: pick(sources, (stats) => stats.lastGcUnixMs),
    ageSeconds: Number.isFinite(oldest) ? Math.max(0, (at.monotonicMs - oldest) / 1000) : undefined,
    goroutineSites: endpoint.goroutines?.value.groups.slice(0, 10).map((group) => ({
      count: group.count,
      site:
        group.site === undefined
          ? (group.stack[0] ?? 'unknown')
          : `${group.site.function} (${group.site.file}:${group.site.line})`,
    })),
  };
}
