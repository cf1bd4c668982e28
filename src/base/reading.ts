/**
 * Why a value is not there.
 *
 * - `absent`: the thing does not exist (ENOENT, ENODEV, ESRCH, HTTP 404). Normal for a controller that is off or a subject that has gone.
 * - `unsupported`: the kernel or runtime does not offer it (ENOTSUP from a PSI file, an old Go version).
 * - `denied`: a privilege is lacking (EACCES, EPERM, HTTP 401/403).
 * - `failed`: it exists and may be read, but reading did not work (EIO, deadline, over the byte cap, connection refused).
 * - `malformed`: it was read and is not what its format says.
 */
export type MissKind = 'absent' | 'unsupported' | 'denied' | 'failed' | 'malformed';

/** All kinds, in the order metrics list them. */
export const MISS_KINDS = [
  'absent',
  'unsupported',
  'denied',
  'failed',
  'malformed',
] as const satisfies readonly MissKind[];

/** A value that could not be read. A miss is data: counted by `{reader, kind}`, logged once, and named in `unknown` verdicts. */
export interface Miss {
  readonly kind: MissKind;
  /** The reader that missed: a fixed, small set of names, safe as a metric label (`cpu.stat`, `build_info`, `pprof_index`). */
  readonly reader: string;
  /** Path or URL. Goes to the log and to `misses[]`, never into a label. */
  readonly source: string;
  /** One line for a person: error code, what was expected. */
  readonly detail: string;
}

/** Either a value or the reason why there is none. */
export type Reading<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly miss: Miss };

/** Wraps a value that was read. */
export function found<T>(value: T): Reading<T> {
  return { ok: true, value };
}

/** Wraps the reason why nothing was read. */
export function missed(kind: MissKind, reader: string, source: string, detail: string): Reading<never> {
  return { ok: false, miss: { kind, reader, source, detail } };
}
