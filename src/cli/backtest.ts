import { backtestJson, backtestText } from '../export/backtest-report.ts';
import type { TableStyle } from '../export/terminal.ts';
import { readLines } from '../io/csv-lines.ts';
import { GrowthBacktest } from '../rules/growth/backtest.ts';
import { DEFAULT_GROWTH_OPTIONS, type GrowthOptions } from '../rules/growth/options.ts';
import { type Columns, columnsOf, rowOf } from './backtest-csv.ts';
import { fromPrometheus, type PrometheusOptions } from './backtest-prometheus.ts';
import { SkippedRows } from './backtest-skipped.ts';
import { build } from './build.ts';

export interface BacktestOptions extends PrometheusOptions {
  readonly signal: 'goroutines';
  readonly csv?: string;
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
/** Subjects without an alarm of which it is said why. */
const MAX_SILENT = 10;

/**
 * Runs the growth detector over a history. Status 0: no alarm; 1: alarms. Throws when the history cannot be read, when nothing in it
 * can be used, and when it is told to stop.
 */
export async function backtest(options: BacktestOptions, output: BacktestOutput): Promise<0 | 1> {
  const thresholds = { ...DEFAULT_GROWTH_OPTIONS, ...options.threshold };
  const run = new GrowthBacktest(thresholds, options.hold / 1000, MAX_SUBJECTS);
  const skipped = new SkippedRows(output.error);
  if ((options.csv === undefined) === (options.prometheus === undefined))
    throw new Error('name a history: either --csv or --prometheus');
  const samples = await (options.csv === undefined
    ? fromPrometheus(options, run, skipped, output.stopped)
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
    silent: run.silent(MAX_SILENT),
  };
  output.out(options.json === true ? backtestJson(result) : backtestText(result, output.style));
  return alarms.length === 0 ? 0 : 1;
}

/** Gives the number of samples taken. */
async function fromCsv(
  path: string,
  run: GrowthBacktest,
  skipped: SkippedRows,
  output: BacktestOutput,
): Promise<number> {
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
