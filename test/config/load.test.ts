import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { defaultConfig } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { formatProblem } from '../../src/config/problems.ts';
import { configJsonSchema } from '../../src/config/schema.ts';
import { parseConfig, type ValidateOptions } from '../../src/config/validate.ts';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'config-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

function problems(text: string, options?: ValidateOptions): string[] {
  const result = parseConfig(text, 'c.yaml', options);
  return result.ok ? ['accepted'] : result.problems.map(formatProblem);
}

test('the defaults, all of them', () => {
  const { thresholds, ...rest } = defaultConfig();
  expect(rest).toEqual({
    intervalMs: 15_000,
    endpoints: {
      enabled: true,
      intervalMs: 15_000,
      profileIntervalMs: 300_000,
      leakProfileIntervalMs: undefined,
      timeoutMs: 5000,
      maxBytes: 16 * 1024 * 1024,
      concurrency: 4,
      targets: [],
    },
    discovery: { enterNetworkNamespaces: false },
    runtimeMemory: { enabled: true, goroutineIntervalMs: 300_000 },
    rules: { disable: [] },
    metrics: { maxSeries: 50_000 },
    kubernetes: {
      source: 'none',
      nodeName: undefined,
      credentialsDirectory: '/var/run/secrets/kubernetes.io/serviceaccount',
      kubelet: { address: undefined, port: 10_250, intervalMs: 60_000, insecureSkipVerify: false },
    },
    alertmanager: {
      targets: [],
      minSeverity: 'warning',
      resendIntervalMs: 60_000,
      timeoutMs: 10_000,
      externalLabels: {},
      externalUrl: undefined,
      runbookUrl: undefined,
    },
    actions: {
      gcNudge: {
        enabled: false,
        selectors: [],
        atMemoryRatio: 0.85,
        minFreedBytes: 32 * 1024 * 1024,
        maxGcCpuRatio: 0.1,
        processIntervalMs: 600_000,
        nodeIntervalMs: 60_000,
      },
    },
    overrides: [],
  });
  // Some of them; a test below holds all against the schema.
  expect(thresholds).toMatchObject({
    cpuThrottled: { warningRatio: 0.05, criticalRatio: 0.25, minStalledRatio: 0.01, minPeriods: 20 },
    gomaxprocs: { warningThrottledRatio: 0.01, criticalThrottledRatio: 0.1 },
    engine: { forCycles: 2, clearCycles: 2, coolDownMs: 300_000 },
  });
});

test.each(['', '# nothing\n', '---\n', '{}', 'null\n', '\ufeff'])('%j is the defaults', (text) => {
  expect(parseConfig(text, 'c.yaml')).toEqual({ ok: true, config: defaultConfig() });
});

test('every key can be set', () => {
  const result = parseConfig(
    `interval: 30s
endpoints:
  enabled: false
  interval: 1m
  profileInterval: 1h
  leakProfileInterval: 2h
  timeout: 2s500ms
  maxBytes: 1MiB
  concurrency: 8
  targets:
    - namespace: shop
      pod: web-0
      container: web
      process: example.com/web
      scheme: https
      insecureSkipVerify: true
      address: 127.0.0.53
      port: 6060
      paths: { metrics: /m, expvar: /v, pprof: /p/ }
    - port: 9090
discovery: { enterNetworkNamespaces: true }
runtimeMemory: { enabled: false, goroutineInterval: 10s }
thresholds:
  cpuThrottled: { warningRatio: 0.1, criticalRatio: 0.1, minPeriods: 5 }
  engine: { forCycles: 3, coolDown: 10m }
metrics: { maxSeries: 2000 }
rules:
  disable: [GomemlimitMissing]
overrides:
  - { namespace: shop, pod: web-0, container: web, disable: [GomemlimitMissing] }
`,
    'c.yaml',
    { knownRules: ['GomemlimitMissing'] },
  );
  const defaults = defaultConfig();
  expect(result).toEqual({
    ok: true,
    config: {
      intervalMs: 30_000,
      endpoints: {
        enabled: false,
        intervalMs: 60_000,
        profileIntervalMs: 3_600_000,
        leakProfileIntervalMs: 7_200_000,
        timeoutMs: 2500,
        maxBytes: 1_048_576,
        concurrency: 8,
        targets: [
          {
            namespace: 'shop',
            pod: 'web-0',
            container: 'web',
            process: 'example.com/web',
            scheme: 'https',
            insecureSkipVerify: true,
            address: '127.0.0.53',
            port: 6060,
            paths: { metrics: '/m', expvar: '/v', pprof: '/p/' },
          },
          { scheme: 'http', insecureSkipVerify: false, port: 9090 },
        ],
      },
      discovery: { enterNetworkNamespaces: true },
      runtimeMemory: { enabled: false, goroutineIntervalMs: 10_000 },
      thresholds: {
        ...defaults.thresholds,
        cpuThrottled: { warningRatio: 0.1, criticalRatio: 0.1, minStalledRatio: 0.01, minPeriods: 5 },
        engine: { forCycles: 3, clearCycles: 2, coolDownMs: 600_000 },
      },
      rules: { disable: ['GomemlimitMissing'] },
      metrics: { maxSeries: 2000 },
      alertmanager: defaults.alertmanager,
      kubernetes: defaults.kubernetes,
      actions: defaults.actions,
      overrides: [
        { namespace: 'shop', pod: 'web-0', container: 'web', disable: ['GomemlimitMissing'], thresholds: undefined },
      ],
    },
  });
});

test('the endpoint interval and timeout follow the interval unless written', () => {
  const result = parseConfig('interval: 2s', 'c.yaml');
  expect(result.ok && result.config.endpoints).toMatchObject({ intervalMs: 2000, timeoutMs: 2000 });
});

test('all problems at once, each at its place, in file order', () => {
  const text = `interval: 15
intervl: 3s
endpoints:
  targets:
    - prt: 1
      scheme: htps
      address: 10.0.0.1
    - port: "80"
      paths: {metrics: foo}
    - port: 99999
  maxBytes: 12MB
  concurrency: 1.5
rules: {disable: [GomemlimitMisssing, 3, foo]}
thresholds:
  cpuThrottled: {warningRatio: high}
  memory: {headroomRatio: 2}
  engine:
`;
  expect(problems(text, { knownRules: ['GomemlimitMissing'] })).toEqual([
    'c.yaml:1:11 interval: a duration needs a unit: write 15s for seconds or 15m for minutes, got 15',
    'c.yaml:2:1 intervl: unknown key; did you mean interval?',
    'c.yaml:5:7 endpoints.targets[0].port: is required: a number',
    'c.yaml:5:7 endpoints.targets[0].prt: unknown key; did you mean port?',
    'c.yaml:6:15 endpoints.targets[0].scheme: expected http or https, got "htps"; did you mean https?',
    'c.yaml:7:16 endpoints.targets[0].address: expected a loopback address (127.0.0.1 or ::1), or nothing, got "10.0.0.1"',
    'c.yaml:8:13 endpoints.targets[1].port: expected a number, got "80"',
    'c.yaml:9:24 endpoints.targets[1].paths.metrics: expected a path that starts with / and has no blanks, got "foo"',
    'c.yaml:10:13 endpoints.targets[2].port: must be at most 65535',
    'c.yaml:11:13 endpoints.maxBytes: expected a size such as 16MiB or 512KiB, got "12MB"',
    'c.yaml:12:16 endpoints.concurrency: expected a whole number, got 1.5',
    'c.yaml:13:19 rules.disable[0]: there is no rule GomemlimitMisssing; did you mean GomemlimitMissing?',
    'c.yaml:13:39 rules.disable[1]: expected a string, got 3',
    'c.yaml:13:42 rules.disable[2]: expected a rule id such as GomaxprocsAboveCpuLimit, got "foo"',
    'c.yaml:13:42 rules.disable[2]: there is no rule foo',
    'c.yaml:15:32 thresholds.cpuThrottled.warningRatio: expected a number, got "high"',
    'c.yaml:16:27 thresholds.memory.headroomRatio: must be at most 1',
    'c.yaml:17:10 thresholds.engine: expected a map of settings, got nothing',
  ]);
});

test.each([
  ['interval: 100ms', 'c.yaml:1:11 interval: must be at least 1s, got 100ms'],
  ['interval: 1d', 'c.yaml:1:11 interval: must be at most 1h, got 1d'],
  ['interval: 15 s', 'c.yaml:1:11 interval: expected a duration such as 15s, 1m30s or 250ms, got "15 s"'],
  ['interval: [15s]', 'c.yaml:1:11 interval: expected a duration such as 15s or 1m30s, got a list'],
  ['endpoints: {enabled: yes}', 'c.yaml:1:22 endpoints.enabled: expected true or false, got "yes"'],
  [
    'endpoints: {interval: 2s, timeout: 3s}',
    'c.yaml:1:36 endpoints.timeout: must not be longer than the interval of 2s',
  ],
  ['endpoints: {maxBytes: 1023}', 'c.yaml:1:23 endpoints.maxBytes: must be at least 1KiB'],
  ['endpoints: {maxBytes: 257MiB}', 'c.yaml:1:23 endpoints.maxBytes: must be at most 256MiB'],
  [
    'endpoints: {targets: [{port: 80, address: 127.0.0.256}]}',
    /^c\.yaml:1:43 endpoints\.targets\[0\]\.address: expected a loopback/,
  ],
  [
    'endpoints: {targets: [{port: 80, address: localhost}]}',
    /^c\.yaml:1:43 endpoints\.targets\[0\]\.address: expected a loopback/,
  ],
  [
    'alertmanager: {targets: [{url: "http://ann:hunter2@am:9093"}]}',
    'c.yaml:1:32 alertmanager.targets[0].url: expected http://HOST:PORT/PREFIX or https://..., without credentials, query or fragment, got "http://...@am:9093"',
  ],
  ['thresholds: {engine: {forCycles: 0}}', 'c.yaml:1:34 thresholds.engine.forCycles: must be at least 1'],
  [
    'thresholds: {cpuThrottled: {warningRatio: 0.3}}',
    'c.yaml:1:43 thresholds.cpuThrottled.warningRatio: must not be above criticalRatio',
  ],
  [
    'thresholds: {cpuThrottled: {warningRatio: .nan}}',
    /^c\.yaml:1:43 thresholds\.cpuThrottled\.warningRatio: expected a number/,
  ],
  ['- a', 'c.yaml:1:1: expected a map of settings, got a list'],
  [
    '__proto__: {a: 1}',
    /^c\.yaml:1:1 __proto__: unknown key; known here: interval, endpoints, discovery, runtimeMemory, thresholds, rules, .*overrides$/,
  ],
  ['interval: 1s\ninterval: 2s', 'c.yaml:2:1 interval: this key is written twice'],
  [
    'endpoints:\n  targets:\n    - {port: 1, port: 2}',
    'c.yaml:3:17 endpoints.targets[0].port: this key is written twice',
  ],
  ['interval: 2s\n---\ninterval: 3s', 'c.yaml:2:1: a second document; expected one'],
  ['interval: !secret 15s', 'c.yaml:1:11: Unresolved tag: !secret'],
  ['interval: *x', 'c.yaml:1:1: Unresolved alias (the anchor must be set before the alias): x'],
  ['? [a]\n: b', 'c.yaml:1:3: With stringKeys, all keys must be strings'],
  ['a: [', /^c\.yaml:1:5: Flow sequence/],
])('%s', (text, expected) => {
  const found = problems(text);
  expect(found).toHaveLength(1);
  if (typeof expected === 'string') expect(found[0]).toBe(expected);
  else expect(found[0]).toMatch(expected);
});

test('a problem behind an alias is told at the place the alias names', () => {
  expect(problems('endpoints:\n  targets:\n    - &a {port: 0}\n    - *a\n')).toEqual([
    'c.yaml:3:17 endpoints.targets[0].port: must be at least 1',
    'c.yaml:3:17 endpoints.targets[1].port: must be at least 1',
  ]);
});

const doubling = Array.from({ length: 12 }, (_, i) => `k${i}: &k${i} [${i === 0 ? 'x,x' : `*k${i - 1},*k${i - 1}`}]`);

test.each([
  ['aliases that multiply', doubling.join('\n'), /Excessive alias count/],
  ['an alias in itself', 'x: &a [*a]', /unknown key/],
  ['many aliases', `a: &a x\nb: [${'*a,'.repeat(2000)}]`, /over 100 aliases/],
  ['open lists', '['.repeat(1_000_000), /has over 100000 parts/],
  ['deep lists', '['.repeat(5000), /is nested over 100 levels deep/],
  ['deep maps', '{a: '.repeat(5000), /is nested over 100 levels deep/],
  ['deep compact lists', '- '.repeat(5000), /is nested over 100 levels deep/],
  [
    'deep indentation',
    Array.from({ length: 500 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
    /is nested over 100 levels deep/,
  ],
  ['many keys', Array.from({ length: 120_000 }, (_, i) => `k${i}:`).join('\n'), /has over 100000 parts/],
  ['many documents', '---\n'.repeat(200_000), /has over 100000 parts/],
  ['control bytes', '\u0000\u0001', /expected a map of settings/],
])('hostile: %s', (_, text, expected) => {
  const found = problems(text);
  expect(found.length).toBeLessThanOrEqual(101);
  expect(found[0]).toMatch(expected);
});

test('100 problems are told and no more', () => {
  const found = problems(Array.from({ length: 5000 }, (_, i) => `x${i}: 1`).join('\n'));
  expect(found).toHaveLength(101);
  expect(found[100]).toBe('c.yaml:100:1: there are more problems');
});

test('files that cannot be used are problems of the whole file', () => {
  const write = (name: string, content: string | Uint8Array) => {
    writeFileSync(join(directory, name), content);
    return join(directory, name);
  };
  const told = (path: string) => {
    const result = loadConfig(path);
    return result.ok ? ['accepted'] : result.problems.map(formatProblem);
  };
  const good = write('good.yaml', 'interval: 20s\n');
  expect(loadConfig(good)).toMatchObject({ ok: true, config: { intervalMs: 20_000 } });
  expect(told(join(directory, 'none.yaml'))).toEqual([`${join(directory, 'none.yaml')}: cannot be read: ENOENT`]);
  expect(told(directory)).toEqual([`${directory}: cannot be read: EISDIR`]);
  expect(told(write('latin1.yaml', Buffer.from([0x23, 0xe9])))).toEqual([
    `${join(directory, 'latin1.yaml')}: is not UTF-8 text`,
  ]);
  expect(told(write('at-cap.yaml', `#${' '.repeat(1024 * 1024 - 1)}`))).toEqual(['accepted']);
  expect(told(write('large.yaml', `#${' '.repeat(1024 * 1024)}`))).toEqual([
    `${join(directory, 'large.yaml')}: is over 1 MiB`,
  ]);
});

test('never throws on arbitrary text or data, and problems are single lines', () => {
  const key = fc.constantFrom('interval', 'endpoints', 'targets', 'thresholds', 'rules', 'disable', 'port', 'x');
  const tree = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom('15s', 15, null, true, 'x', 0.5),
      fc.array(tie('value')),
      tie('map'),
    ),
    map: fc.dictionary(key, tie('value')),
  }));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string({ unit: 'binary' }),
        tree.map.map((data) => stringify(data)),
      ),
      (text) => {
        for (const line of problems(text)) expect(line.split('\n')).toHaveLength(1);
      },
    ),
    { numRuns: 60 },
  );
});

test('the JSON Schema is valid and agrees with the reader on these', () => {
  const validate = new Ajv2020({ strict: true, allErrors: true }).compile(configJsonSchema());
  expect(validate({})).toBe(true);
  expect(validate({ interval: '1m30s', endpoints: { maxBytes: '1MiB', targets: [{ port: 6060 }] } })).toBe(true);
  expect(validate({ endpoints: { maxBytes: 2048 } })).toBe(true);
  expect(validate({ interval: '15' })).toBe(false);
  expect(validate({ interval: 15 })).toBe(false);
  expect(validate({ intervl: '15s' })).toBe(false);
  expect(validate({ endpoints: { targets: [{}] } })).toBe(false);
  expect(validate({ thresholds: { engine: { forCycles: 0 } } })).toBe(false);
});

test('every setting in the JSON Schema is described, and every threshold has its default and unit', () => {
  interface Schema {
    readonly description?: string;
    readonly default?: unknown;
    readonly properties?: Readonly<Record<string, Schema>>;
    readonly items?: Schema;
  }
  const leaves: [string, Schema][] = [];
  const walk = (schema: Schema, path: string): void => {
    const inner = schema.properties ?? schema.items?.properties;
    if (inner === undefined) leaves.push([path, schema]);
    else for (const [name, child] of Object.entries(inner)) walk(child, `${path}.${name}`);
  };
  walk(configJsonSchema(), '');
  expect(leaves.length).toBeGreaterThan(25);
  expect(leaves.filter(([, { description }]) => (description ?? '').length < 8).map(([path]) => path)).toEqual([]);
  const thresholds = leaves.filter(([path]) => path.startsWith('.thresholds.'));
  expect(thresholds.length).toBeGreaterThan(9);
  for (const [path, schema] of thresholds) {
    if (path === '.thresholds.engine.coolDown') {
      expect(schema.default).toBe('5m');
      continue;
    }
    // A base unit, or the thing that is counted.
    expect(path).toMatch(
      /(Ratio|Percent|Seconds|Bytes|Cores)(?![a-z])|(Periods|Cycles|Count|\.count|[Pp]er[A-Z]\w+)$|\.min[A-Z]/,
    );
    expect(typeof schema.default).toBe('number');
  }
});
