import type { GrowthAlarm, GrowthSilence } from '../rules/growth/backtest.ts';
import type { GrowthOptions } from '../rules/growth/options.ts';
import { columns, paint, plain, type TableStyle, wrap } from './terminal.ts';

/** A backtest that was done. */
export interface BacktestResult {
  readonly cgopherVersion: string;
  readonly signal: 'goroutines';
  readonly subjects: number;
  readonly samples: number;
  /** Rows left out. */
  readonly skipped: number;
  readonly thresholds: GrowthOptions;
  readonly alarms: readonly GrowthAlarm[];
  /** Some of the subjects without an alarm. */
  readonly silent: readonly GrowthSilence[];
}

const MAX_NAME = 60;

/** For a program: times in Unix seconds; what is not known is not there. */
export function backtestJson({ alarms, ...rest }: BacktestResult): string {
  const shown = alarms.map(({ subject, firedAtSeconds, resolvedAtSeconds, verdict }) => {
    const { perHour, sinceSeconds, goroutinesAdded, bytesPerGoroutine, secondsToLimit } = verdict;
    return {
      subject,
      firedAt: firedAtSeconds,
      resolvedAt: resolvedAtSeconds,
      severity: verdict.severity,
      reason: verdict.reason,
      evidence: {
        perHour,
        sinceSeconds,
        goroutinesAdded,
        bytesPerGoroutine,
        secondsToLimit,
        ...verdict.evidence,
      },
    };
  });
  return `${JSON.stringify({ schemaVersion: 1, ...rest, alarms: shown }, undefined, 2)}\n`;
}

/** For a person. */
export function backtestText(result: BacktestResult, style: TableStyle): string {
  const { alarms, subjects, samples, skipped } = result;
  const seen = `${samples} samples of ${subjects} ${subjects === 1 ? 'subject' : 'subjects'}${skipped === 0 ? '' : `, ${skipped} rows left out`}`;
  if (alarms.length === 0) return `${seen}: no alarm.\n${silence(result, style)}`;
  const table = columns(
    [
      ['FIRED', 'RESOLVED', 'SEVERITY', 'SUBJECT'],
      ...alarms.map(({ subject, firedAtSeconds, resolvedAtSeconds, verdict }) => [
        time(firedAtSeconds),
        resolvedAtSeconds === undefined ? 'still firing' : time(resolvedAtSeconds),
        verdict.severity,
        nameOf(subject),
      ]),
    ],
    new Set(),
  );
  const [head = '', ...rows] = table;
  const lines = rows.flatMap((row, index) => [row, `  ${wrap(alarms[index]?.verdict.reason ?? '', style.columns, 2)}`]);
  return `${seen}: ${alarms.length} ${alarms.length === 1 ? 'alarm' : 'alarms'}.\n\n${[paint(head, 'bold', style), ...lines].join('\n')}\n`;
}

/** What came nearest, of a few. */
function silence({ silent, subjects }: BacktestResult, style: TableStyle): string {
  const lines = silent.map(
    ({ subject, reason }) =>
      `${subject === '' ? 'At its end' : `${nameOf(subject)}, at its end`}: ${wrap(reason, style.columns, 2)}\n`,
  );
  const more = subjects - silent.length;
  return `${lines.join('')}${more > 0 ? `and ${more} more\n` : ''}`;
}

function nameOf(subject: string): string {
  const name = plain(subject);
  if (name === '') return '-';
  return name.length <= MAX_NAME ? name : `${name.slice(0, MAX_NAME - 3)}...`;
}

function time(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
}
