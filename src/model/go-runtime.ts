import type { Instant } from '../base/clock.ts';
import type { Known } from '../base/known.ts';
import type { GoSample, NodeSample } from '../sample/types.ts';
import { placeText } from './code-place.ts';
import { contention } from './contention.ts';
import type { GoRuntimeModel } from './go-runtime-types.ts';
import type { GoSettings } from './go-settings-types.ts';
import { goroutineSites } from './goroutine-sites.ts';
import { ageSeconds, type RuntimeQuantities, type RuntimeSource, runtimeSources, tell } from './runtime-sources.ts';
import { runtimeWindow } from './runtime-window.ts';

/**
 * Live heap where nobody tells it: worked out from the goal where GOGC sets it: goal = live + (live + stacks + globals) x GOGC / 100
 * since Go 1.18 (runtime/mgcpacer.go, commit), so with roots left out the result is too high by (stacks + globals) x GOGC / (100 + GOGC).
 */
function inferredLive(goal: Known<number | 'off'> | undefined, settings: GoSettings): Known<number> | undefined {
  const gogc = settings.gogc?.value;
  const limit = settings.gomemlimit?.value;
  if (goal === undefined || goal.value === 'off') return undefined;
  if (gogc === undefined || gogc === 'off' || limit !== 'off') return undefined;
  // At the runtime's floor of 4 MiB x GOGC / 100 the goal says nothing about the live heap.
  if (goal.value <= (4 << 20) * (gogc / 100) * 1.001) return undefined;
  return {
    value: Math.round((goal.value * 100) / (100 + gogc)),
    from: 'inferred',
    detail: `heap goal x 100 / (100 + GOGC ${gogc})`,
  };
}

function oldestEndpointAge({ endpoint }: GoSample, at: Instant): number | undefined {
  const parts = [endpoint?.index, endpoint?.metrics, endpoint?.memStats];
  const ages = parts.flatMap((part) => (part === undefined ? [] : [ageSeconds(part.at, at)]));
  return ages.length === 0 ? undefined : Math.max(...ages);
}

function leaked({ endpoint }: GoSample, at: Instant): Known<number> | undefined {
  const leaks = endpoint?.leaks;
  if (leaks === undefined) return undefined;
  const detail = 'goroutineleak profile';
  return { value: leaks.value.total, from: 'endpoint', detail, ageSeconds: ageSeconds(leaks.at, at) };
}

const MAX_LEAKED_SITES = 10;

function leakedSites({ endpoint }: GoSample): GoRuntimeModel['leakedSites'] {
  const bySite = new Map<string, { site: string; count: number; cause: string }>();
  for (const group of endpoint?.leaks?.value.groups ?? []) {
    const site = placeText(group.site) ?? group.stack[0] ?? 'unknown';
    const known = bySite.get(site);
    if (known === undefined) bySite.set(site, { site, count: group.count, cause: group.cause });
    else known.count += group.count;
  }
  if (endpoint?.leaks === undefined) return undefined;
  return [...bySite.values()].toSorted((a, b) => b.count - a.count).slice(0, MAX_LEAKED_SITES);
}

/** The newest word on what changes from moment to moment; the first in the list where two are of one moment. */
function newest(sources: readonly RuntimeSource[], quantity: keyof RuntimeQuantities): readonly RuntimeSource[] {
  return sources
    .filter(({ values }) => values[quantity] !== undefined)
    .toSorted((a, b) => b.at.monotonicMs - a.at.monotonicMs);
}

/**
 * The runtime's figures, each from the best source that tells it: the process's own memory, then its endpoint, then what follows from
 * the rest. All undefined for a process that neither may be read nor answers.
 */
export function goRuntime(go: GoSample, settings: GoSettings, at: NodeSample['at']): GoRuntimeModel {
  const sources = runtimeSources(go);
  const pick = <K extends keyof RuntimeQuantities>(
    quantity: K,
    from: readonly RuntimeSource[] = sources,
  ): Known<RuntimeQuantities[K]> | undefined => {
    for (const source of from) {
      const known = tell(source, quantity, at);
      if (known !== undefined) return known;
    }
    return undefined;
  };
  const heapGoalBytes = pick('heapGoalBytes');
  return {
    goroutines: pick('goroutines', newest(sources, 'goroutines')),
    threads: pick('threads'),
    heapGoalBytes,
    goalSetBy: go.memory.snapshot?.value.goalSetBy,
    heapTriggerBytes: pick('heapTriggerBytes'),
    heapLiveBytes: pick('heapLiveBytes') ?? inferredLive(heapGoalBytes, settings),
    heapAllocBytes: pick('heapAllocBytes'),
    heapInuseBytes: pick('heapInuseBytes'),
    heapIdleBytes: pick('heapIdleBytes'),
    heapReleasedBytes: pick('heapReleasedBytes'),
    stackInuseBytes: pick('stackInuseBytes'),
    metadataBytes: pick('metadataBytes'),
    managedBytes: pick('managedBytes'),
    nonHeapBytes: pick('nonHeapBytes'),
    gcCycles: pick('gcCycles'),
    forcedGcCycles: pick('forcedGcCycles'),
    gcPauseSecondsTotal: pick('gcPauseSecondsTotal'),
    lastGcUnixMs: pick('lastGcUnixMs'),
    gcLimiterLastCycle: pick('gcLimiterLastCycle'),
    idleProcessors: pick('idleProcessors'),
    runnableGoroutines: pick('runnableGoroutines'),
    ...runtimeWindow(go, at),
    ageSeconds: oldestEndpointAge(go, at),
    goroutineSites: goroutineSites(go, at),
    leakedGoroutines: leaked(go, at),
    leakedSites: leakedSites(go),
    blocking: contention(go.endpoint?.block, at),
    mutexContention: contention(go.endpoint?.mutex, at),
  };
}
