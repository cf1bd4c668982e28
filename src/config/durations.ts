/* Durations as Prometheus writes them (prometheus.io/docs/prometheus/latest/configuration/configuration, <duration>). */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Units from large to small: a duration names each at most once and in this order. `exact`: written only when nothing is left over. */
const UNITS = [
  { name: 'y', ms: 365 * DAY, exact: true },
  { name: 'w', ms: 7 * DAY, exact: true },
  { name: 'd', ms: DAY, exact: false },
  { name: 'h', ms: HOUR, exact: false },
  { name: 'm', ms: MINUTE, exact: false },
  { name: 's', ms: SECOND, exact: false },
  { name: 'ms', ms: 1, exact: false },
] as const;

/** The grammar as a regular expression source, for the JSON Schema. */
export const DURATION_PATTERN = `^(0|(?=\\d)${UNITS.map(({ name }) => `(\\d+${name})?`).join('')})$`;

const GRAMMAR = new RegExp(DURATION_PATTERN);

/**
 * Milliseconds of `15s`, `1m30s`, `250ms`, `0`. A day has 24 hours, a year 365 days. Undefined for anything else: a bare number, a
 * sign, a fraction, blanks, units repeated or out of order, and totals past 2^53.
 */
export function parseDuration(text: string): number | undefined {
  if (text.length > 64) return undefined;
  const match = GRAMMAR.exec(text);
  if (match === null) return undefined;
  let total = 0;
  UNITS.forEach(({ ms }, index) => {
    // Group 1 is the whole.
    const part = match[index + 2];
    if (part !== undefined) total += Number.parseInt(part, 10) * ms;
  });
  return Number.isSafeInteger(total) ? total : undefined;
}

/** Why {@link parseDuration} refuses `text`, for a person. */
export function durationProblem(text: string): string {
  const shown = JSON.stringify(text.slice(0, 40));
  if (/^\s*[0-9]+\s*$/.test(text)) {
    return `a duration needs a unit: write ${text.trim()}s for seconds or ${text.trim()}m for minutes`;
  }
  return `expected a duration such as 15s, 1m30s or 250ms, got ${shown}`;
}

/** The shortest usual way to write a whole, non-negative number of milliseconds: 90000 is `1m30s`, 90 days are `90d`. */
export function formatDuration(ms: number): string {
  let rest = Math.round(ms);
  if (rest <= 0) return '0s';
  let text = '';
  for (const unit of UNITS) {
    if (unit.exact && rest % unit.ms !== 0) continue;
    const count = Math.floor(rest / unit.ms);
    if (count === 0) continue;
    text += `${count}${unit.name}`;
    rest -= count * unit.ms;
  }
  return text;
}
