import { parseExposition, WantedNames } from './exposition.ts';
import { Buckets } from './exposition-buckets.ts';
import type { CumulativeHistogram } from './histogram.ts';
import { nextGcOf } from './mem-stats.ts';
import type { Gogc, GoMetrics, Gomemlimit, MemStats } from './types.ts';

/** Fields of MemStats and the metric each comes from. */
const MEM_STATS = {
  alloc: 'go_memstats_alloc_bytes',
  totalAlloc: 'go_memstats_alloc_bytes_total',
  sys: 'go_memstats_sys_bytes',
  mallocs: 'go_memstats_mallocs_total',
  frees: 'go_memstats_frees_total',
  heapAlloc: 'go_memstats_heap_alloc_bytes',
  heapSys: 'go_memstats_heap_sys_bytes',
  heapIdle: 'go_memstats_heap_idle_bytes',
  heapInuse: 'go_memstats_heap_inuse_bytes',
  heapReleased: 'go_memstats_heap_released_bytes',
  heapObjects: 'go_memstats_heap_objects',
  stackInuse: 'go_memstats_stack_inuse_bytes',
  stackSys: 'go_memstats_stack_sys_bytes',
  mspanInuse: 'go_memstats_mspan_inuse_bytes',
  mspanSys: 'go_memstats_mspan_sys_bytes',
  mcacheInuse: 'go_memstats_mcache_inuse_bytes',
  mcacheSys: 'go_memstats_mcache_sys_bytes',
  buckHashSys: 'go_memstats_buck_hash_sys_bytes',
  gcSys: 'go_memstats_gc_sys_bytes',
  otherSys: 'go_memstats_other_sys_bytes',
  numGc: 'go_gc_duration_seconds_count',
  numForcedGc: 'go_gc_cycles_forced_gc_cycles_total',
} as const satisfies Partial<Record<keyof MemStats, string>>;

/** Fields of GoMetrics that are taken as they are. */
const PLAIN = {
  goroutines: 'go_goroutines',
  threads: 'go_threads',
  gomaxprocs: 'go_sched_gomaxprocs_threads',
  gcPauseCount: 'go_gc_duration_seconds_count',
  gcPauseSumSeconds: 'go_gc_duration_seconds_sum',
  heapLive: 'go_gc_heap_live_bytes',
  limiterLastEnabledCycle: 'go_gc_limiter_last_enabled_gc_cycle',
  cpuGcTotalSeconds: 'go_cpu_classes_gc_total_cpu_seconds_total',
  cpuTotalSeconds: 'go_cpu_classes_total_cpu_seconds_total',
  cpuIdleSeconds: 'go_cpu_classes_idle_cpu_seconds_total',
  processStartTimeSeconds: 'process_start_time_seconds',
  processCpuSeconds: 'process_cpu_seconds_total',
  processResidentBytes: 'process_resident_memory_bytes',
  processOpenFds: 'process_open_fds',
  processMaxFds: 'process_max_fds',
} as const satisfies Partial<Record<keyof GoMetrics, string>>;

/**
 * Histograms by the names they go by, the best first. client_golang 1.12.0 and 1.12.1 added `_total`; Go 1.22 renamed
 * /gc/pauses:seconds to /sched/pauses/total/gc:seconds and kept the old name.
 */
const HISTOGRAMS = {
  schedulerLatency: ['go_sched_latencies_seconds', 'go_sched_latencies_seconds_total'],
  gcPauses: [
    'go_sched_pauses_total_gc_seconds',
    'go_sched_pauses_total_gc_seconds_total',
    'go_gc_pauses_seconds',
    'go_gc_pauses_seconds_total',
  ],
} as const satisfies Partial<Record<keyof GoMetrics, readonly string[]>>;
const BUCKET = '_bucket';

const INFO = 'go_info';
const GOGC = 'go_gc_gogc_percent';
const GOMEMLIMIT = 'go_gc_gomemlimit_bytes';
const NEXT_GC = 'go_memstats_next_gc_bytes';
const LAST_GC = 'go_memstats_last_gc_time_seconds';
const GC_CPU_FRACTION = 'go_memstats_gc_cpu_fraction';
const SPECIAL = [INFO, GOGC, GOMEMLIMIT, NEXT_GC, LAST_GC, GC_CPU_FRACTION];
const BUCKETS = Object.values(HISTOGRAMS).flatMap((names) => names.map((name) => name + BUCKET));
const ALL = new Set([...Object.values(MEM_STATS), ...Object.values(PLAIN), ...SPECIAL, ...BUCKETS]);

/** One metric's value so far. `labelled` loses to a sample without labels; two different labelled ones are nobody's. */
interface Seen {
  value: number | undefined;
  readonly labelled: boolean;
}

/**
 * Reads the Go collector's and process collector's metrics out of an exposition text (client_golang 0.9 to 1.24; text or OpenMetrics).
 * A metric the program does not export is undefined: `go_gc_gogc_percent`, `go_gc_gomemlimit_bytes` and
 * `go_sched_gomaxprocs_threads` need client_golang 1.20 and Go 1.21 (1.19). A name that occurs more than once, each with labels
 * (a program that passes on other programs' metrics), is undefined too.
 * Returns undefined when the text has neither go_info, go_goroutines nor any go_memstats metric.
 * Source: prometheus/client_golang prometheus/go_collector*.go, process_collector.go.
 */
export function parseGoMetrics(body: Uint8Array): GoMetrics | undefined {
  const seen = new Map<string, Seen>();
  const versions = new Set<string>();
  const buckets = new Map<string, Buckets>();
  let infos = 0;
  parseExposition(body, new WantedNames(ALL), (name, labels, value) => {
    if (name.endsWith(BUCKET)) {
      const collected = buckets.get(name) ?? new Buckets();
      buckets.set(name, collected);
      collected.take(labels(), value);
      return;
    }
    if (name === INFO) {
      infos += 1;
      const version = labels()?.get('version');
      if (version !== undefined && version.length <= 256 && versions.size < 2) versions.add(version);
      return;
    }
    const labelled = (labels()?.size ?? 1) > 0;
    const before = seen.get(name);
    if (before === undefined || (before.labelled && !labelled)) seen.set(name, { value, labelled });
    else if (before.labelled && labelled) before.value = undefined;
  });
  const get = (name: string): number | undefined => {
    const value = seen.get(name)?.value;
    return value !== undefined && Number.isFinite(value) && value >= 0 ? value : undefined;
  };
  if (infos === 0 && ![...seen.keys()].some((name) => name === 'go_goroutines' || name.startsWith('go_memstats_')))
    return undefined;
  const [goVersion] = versions.size === 1 ? versions : [];
  const histogram = (names: readonly string[]): CumulativeHistogram | undefined => {
    const name = names.find((candidate) => buckets.has(candidate + BUCKET));
    return name === undefined ? undefined : buckets.get(name + BUCKET)?.histogram();
  };
  return {
    ...fieldsOf(PLAIN, get),
    goVersion,
    gogc: gogcOf(seen.get(GOGC)?.value),
    gomemlimit: gomemlimitOf(get(GOMEMLIMIT)),
    schedulerLatency: histogram(HISTOGRAMS.schedulerLatency),
    gcPauses: histogram(HISTOGRAMS.gcPauses),
    memStats: {
      ...fieldsOf(MEM_STATS, get),
      nextGc: nextGcOf(get(NEXT_GC)),
      lastGcUnixMs: aboveZero(get(LAST_GC), 1000),
      // client_golang 1.12.0 and 1.12.1 export a constant 0.
      gcCpuFraction: aboveZero(get(GC_CPU_FRACTION), 1),
      recentPausesNs: [],
    },
  };
}

function fieldsOf<K extends string>(
  names: Readonly<Record<K, string>>,
  get: (name: string) => number | undefined,
): Record<K, number | undefined> {
  const fields = Object.entries<string>(names).map(([field, name]) => [field, get(name)] as const);
  return Object.fromEntries(fields) as Record<K, number | undefined>;
}

/** Off is exported as uint64(-1), some 1.8e19. Source: Go runtime/metrics.go gogc. */
function gogcOf(value: number | undefined): Gogc | undefined {
  if (value === undefined || Number.isNaN(value)) return undefined;
  return value < 0 || value >= 2 ** 31 ? 'off' : value;
}

/** Unset is math.MaxInt64, 9.22e18. */
function gomemlimitOf(value: number | undefined): Gomemlimit | undefined {
  return value !== undefined && value >= 2 ** 62 ? 'off' : value;
}

function aboveZero(value: number | undefined, factor: number): number | undefined {
  return value !== undefined && value > 0 ? value * factor : undefined;
}
