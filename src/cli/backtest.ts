import { backtestJson, backtestText } from '../export/backtest-report.ts';
import type { TableStyle } from '../export/terminal.ts';
import { readLines } from '../io/csv-lines.ts';
import { HttpClient } from '../io/http-client.ts';
import { prometheusServer, type RangeSeries, readRange } from '../io/prometheus-range.ts';
import { GrowthBacktest } from '../rules/growth/backtest.ts';
import { DEFAULT_GROWTH_OPTIONS, type GrowthOptions } from '../rules/growth/options.ts';
import { type Columns, columnsOf, rowOf } from './backtest-csv.ts';
import { build } from './build.ts';

export interface BacktestOptions {
  readonly signal: 'goroutines';
  readonly csv?: string;
  readonly prometheus?: string;
  readonly query?: string;
  /** Unix seconds. */
  readonly start?: number;
  /** Unix seconds. */
  readonly end?: number;
  /** Milliseconds. */
  readonly step: number;
  /** Milliseconds. */
  readonly hold: number;
  readonly threshold?: Partial<GrowthOptions>;
  readonly json?: boolean;
}

/** Where the command writes. */
export interface BacktestOutput {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  readonly style: TableStyle;
  /** Settles with the signal's name when the command is told to stop. */
  readonly stopped: Promise<string>;
}

const LIMITS = { maxBytes: 4 * 1024 ** 3, maxLines: 50_000_000, maxLineLength: 16 * 1024 };
const MAX_SUBJECTS = 10_000;
// Enough to see what is wrong with a file.
const MAX_SHOWN = 10;

/** Rows that could not be used: the first are shown, the rest is counted. */
class Skipped {
  count = 0;
  readonly #error: (text: string) => void;

  constructor(error: (text: string) => void) {
    this.#error = error;
  }

  add(where: string, why: string): void {
    this.count += 1;
    if (this.count <= MAX_SHOWN) this.#error(`${where}: ${why}: left out`);
    if (this.count === MAX_SHOWN + 1) this.#error('further rows that are left out are only counted');
  }
}

/**
 * Runs the growth detector over a history. Status 0: no alarm; 1: alarms. Throws when the history cannot be read, when nothing in it
 * can be used, and when it is told to stop.
 */
export async function backtest(options: BacktestOptions, output: BacktestOutput): Promise<0 | 1> {
  const thresholds = { ...DEFAULT_GROWTH_OPTIONS, ...options.threshold };
  const run = new GrowthBacktest(thresholds, options.hold / 1000, MAX_SUBJECTS);
  const skipped = new Skipped(output.error);
  if ((options.csv === undefined) === (options.prometheus === undefined))
    throw new Error('name a history: either --csv or --prometheus');
  const samples = await (options.csv === undefined
    ? fromPrometheus(options, run, skipped, output)
    : fromCsv(options.csv, run, skipped, output));
  if (samples === 0) throw new Error('the history holds no sample that can be used');
  const alarms = run.alarms();
  const result = {
    cgopherVersion: build.version,
    signal: options.signal,
    subjects: run.subjectCount,
    samples,
    skipped: skipped.count,
    thresholds,
    alarms,
  };
  output.out(options.json === true ? backtestJson(result) : backtestText(result, output.style));
  return alarms.length === 0 ? 0 : 1;
}

async function fromCsv(path: string, run: GrowthBacktest, skipped: Skipped, output: BacktestOutput): Promise<number> {
  let columns: Columns | undefined;
  let samples = 0;
  const stop = stopping(output.stopped);
  const read = await readLines(path, LIMITS, (number, line) => {
    stop.check();
    if (line === '') return;
    const where = `line ${number}`;
    if (columns === undefined) {
      const found = line === undefined ? 'the first line is too long' : columnsOf(line);
      if (typeof found === 'string') throw new Error(`${path}: ${found}; expected time,goroutines[,subject,...]`);
      columns = found;
      return;
    }
    const row = line === undefined ? 'longer than 16 KiB' : rowOf(line, columns);
    if (typeof row === 'string') skipped.add(where, row);
    else {
      const taken = run.add(row.subject, row.sample);
      if (taken === 'taken') samples += 1;
      else skipped.add(where, taken);
    }
  });
  if (!read.ok) throw new Error(`${path} cannot be read: ${read.miss.detail}`);
  return samples;
}

async function fromPrometheus(
  options: BacktestOptions,
  run: GrowthBacktest,
  skipped: Skipped,
  output: BacktestOutput,
): Promise<number> {
  const { prometheus = '', query, start, end, step } = options;
  if (query === undefined || start === undefined || end === undefined)
    throw new Error('--prometheus needs --query, --start and --end');
  if (end <= start) throw new Error('--end must be after --start');
  if (step < 1000) throw new Error('--step must be at least 1s');
  const server = await prometheusServer(prometheus);
  if (!server.ok) throw new Error(`${prometheus}: ${server.miss.detail}`);
  const client = new HttpClient({ keepAlive: true });
  void output.stopped.then(() => {
    client.close();
  });
  let samples = 0;
  const range = { query, startSeconds: start, endSeconds: end, stepSeconds: step / 1000 };
  try {
    const read = await readRange(client, server.value, range, (series) => {
      for (const one of series) samples += takeSeries(one, run, skipped);
    });
    if (!read.ok) throw new Error(`${prometheus}: ${read.miss.detail}`);
  } finally {
    client.close();
  }
  return samples;
}

function takeSeries({ labels, values }: RangeSeries, run: GrowthBacktest, skipped: Skipped): number {
  const subject = subjectOf(labels);
  let samples = 0;
  for (const [atSeconds, text] of values) {
    const goroutines = Math.round(Number(text));
    const why =
      Number.isSafeInteger(goroutines) && goroutines >= 0 ? run.add(subject, { atSeconds, goroutines }) : 'no count';
    if (why === 'taken') samples += 1;
    else skipped.add(`${subject} at ${atSeconds}`, why);
  }
  return samples;
}

/** As Prometheus writes labels, without the name of the metric. */
function subjectOf(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).filter(([name]) => name !== '__name__');
  return `{${pairs
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(',')}}`;
}

/** A signal is looked at between lines, for the reading itself does not wait for anything. */
function stopping(stopped: Promise<string>): { readonly check: () => void } {
  let signal: string | undefined;
  void stopped.then((name) => {
    signal = name;
  });
  return {
    check: () => {
      if (signal !== undefined) throw new Error(`stopped by ${signal}`);
    },
  };
}
