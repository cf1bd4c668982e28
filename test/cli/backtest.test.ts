import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type BacktestOptions, backtest } from '../../src/cli/backtest.ts';
import { thresholdArgument, timeArgument } from '../../src/cli/backtest-options.ts';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'backtest-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

const BEGIN = 1_790_000_000;
const MINUTE = 60;

/** Quiet for an hour, then `perMinute` more each minute until `endMinute`, then quiet at 200 again; 12 hours. */
function count(minute: number, perMinute: number, endMinute: number): number {
  return minute < 60 || minute >= endMinute ? 200 : 200 + (minute - 60) * perMinute;
}

function csv(name: string, lines: readonly string[]): string {
  const path = join(directory, name);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

async function run(options: Partial<BacktestOptions>) {
  let out = '';
  const errors: string[] = [];
  const status = await backtest(
    { signal: 'goroutines', step: 60_000, hold: 1_800_000, ...options },
    {
      out: (text) => {
        out += text;
      },
      error: (text) => errors.push(text),
      style: { columns: 100, color: false },
      stopped: new Promise(() => undefined),
    },
  );
  return { status, out, errors };
}

const HEAD = 'time,goroutines,subject,memory_current_bytes,memory_max_bytes';
const rows = (subject: string, perMinute: number, endMinute = 720): string[] =>
  Array.from({ length: 720 }, (_, minute) => {
    const goroutines = count(minute, perMinute, endMinute);
    return `${BEGIN + minute * MINUTE},${goroutines},${subject},${100_000_000 + goroutines * 8192},536870912`;
  });

interface Report {
  readonly alarms: readonly {
    readonly subject: string;
    readonly firedAt: number;
    readonly resolvedAt?: number;
    readonly evidence: Readonly<Record<string, number | string>>;
  }[];
}

describe('a history in a file', () => {
  it('lists the alarm of the one that leaks, and not the other', async () => {
    const path = csv('two.csv', [HEAD, ...rows('shop/web', 0), ...rows('shop/cart', 60)]);
    const { status, out, errors } = await run({ csv: path, json: true });
    expect([status, errors]).toEqual([1, []]);
    const { alarms, ...rest } = JSON.parse(out) as Report & Record<string, unknown>;
    expect(rest).toMatchObject({ schemaVersion: 1, signal: 'goroutines', subjects: 2, samples: 1440, skipped: 0 });
    expect(rest['thresholds']).toMatchObject({ minAddedGoroutines: 100 });
    expect(alarms).toHaveLength(1);
    expect(alarms[0]).toMatchObject({ subject: 'shop/cart', severity: 'warning', evidence: { test: 'window' } });
    expect(alarms[0]).not.toHaveProperty('resolvedAt');
    // 53,100 more fit, 14.8 hours at 60 a minute: told after 3.1 to 3.7 hours of it.
    const after = (alarms[0]?.firedAt ?? 0) - BEGIN - 3600;
    expect(after).toBeGreaterThan(2.5 * 3600);
    expect(after).toBeLessThan(3.7 * 3600);
    expect(Math.abs(Number(alarms[0]?.evidence['bytesPerGoroutine']) - 8192)).toBeLessThan(0.03 * 8192);
  });

  it('says when it ended: half an hour after the growth was last seen', async () => {
    const path = csv('end.csv', [HEAD, ...rows('a', 60, 420)]);
    const { out } = await run({ csv: path, json: true });
    const [alarm] = (JSON.parse(out) as Report).alarms;
    expect(alarm?.resolvedAt).toBeGreaterThanOrEqual(BEGIN + 420 * MINUTE);
    expect(alarm?.resolvedAt).toBeLessThan(BEGIN + 520 * MINUTE);
  });

  it('is readable for a person, and silent with status 0 where nothing grows', async () => {
    const leaking = await run({ csv: csv('one.csv', [HEAD, ...rows('shop/cart\u001b[2J', 60)]) });
    expect(leaking.out).toMatch(
      /^720 samples of 1 subject: 1 alarm\.\n\nFIRED +RESOLVED +SEVERITY +SUBJECT\n2026-09-21T/,
    );
    expect(leaking.out).toContain('still firing');
    expect(leaking.out).not.toContain('\u001b');
    const quiet = await run({ csv: csv('quiet.csv', ['time,goroutines', `${BEGIN},5`, `${BEGIN + 60},5`]) });
    expect(quiet).toMatchObject({ status: 0, errors: [] });
    expect(quiet.out).toMatch(/^2 samples of 1 subject: no alarm\.\nAt its end: [a-z].*\n$/);
  });

  it('says of ten subjects why they were not called, and how many more there are', async () => {
    const many = Array.from({ length: 12 }, (_, index) => `${BEGIN},5,pod-${index}`);
    const { out } = await run({ csv: csv('many.csv', ['time,goroutines,subject', ...many]) });
    expect(out.split('\n').filter((line) => /^pod-\d+, at its end: ./.test(line))).toHaveLength(10);
    expect(out).toContain('\nand 2 more\n');
  });

  it('tries other thresholds', async () => {
    const path = csv('threshold.csv', [HEAD, ...rows('a', 60)]);
    expect((await run({ csv: path, threshold: { minAddedGoroutines: 1_000_000 } })).status).toBe(0);
  });

  it('names bad rows by their line, the first ten, and goes on', async () => {
    const bad = Array.from({ length: 12 }, () => 'x,1');
    const path = csv('bad.csv', [
      'time,goroutines',
      `${BEGIN},5`,
      `${BEGIN},6`,
      'x'.repeat(20_000),
      ...bad,
      `${BEGIN + 60},5`,
    ]);
    const { status, out, errors } = await run({ csv: path });
    expect(status).toBe(0);
    expect(out).toContain('2 samples of 1 subject, 14 rows left out: no alarm.\n');
    expect(errors).toHaveLength(11);
    expect(errors.slice(0, 3)).toEqual([
      'line 3: out of order: left out',
      'line 4: longer than 16 KiB: left out',
      'line 5: time is no number: left out',
    ]);
    expect(errors[10]).toBe('further rows that are left out are only counted');
  });

  it.each([
    [['count,when', '1,2'], /the first line has no column time/],
    [['time,goroutines'], /no sample that can be used/],
  ])('refuses %j', async (lines, problem) => {
    await expect(run({ csv: csv('refused.csv', lines) })).rejects.toThrow(problem);
  });

  it('refuses a file that is not there, and no history or two', async () => {
    await expect(run({ csv: join(directory, 'none.csv') })).rejects.toThrow(/none\.csv cannot be read: ENOENT/);
    await expect(run({})).rejects.toThrow(/either --csv or --prometheus/);
    await expect(run({ csv: 'a', prometheus: 'http://b' })).rejects.toThrow(/either --csv or --prometheus/);
  });
});

describe('a history on a Prometheus server (a fake one, with the answers of its API)', () => {
  let server: Server | undefined;
  const asked: URL[] = [];
  afterEach(() => {
    server?.close();
    server?.closeAllConnections();
    asked.length = 0;
  });

  async function serve(answer: (url: URL) => [status: number, body: string]): Promise<string> {
    server = createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://x');
      asked.push(url);
      const [status, body] = answer(url);
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    return `http://localhost:${(server.address() as AddressInfo).port}/base/`;
  }

  function leaking(url: URL): [number, string] {
    const [start, end, step] = ['start', 'end', 'step'].map((name) => Number(url.searchParams.get(name)));
    const values: [number, string][] = [];
    for (let at = start!; at <= end!; at += step!) values.push([at, String(200 + (at - BEGIN) * 2)]);
    const result = [{ metric: { __name__: 'go_goroutines', pod: 'web-0', job: 'shop' }, values }];
    return [200, JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } })];
  }
  const range = { query: 'go_goroutines{job="shop"}', start: BEGIN, end: BEGIN + 8 * 3600 };

  it('asks query_range below the given path, and names subjects by their labels', async () => {
    const prometheus = await serve(leaking);
    const { status, out } = await run({ prometheus, ...range, json: true });
    expect(status).toBe(1);
    expect((JSON.parse(out) as Report).alarms[0]?.subject).toBe('{job="shop",pod="web-0"}');
    expect(asked).toHaveLength(1);
    expect(asked[0]?.pathname).toBe('/base/api/v1/query_range');
    expect(Object.fromEntries(asked[0]?.searchParams ?? [])).toEqual({
      query: 'go_goroutines{job="shop"}',
      start: String(BEGIN),
      end: String(BEGIN + 28_800),
      step: '60',
    });
  });

  it('asks in parts of 10,000 points, which join without a hole or an overlap', async () => {
    const prometheus = await serve(leaking);
    // 25,001 seconds, one by one: 10,000 and 10,000 and 5001.
    const { out } = await run({ prometheus, query: 'q', start: BEGIN, end: BEGIN + 25_000, step: 1000 });
    expect(asked.map((url) => url.searchParams.get('start'))).toEqual(
      [0, 10_000, 20_000].map((at) => String(BEGIN + at)),
    );
    expect(out).toContain('25001 samples of 1 subject: 1 alarm.');
  });

  it.each<[string, [number, string], RegExp]>([
    ['an error of the API', [200, '{"status":"error","error":"parse error"}'], /the server refused: parse error/],
    ['no JSON', [200, '<html>'], /the answer is no JSON/],
    ['an instant vector', [200, '{"status":"success","data":{"resultType":"vector","result":[]}}'], /no matrix/],
    ['an empty matrix', [200, '{"status":"success","data":{"resultType":"matrix","result":[]}}'], /no sample/],
    [
      'hostile rows',
      [
        200,
        '{"status":"success","data":{"resultType":"matrix","result":[null,{"values":[1,[],["a","b"],[1,"NaN"]]}]}}',
      ],
      /no sample/,
    ],
    ['a refusal', [401, ''], /401/],
  ])('%s is told in one line', async (_, answer, problem) => {
    const prometheus = await serve(() => answer);
    await expect(run({ prometheus, ...range })).rejects.toThrow(problem);
  });

  it.each<[Partial<BacktestOptions>, RegExp]>([
    [{ prometheus: 'ftp://host', ...range }, /no http or https URL/],
    [{ prometheus: 'host:9090/x y', ...range }, /no http or https URL|is no URL/],
    [{ prometheus: 'http://user:word@host', ...range }, /users and passwords/],
    [{ prometheus: 'http://127.0.0.1:1', ...range }, /ECONNREFUSED/],
    [{ prometheus: 'http://127.0.0.1:1', query: 'q' }, /needs --query, --start and --end/],
    [{ prometheus: 'http://127.0.0.1:1', ...range, end: BEGIN }, /--end must be after --start/],
    [{ prometheus: 'http://127.0.0.1:1', ...range, step: 10 }, /--step/],
    [{ prometheus: 'http://127.0.0.1:1', ...range, end: BEGIN + 1e9, step: 1000 }, /more than 1000 requests/],
  ])('%j is refused', async (options, problem) => {
    await expect(run(options)).rejects.toThrow(problem);
  });
});

describe('arguments', () => {
  it('times are Unix seconds or RFC 3339', () => {
    expect(timeArgument('1790000000')).toBe(1_790_000_000);
    // 2026-01-01 is day 20,454 of the era.
    expect(timeArgument('2026-01-01T01:00:00+01:00')).toBe(20_454 * 86_400);
    for (const text of ['yesterday', '2026-01-01', '-5', '1e9', '2026-13-01T00:00:00Z'])
      expect(() => timeArgument(text)).toThrow();
  });

  it('thresholds are known names with a number, and add up', () => {
    expect(thresholdArgument('minAddedRatio=0.5', { warmUpSeconds: 5 })).toEqual({
      warmUpSeconds: 5,
      minAddedRatio: 0.5,
    });
    for (const text of ['minAddedRatio', 'minAddedRatio=x', 'toString=1', '__proto__=1', 'minAddedRatio=-1'])
      expect(() => thresholdArgument(text, undefined)).toThrow();
  });
});
