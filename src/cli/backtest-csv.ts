import type { GrowthSample } from '../rules/growth/types.ts';

/** A row of a history. */
export interface HistoryRow {
  readonly subject: string;
  readonly sample: GrowthSample;
}

/** Where the columns are. */
export type Columns = ReadonlyMap<ColumnName, number>;

const COLUMNS = [
  'time',
  'goroutines',
  'subject',
  'memory_current_bytes',
  'memory_max_bytes',
  'stack_inuse_bytes',
  'uptime_seconds',
] as const;
type ColumnName = (typeof COLUMNS)[number];
const REQUIRED: readonly ColumnName[] = ['time', 'goroutines'];

const MAX_FIELDS = 64;
const MAX_SUBJECT_LENGTH = 512;
// 5138 in seconds; the same number of milliseconds is 1973.
const LATEST_SECONDS = 1e11;

/** The fields of a line; quotes as RFC 4180 has them, without line ends inside. Undefined when a quote is not closed or there are too many. */
export function csvFields(line: string): string[] | undefined {
  if (!line.includes('"')) {
    const fields = line.split(',', MAX_FIELDS + 1);
    return fields.length > MAX_FIELDS ? undefined : fields;
  }
  const fields: string[] = [];
  let field = '';
  let quoted = false;
  for (let index = 0; index < line.length; index += 1) {
    const character = line.charAt(index);
    if (character === '"') {
      if (quoted && line.charAt(index + 1) === '"') {
        field += '"';
        index += 1;
      } else quoted = !quoted;
    } else if (character === ',' && !quoted) {
      fields.push(field);
      field = '';
    } else field += character;
  }
  fields.push(field);
  return quoted || fields.length > MAX_FIELDS ? undefined : fields;
}

/** The columns by the first line, in any order; other columns are passed over. A text says what is wrong. */
export function columnsOf(line: string): Columns | string {
  const fields = csvFields(line.replace(/^\uFEFF/, ''));
  if (fields === undefined) return 'the first line is no list of columns';
  const columns = new Map<ColumnName, number>();
  for (const [index, field] of fields.entries()) {
    const name = COLUMNS.find((column) => column === field.trim());
    if (name === undefined) continue;
    if (columns.has(name)) return `column ${name} is there twice`;
    columns.set(name, index);
  }
  const lacking = REQUIRED.filter((name) => !columns.has(name));
  return lacking.length === 0 ? columns : `the first line has no column ${lacking.join(' and no column ')}`;
}

/** One row, or what is wrong with it. Empty fields of columns that may be missing count as not read; a limit may be `max`. */
export function rowOf(line: string, columns: Columns): HistoryRow | string {
  const fields = csvFields(line);
  if (fields === undefined) return 'a quote is not closed, or too many fields';
  const text = (name: ColumnName): string => {
    const index = columns.get(name);
    return index === undefined ? '' : (fields[index] ?? '').trim();
  };
  const atSeconds = numberOf(text('time'));
  if (atSeconds === undefined) return 'time is no number';
  if (atSeconds >= LATEST_SECONDS) return 'time is not in seconds';
  const goroutines = numberOf(text('goroutines'));
  if (goroutines === undefined || !Number.isSafeInteger(goroutines)) return 'goroutines is no whole number';
  const rest: Record<string, number> = {};
  for (const [name, key] of OPTIONAL) {
    const given = text(name);
    if (given === '' || (name === 'memory_max_bytes' && NO_LIMIT.test(given))) continue;
    const value = numberOf(given);
    if (value === undefined) return `${name} is no number`;
    rest[key] = value;
  }
  return { subject: text('subject').slice(0, MAX_SUBJECT_LENGTH), sample: { atSeconds, goroutines, ...rest } };
}

// `max` of cgroup v2, 0 of cAdvisor, and the page-rounded 2^63 of cgroup v1.
const NO_LIMIT = /^(?:max|0+|\d{17,30})$/;

const OPTIONAL = [
  ['memory_current_bytes', 'memoryCurrentBytes'],
  ['memory_max_bytes', 'memoryLimitBytes'],
  ['stack_inuse_bytes', 'stackInuseBytes'],
  ['uptime_seconds', 'uptimeSeconds'],
] as const satisfies readonly (readonly [ColumnName, keyof GrowthSample])[];

/** A number that is not negative and not beyond what is exact, as decimals or with an exponent. */
function numberOf(text: string): number | undefined {
  if (text.length > 40 || !/^\d+(?:\.\d+)?(?:[eE]\+?\d+)?$/.test(text)) return undefined;
  const value = Number(text);
  return value <= Number.MAX_SAFE_INTEGER ? value : undefined;
}
