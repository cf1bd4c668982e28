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
  /** What the rule lacked to judge the twin; empty: it was judged. Missing in results of before this was asked. */
  readonly twinLacks?: readonly string[];
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
  /** Between two looks of the agent. */
  readonly intervalSeconds: number;
  /** From the first moment the rule fired until the kernel killed; undefined: it did not fire before. */
  readonly leadSeconds?: number;
  readonly livedSeconds: number;
}

/** A program that the agent may ask for collections (actions.gcNudge), and its twin that it may not. */
export interface Outlived {
  readonly fault: string;
  /** How long each lived, and whether the kernel killed it; the first is stopped after some lives of the second. */
  readonly asked: { readonly seconds: number; readonly killed: boolean };
  readonly left: { readonly seconds: number; readonly killed: boolean };
  /** Collections asked for. */
  readonly collections: number;
}

export interface ZooResults {
  readonly kernel: string;
  readonly takenOn: string;
  readonly cases: readonly Seen[];
  readonly kills?: readonly Foretold[];
  readonly nudged?: readonly Outlived[];
}

/** The results that are kept, from the last whole run. */
export const KEPT = join(import.meta.dirname, 'results.json');

export function readResults(path: string): ZooResults | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as ZooResults) : undefined;
}
