import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What keeper.mjs saw of one case. Seconds since the pair was started, or since the change was made. */
export interface Seen {
  readonly rule: string;
  readonly name?: string;
  readonly fault: string;
  readonly firedAfterSeconds?: number;
  readonly severity?: string;
  readonly summary?: string;
  readonly remedy?: {
    readonly text: string;
    readonly patch?: { readonly kind: string; readonly set: Record<string, string> };
  };
  /** Other rules that fired for the same program. */
  readonly beside?: readonly string[];
  readonly twinFires?: readonly string[];
  readonly clearedAfterSeconds?: number;
  /** It fired again within the time it had taken to fire. */
  readonly cameBack?: boolean;
  readonly still?: readonly string[];
  readonly error?: string;
}

/** Kills that were foretold: one entry for each run. */
export interface Foretold {
  readonly rule: string;
  readonly fault: string;
  /** From the first moment the rule fired until the kernel killed; undefined: it did not fire before. */
  readonly leadSeconds?: number;
  readonly livedSeconds: number;
}

export interface ZooResults {
  readonly kernel: string;
  readonly takenOn: string;
  readonly cases: readonly Seen[];
  readonly kills?: readonly Foretold[];
}

/** The results that are kept, from the last whole run. */
export const KEPT = join(import.meta.dirname, 'results.json');

export function readResults(path: string): ZooResults | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as ZooResults) : undefined;
}
