import type { Severity } from './types.ts';

/** The severity a finding is told with, and whether the rule has been saying a milder one. */
export interface HeldSeverity {
  readonly is: Severity;
  /** Monotonic milliseconds at which the rule last said this one or a graver one. */
  readonly lastMs: number;
  /** The looks since then, and the gravest that they said; undefined: there were none. */
  readonly milder: { readonly looks: number; readonly gravest: Severity } | undefined;
}

/** An alert of a severity waits a minute before it fires; a scrape and an evaluation may come half a minute late each. */
const HOLD_MS = 120_000;

const RANK: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 };

/**
 * A firing finding gets worse at once, and milder only after `looks` milder looks in a row and two minutes: severity is part of an
 * alert's identity, and a finding that goes to and fro would be a new alert each time and wait anew.
 */
export function heldSeverity(
  before: HeldSeverity | undefined,
  said: Severity,
  nowMs: number,
  looks: number,
): HeldSeverity {
  if (before === undefined || RANK[said] >= RANK[before.is]) return { is: said, lastMs: nowMs, milder: undefined };
  const { milder } = before;
  const gravest = milder !== undefined && RANK[milder.gravest] > RANK[said] ? milder.gravest : said;
  const next = { looks: (milder?.looks ?? 0) + 1, gravest };
  return next.looks >= looks && nowMs - before.lastMs >= HOLD_MS
    ? { is: gravest, lastMs: nowMs, milder: undefined }
    : { ...before, milder: next };
}
