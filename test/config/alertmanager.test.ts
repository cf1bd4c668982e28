import { expect, test } from 'vitest';
import { formatProblem } from '../../src/config/problems.ts';
import { parseConfig } from '../../src/config/validate.ts';

function problems(section: string): string[] {
  const result = parseConfig(`alertmanager: ${section}`, 'c.yaml');
  return result.ok ? [] : result.problems.map(formatProblem);
}
const target = (rest: string): string[] => problems(`{targets: [{url: 'https://am:9093', ${rest}}]}`);

test('every key can be set', () => {
  const result = parseConfig(
    `alertmanager:
  targets:
    - url: https://am-0.example:9093/alerting
      basicAuth: { username: cgopher, passwordFile: /etc/cgopher/password }
      tls: { caFile: /tls/ca.pem, certFile: /tls/cert.pem, keyFile: /tls/key.pem, serverName: am.example }
    - url: http://[::1]:9093/
      bearerTokenFile: /var/run/token
  minSeverity: critical
  resendInterval: 30s
  timeout: 5s
  externalLabels: { cluster: lab, node: n1 }
  externalUrl: https://cgopher.example/{node}
  runbookUrl: https://runbooks.example
`,
    'c.yaml',
  );
  expect(result.ok && result.config.alertmanager).toEqual({
    targets: [
      {
        url: 'https://am-0.example:9093/alerting',
        basicAuth: { username: 'cgopher', passwordFile: '/etc/cgopher/password' },
        tls: { caFile: '/tls/ca.pem', certFile: '/tls/cert.pem', keyFile: '/tls/key.pem', serverName: 'am.example' },
      },
      { url: 'http://[::1]:9093/', bearerTokenFile: '/var/run/token' },
    ],
    minSeverity: 'critical',
    resendIntervalMs: 30_000,
    timeoutMs: 5000,
    externalLabels: { cluster: 'lab', node: 'n1' },
    externalUrl: 'https://cgopher.example/{node}',
    runbookUrl: 'https://runbooks.example',
  });
});

test('two targets with one address would share their series', () => {
  expect(problems("{targets: [{url: 'http://am:9093'}, {url: 'http://am:9093/'}]}")).toEqual([
    expect.stringMatching(/^c\.yaml:\S+ alertmanager\.targets: two targets have the same url/),
  ]);
  expect(problems("{targets: [{url: 'http://am:9093'}, {url: 'http://am:9093/b'}]}")).toEqual([]);
});

test.each([
  'am:9093',
  'ftp://am',
  'http://',
  'http://me:secret@am',
  'http://am/?a=b',
  'http://am/#x',
  'http://am/a b',
  'http://am:99999',
  'http://a\\b',
])('%j is no address of an Alertmanager', (url) => {
  expect(problems(JSON.stringify({ targets: [{ url }] }))[0]).toMatch(/^c\.yaml:\S+ alertmanager\.targets\[0\]\.url: /);
});

test('secrets are files, by absolute path, and no text', () => {
  expect(target('basicAuth: {username: me, password: secret}')).toEqual([
    expect.stringContaining('passwordFile: '),
    expect.stringContaining('unknown key; did you mean passwordFile?'),
  ]);
  expect(target('bearerTokenFile: token')).toEqual([expect.stringContaining('expected an absolute path')]);
  expect(target('bearerToken: abc')).toEqual([expect.stringContaining('did you mean bearerTokenFile?')]);
});

test('what does not go together is refused', () => {
  expect(target('bearerTokenFile: /t, basicAuth: {username: me, passwordFile: /p}')).toEqual([
    expect.stringContaining('basicAuth and bearerTokenFile exclude each other'),
  ]);
  expect(target('tls: {certFile: /c}')).toEqual([expect.stringContaining('certFile and keyFile belong together')]);
  expect(problems("{targets: [{url: 'http://am', tls: {caFile: /ca}}]}")).toEqual([
    expect.stringContaining('targets[0].tls: needs an https URL'),
  ]);
});

test.each(['severity', 'alertname', 'rule', 'namespace', 'pod', 'container', 'process', '__x', 'a-b', '1a', ''])(
  'no label may be called %j',
  (name) => {
    expect(problems(JSON.stringify({ externalLabels: { [name]: 'x' } }))).toHaveLength(1);
  },
);

test('labels are bounded in number and length, and not empty', () => {
  const many = Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`l${index}`, 'x']));
  expect(problems(JSON.stringify({ externalLabels: many }))).toEqual([expect.stringContaining('at most 32 labels')]);
  expect(problems('{externalLabels: {a: ""}}')).toHaveLength(1);
  expect(problems(JSON.stringify({ externalLabels: { a: 'x'.repeat(257) } }))).toHaveLength(1);
});

test('times have bounds', () => {
  expect(problems('{resendInterval: 5s}')).toEqual([expect.stringContaining('must be at least 10s')]);
  expect(problems('{timeout: 2m}')).toEqual([expect.stringContaining('must be at most 1m')]);
});
