/** A program built, or why it could not be: one of `path` and `skipped` is there. */
export interface GoTarget {
  readonly version: string;
  readonly variant: string;
  readonly program: string;
  readonly path?: string;
  readonly skipped?: string;
}

/** What to build; of a list left out, the default: the default versions, `default`, `probe`. */
export interface TargetSet {
  readonly versions?: readonly string[];
  readonly variants?: readonly string[];
  readonly programs?: readonly string[];
}

/** Builds, or finds in the cache. Without a set: the default set. What this machine cannot build is `skipped`. Throws when a build fails. */
export function buildTargets(set?: TargetSet): Promise<GoTarget[]>;
