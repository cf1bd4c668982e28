/**
 * Change of a counter. Undefined when either end is unknown or the counter went backwards (the subject was replaced, or the
 * kernel reset it): a wrong subject has no rate.
 */
export function counterDelta(previous: number | undefined, current: number | undefined): number | undefined {
  if (previous === undefined || current === undefined || current < previous) return undefined;
  return current - previous;
}

/** Change per second. Undefined without a window of positive length. */
export function perSecond(delta: number | undefined, windowSeconds: number | undefined): number | undefined {
  if (delta === undefined || windowSeconds === undefined || windowSeconds <= 0) return undefined;
  return delta / windowSeconds;
}

/** Microseconds of the kernel to seconds. */
export function seconds(usec: number | undefined): number | undefined {
  return usec === undefined ? undefined : usec / 1e6;
}
