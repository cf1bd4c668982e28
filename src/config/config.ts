import { type ConfigFile, configFileSchema } from './schema.ts';
import type { Thresholds } from './thresholds.ts';

const USUAL_TIMEOUT_MS = 5000;

/** An endpoint the operator named. */
export type EndpointTarget = ConfigFile['endpoints']['targets'][number];

/** The configuration with every default filled in. Bytes, milliseconds. */
export interface Config {
  readonly intervalMs: number;
  readonly endpoints: {
    readonly enabled: boolean;
    readonly intervalMs: number;
    readonly profileIntervalMs: number;
    readonly timeoutMs: number;
    readonly maxBytes: number;
    readonly concurrency: number;
    readonly targets: readonly EndpointTarget[];
  };
  readonly thresholds: Thresholds;
  readonly rules: { readonly disable: readonly string[] };
}

/** Fills in the defaults that depend on other settings and puts the unit into the names. */
export function configFrom(file: ConfigFile): Config {
  const { interval, endpoints, thresholds, rules } = file;
  const intervalMs = endpoints.interval ?? interval;
  return {
    intervalMs: interval,
    endpoints: {
      enabled: endpoints.enabled,
      intervalMs,
      profileIntervalMs: endpoints.profileInterval,
      timeoutMs: endpoints.timeout ?? Math.min(USUAL_TIMEOUT_MS, intervalMs),
      maxBytes: endpoints.maxBytes,
      concurrency: endpoints.concurrency,
      targets: endpoints.targets,
    },
    thresholds,
    rules,
  };
}

/** What an empty file means. */
export function defaultConfig(): Config {
  return configFrom(configFileSchema.parse({}));
}
