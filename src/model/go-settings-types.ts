import type { Known } from '../base/known.ts';

/** GOMAXPROCS the runtime of this version chooses with these inputs, and why. */
export interface ExpectedGomaxprocs {
  readonly value: number | undefined;
  /** The runtime looks at the cgroup's CPU limit. Undefined when that cannot be told. */
  readonly containerAware: boolean | undefined;
  readonly offBecause: 'go-version' | 'go-line' | 'godebug-env' | 'env-gomaxprocs' | undefined;
  /** Who decides the value at start. */
  readonly setBy: 'environment' | 'automaxprocs' | 'runtime' | undefined;
  /** One sentence for a person. */
  readonly reason: string;
  readonly missing: readonly string[];
}

export interface GoSettings {
  readonly gomaxprocs: Known<number> | undefined;
  /** Percent, or off. */
  readonly gogc: Known<number | 'off'> | undefined;
  /** Bytes, or off. */
  readonly gomemlimit: Known<number | 'off'> | undefined;
  /** GODEBUG as set in the environment, else as built in. */
  readonly godebug: Known<string> | undefined;
  /** Settings that two sources tell differently: a call in the program, or a source that is wrong. Never averaged. */
  readonly contradictions: readonly Contradiction[];
}

/** What the sources say of one setting, the one in force first. */
export interface Contradiction {
  readonly setting: 'gomaxprocs' | 'gogc' | 'gomemlimit';
  readonly values: readonly Known<number | 'off'>[];
}
