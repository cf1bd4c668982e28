/** math.MaxInt64, what GOMEMLIMIT is when it is off, as Go prints the float. */
const MAX_INT64 = 2 ** 63;

/** GOMEMLIMIT as a metric. */
export function limitMetric(limit: number | 'off'): number {
  return limit === 'off' ? MAX_INT64 : limit;
}

/** GOGC as a metric: uint64(int32(-1)) when off (Go's runtime/metrics.go). */
export function gogcMetric(gogc: number | 'off'): number {
  return gogc === 'off' ? 2 ** 64 : gogc;
}

/** The heap goal when nothing bounds it: MaxInt64 less 3 % (Go's runtime/mgcpacer.go), beyond what a JavaScript number holds. */
const UNBOUNDED_GOAL = '8946670875749132534';

/** A float as Go's strconv.FormatFloat(v, 'g', -1, 64) writes it, which expositions use: 1.234567e+06, +Inf, 0.25. */
export function goFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return '0';
  const [mantissa = '0', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  // Go's bounds for the shortest form: eprec in strconv/ftoa.go.
  if (power >= -4 && power < 6) return String(value);
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** NextGC as MemStats prints it. */
export function goGoalText(goal: number | 'off'): string {
  return goal === 'off' ? UNBOUNDED_GOAL : String(Math.round(goal));
}
