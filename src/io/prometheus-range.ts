import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { found, missed, type Reading } from '../base/reading.ts';
import { errorCode } from './errno.ts';
import type { HttpClient } from './http-client.ts';

/** One series of a range query. */
export interface RangeSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** Unix seconds and value, as the server wrote it; rising time. */
  readonly values: readonly (readonly [seconds: number, value: string])[];
}

/** A range query. */
export interface RangeQuery {
  readonly query: string;
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly stepSeconds: number;
}

/** A server a person named. */
export interface PrometheusServer {
  readonly address: string;
  readonly port: number;
  readonly tls: boolean;
  readonly hostHeader: string;
  /** Path before `/api/v1`, without a slash at its end. */
  readonly prefix: string;
}

const READER = 'prometheus';
const MAX_BYTES = 64 * 1024 * 1024;
const DEADLINE_MS = 60_000;
// The server refuses more than 11,000 points of a series (web/api/v1/api.go, queryRange).
const MAX_POINTS = 10_000;
const MAX_REQUESTS = 1000;

/** Resolves the address of an http or https URL once, so that all requests go to one server. Users in the URL are refused. */
export async function prometheusServer(text: string): Promise<Reading<PrometheusServer>> {
  const refuse = (detail: string): Reading<never> => missed('malformed', READER, text, detail);
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return refuse('is no URL');
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return refuse('is no http or https URL');
  if (url.username !== '' || url.password !== '') return refuse('users and passwords in the URL are not supported');
  const tls = url.protocol === 'https:';
  const name = url.hostname.replace(/^\[(.*)\]$/, '$1');
  let address = name;
  if (isIP(name) === 0) {
    try {
      ({ address } = await lookup(name));
    } catch (error) {
      return missed('failed', READER, text, `its address is not known: ${errorCode(error)}`);
    }
  }
  const port = url.port === '' ? (tls ? 443 : 80) : Number(url.port);
  return found({ address, port, tls, hostHeader: url.host, prefix: url.pathname.replace(/\/+$/, '') });
}

/** Reads a range in as many requests as the server's bound on points needs, each handed over when it is there. */
export async function readRange(
  client: HttpClient,
  server: PrometheusServer,
  range: RangeQuery,
  take: (series: readonly RangeSeries[]) => void,
): Promise<Reading<number>> {
  const span = range.stepSeconds * (MAX_POINTS - 1);
  const requests = Math.floor((range.endSeconds - range.startSeconds) / (span + range.stepSeconds)) + 1;
  if (!(requests >= 1 && requests <= MAX_REQUESTS))
    return missed('failed', READER, server.hostHeader, `the range would take more than ${MAX_REQUESTS} requests`);
  let start = range.startSeconds;
  for (let request = 0; request < requests; request += 1) {
    const end = Math.min(range.endSeconds, start + span);
    const words = new URLSearchParams({
      query: range.query,
      start: String(start),
      end: String(end),
      step: String(range.stepSeconds),
    });
    const answer = await client.get({
      host: server.address,
      port: server.port,
      tls: server.tls,
      hostHeader: server.hostHeader,
      path: `${server.prefix}/api/v1/query_range?${words.toString()}`,
      reader: READER,
      deadlineMs: DEADLINE_MS,
      maxBytes: MAX_BYTES,
      gzip: true,
    });
    if (!answer.ok) return answer;
    const series = rangeSeries(answer.value.body.toString('utf8'));
    if (typeof series === 'string') return missed('malformed', READER, server.hostHeader, series);
    take(series);
    start = end + range.stepSeconds;
  }
  return found(requests);
}

/** The series of an answer of `query_range`, or what is wrong with it. */
export function rangeSeries(text: string): readonly RangeSeries[] | string {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return 'the answer is no JSON';
  }
  const { status, error, data } = fields(answer);
  if (status !== 'success')
    return `the server refused: ${typeof error === 'string' ? error.slice(0, 300) : 'no reason'}`;
  const { resultType, result } = fields(data);
  if (resultType !== 'matrix' || !Array.isArray(result)) return 'the answer is no matrix of a range query';
  return result.map((entry: unknown) => {
    const { metric, values } = fields(entry);
    const labels = Object.fromEntries(
      Object.entries(fields(metric)).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
    );
    return { labels, values: Array.isArray(values) ? values.flatMap(pointOf) : [] };
  });
}

function pointOf(pair: unknown): (readonly [number, string])[] {
  if (!Array.isArray(pair)) return [];
  const [seconds, value] = pair as unknown[];
  return typeof seconds === 'number' && Number.isFinite(seconds) && typeof value === 'string' ? [[seconds, value]] : [];
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
