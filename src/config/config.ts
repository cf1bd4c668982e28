import { type ActionsConfig, actionsFrom, defaultActions } from './actions.ts';
import { type AlertmanagerConfig, alertmanagerFrom, defaultAlertmanager } from './alertmanager.ts';
import { defaultKubernetes, type KubernetesConfig, kubernetesFrom } from './kubernetes.ts';
import type { Override } from './overrides.ts';
import type { ConfigFile } from './schema.ts';
import type { Thresholds as ThresholdsInFile } from './thresholds.ts';

const USUAL_TIMEOUT_MS = 5000;

/** An endpoint the operator named. */
export type EndpointTarget = ConfigFile['endpoints']['targets'][number];

/** Milliseconds in the names, as everywhere in {@link Config}. */
type Thresholds = Omit<ThresholdsInFile, 'engine'> & {
  readonly engine: Omit<ThresholdsInFile['engine'], 'coolDown'> & { readonly coolDownMs: number };
};

/** The configuration with every default filled in. Bytes, milliseconds. */
export interface Config {
  readonly intervalMs: number;
  readonly endpoints: {
    readonly enabled: boolean;
    readonly intervalMs: number;
    readonly profileIntervalMs: number;
    /** Undefined: goroutineleak profiles are never asked for. */
    readonly leakProfileIntervalMs: number | undefined;
    readonly timeoutMs: number;
    readonly maxBytes: number;
    readonly concurrency: number;
    readonly targets: readonly EndpointTarget[];
  };
  readonly discovery: { readonly enterNetworkNamespaces: boolean };
  readonly runtimeMemory: { readonly enabled: boolean; readonly goroutineIntervalMs: number };
  readonly thresholds: Thresholds;
  readonly rules: { readonly disable: readonly string[] };
  readonly metrics: { readonly maxSeries: number };
  readonly alertmanager: AlertmanagerConfig;
  readonly kubernetes: KubernetesConfig;
  readonly actions: ActionsConfig;
  /** In the order of the file. */
  readonly overrides: readonly Override[];
}

/** Fills in the defaults that depend on other settings and puts the unit into the names. */
export function configFrom(file: ConfigFile, overrides: readonly Override[]): Config {
  const { interval, endpoints, discovery, runtimeMemory, thresholds, rules, metrics, alertmanager, kubernetes } = file;
  const intervalMs = endpoints.interval ?? interval;
  const { coolDown: coolDownMs, ...cycles } = thresholds.engine;
  return {
    intervalMs: interval,
    endpoints: {
      enabled: endpoints.enabled,
      intervalMs,
      profileIntervalMs: endpoints.profileInterval,
      leakProfileIntervalMs: endpoints.leakProfileInterval,
      timeoutMs: endpoints.timeout ?? Math.min(USUAL_TIMEOUT_MS, intervalMs),
      maxBytes: endpoints.maxBytes,
      concurrency: endpoints.concurrency,
      targets: endpoints.targets,
    },
    discovery,
    runtimeMemory: { enabled: runtimeMemory.enabled, goroutineIntervalMs: runtimeMemory.goroutineInterval },
    thresholds: { ...thresholds, engine: { ...cycles, coolDownMs } },
    rules,
    metrics,
    alertmanager: alertmanagerFrom(alertmanager),
    kubernetes: kubernetesFrom(kubernetes),
    actions: actionsFrom(file.actions),
    overrides,
  };
}

/**
 * What an empty file means. Written out, so that an agent without a configuration file need not load the schema library; a test
 * holds it against the schema, where the reasons are.
 */
export function defaultConfig(): Config {
  return {
    intervalMs: 15_000,
    endpoints: {
      enabled: true,
      intervalMs: 15_000,
      profileIntervalMs: 300_000,
      leakProfileIntervalMs: undefined,
      timeoutMs: USUAL_TIMEOUT_MS,
      maxBytes: 16 * 1024 * 1024,
      concurrency: 4,
      targets: [],
    },
    discovery: { enterNetworkNamespaces: false },
    runtimeMemory: { enabled: true, goroutineIntervalMs: 300_000 },
    thresholds: {
      cpuThrottled: { warningRatio: 0.05, criticalRatio: 0.25, minStalledRatio: 0.01, minPeriods: 20 },
      gomaxprocs: { warningThrottledRatio: 0.01, criticalThrottledRatio: 0.1 },
      memory: {
        headroomRatio: 0.1,
        predictedPeakRatio: 0.9,
        attributionRatio: 0.8,
        nonGoRatio: 0.2,
        stackRatio: 0.2,
      },
      gc: { cpuRatio: 0.25, effectiveGogcPercent: 10 },
      memoryPressure: { warningRatio: 0.1, criticalFullRatio: 0.05 },
      scheduling: { saturatedRatio: 0.9, latencySeconds: 0.01, waitedRatio: 0.1, minObservations: 500 },
      gcThrottling: { minGcCpuRatio: 0.1, pauseSeconds: 0.01, minWindows: 3 },
      capacity: { warningRatio: 0.8, criticalRatio: 0.95 },
      threads: { warningCount: 500, perProcessor: 20 },
      blocking: { delaySeconds: 0.1, minEvents: 20 },
      io: { waitedRatio: 0.2, competitorRatio: 0.2 },
      restarts: { count: 3, windowSeconds: 1800 },
      clock: { stepSeconds: 1 },
      goroutineGrowth: {
        warmUpSeconds: 600,
        minAddedGoroutines: 100,
        minAddedRatio: 0.2,
        criticalSecondsToLimit: 3600,
        warningSecondsToLimit: 259_200,
        criticalPerHour: 36_000,
        warningPerHour: 60,
      },
      goroutineLeak: { siteRatio: 0.7, minCounts: 4 },
      numa: { busyCores: 0.5, memoryRatio: 0.1 },
      sandbox: { taskCount: 1, memoryBytes: 8_388_608 },
      engine: { forCycles: 2, clearCycles: 2, coolDownMs: 300_000 },
    },
    rules: { disable: [] },
    metrics: { maxSeries: 50_000 },
    alertmanager: defaultAlertmanager(),
    kubernetes: defaultKubernetes(),
    actions: defaultActions(),
    overrides: [],
  };
}
