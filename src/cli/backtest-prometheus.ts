import { HttpClient } from '../io/http-client.ts';
import { prometheusServer, type RangeSeries, readRange } from '../io/prometheus-range.ts';
import type { GrowthBacktest } from '../rules/growth/backtest.ts';
import type { SkippedRows } from './backtest-skipped.ts';

/** What to read. */
export interface PrometheusOptions {
  readonly prometheus?: string;
  readonly query?: string;
  /** Unix seconds. */
  readonly start?: number;
  /** Unix seconds. */
  readonly end?: number;
  /** Milliseconds. */
  readonly step: number;
}

/** Reads a history from a server a person named; gives the number of samples taken. Throws when it cannot. */
export async function fromPrometheus(
  options: PrometheusOptions,
  run: GrowthBacktest,
  skipped: SkippedRows,
  stopped: Promise<string>,
): Promise<number> {
  const { prometheus = '', query, start, end, step } = options;
  if (query === undefined || start === undefined || end === undefined)
    throw new Error('--prometheus needs --query, --start and --end');
  if (end <= start) throw new Error('--end must be after --start');
  if (step < 1000) throw new Error('--step must be at least 1s');
  const server = await prometheusServer(prometheus);
  if (!server.ok) throw new Error(`${prometheus}: ${server.miss.detail}`);
  const client = new HttpClient({ keepAlive: true });
  void stopped.then(() => {
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

function takeSeries({ labels, values }: RangeSeries, run: GrowthBacktest, skipped: SkippedRows): number {
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
