import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkReportJsonSchema } from '../../src/export/check-schema.ts';
import { ID_A, POD_A, SmallNode, scope, termination, UID_A } from '../sample/small-node.ts';
import { build, run, runInTerminal, start } from './bundle.ts';

let directory = '';
beforeAll(() => {
  build();
  directory = mkdtempSync(join(tmpdir(), 'cli-'));
}, 60_000);
afterAll(() => {
  rmSync(directory, { recursive: true });
});

/** One line and no stack trace. */
const isOneLine = (text: string) => text.endsWith('\n') && text.trimEnd().split('\n').length === 1;

describe('help and version', () => {
  it.each([
    [['--help'], ['agent', 'check', 'demo', 'version']],
    [
      ['agent', '--help'],
      ['--path.cgroupfs', '--web.listen-address', '--web.telemetry-path', ':10119'],
    ],
    [
      ['check', '--help'],
      ['--json', '--once', '--interval', '--path.procfs'],
    ],
    [
      ['demo', '--help'],
      ['--web.listen-address', '--log.level'],
    ],
    [['version', '--help'], ['version']],
  ])('%j tells its words', async (words, holds) => {
    const { status, out, err } = await run(words);
    expect([status, err]).toEqual([0, '']);
    for (const word of holds) expect(out).toContain(word);
  });

  it('has a version, with revision and Node on request', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(await run(['--version'])).toEqual({ status: 0, out: `${version}\n`, err: '' });
    const long = await run(['version']);
    expect(long).toMatchObject({ status: 0, err: '' });
    expect(long.out).toMatch(new RegExp(`^cgopher ${version} \\(revision \\S+, node ${process.version}\\)\n$`));
  });
});

describe('words it does not know', () => {
  it.each([
    [['check', '--jsno'], /unknown option '--jsno'\n\(Did you mean --json\?\)/],
    [['chek'], /unknown command 'chek'\n\(Did you mean check\?\)/],
    [['check', '--path.cgroup=/x'], /Did you mean --path\.cgroupfs\?/],
    [['check', 'extra'], /too many arguments/],
    [['check', '--interval', 'soon'], /--interval/],
    [['agent', '--log.level', 'loud'], /Allowed choices are debug, info, warn, error/],
    [['agent', '--web.max-requests', 'many'], /whole number/],
    [['agent', '--web.telemetry-path', 'metrics'], /starts with a slash/],
  ])('%j is refused with status 2 and a hint', async (words, hint) => {
    const { status, out, err } = await run(words);
    expect([status, out]).toEqual([2, '']);
    expect(err).toMatch(hint);
    expect(err).not.toMatch(/\n\s+at /);
  });

  it('shows its help, with status 2, when it is told nothing', async () => {
    const { status, out, err } = await run([]);
    expect(status).toBe(2);
    expect(out + err).toContain('Usage: cgopher');
  });
});

describe('check', () => {
  let node: SmallNode;
  beforeEach(() => {
    node = new SmallNode();
    node.cgroup(POD_A);
    node.container(ID_A, 101);
    node.write(`cgroup${scope(ID_A)}/pids.current`, '1\n');
    node.write(`cgroup${scope(ID_A)}/pids.max`, 'max\n');
    node.write(`pods/shop_web-0_${UID_A}/web/0.log`, '');
  });
  afterEach(() => {
    node.close();
  });
  const at = () => Object.entries(node.paths).map(([name, path]) => `--path.${name}=${path}`);
  const check = (...words: string[]) => run(['check', ...at(), '--interval', '20ms', ...words]);
  const ill = () => {
    node.cgroup(scope(ID_A), { 'memory.max': '67108864\n' });
    node.procs(scope(ID_A), [101]);
    node.process(101, { environment: ['GOMEMLIMIT=128MiB'], mounts: [termination('web')] });
  };

  it('ends with 0 on a healthy node', async () => {
    const { status, out, err } = await check();
    expect(err).toBe('');
    expect(status).toBe(0);
    expect(out).toContain('shop/web-0/web');
    expect(out).toContain('No findings.');
  });

  it('ends with 1 when there are findings', async () => {
    ill();
    const { status, out } = await check();
    expect(status).toBe(1);
    expect(out).toContain('GomemlimitAboveMemoryLimit');
    expect(out).toContain('GOMEMLIMIT is 128 MiB, the memory limit 64 MiB');
  });

  it.each(['none', 'v1', 'hybrid'])('ends with 2 where it cannot judge: %s', async (mode) => {
    node.remove('cgroup');
    if (mode !== 'none') node.write('cgroup/memory/tasks', '');
    if (mode === 'hybrid') node.write('cgroup/unified/cgroup.controllers', '');
    const { status, out, err } = await check();
    expect(status).toBe(2);
    expect(isOneLine(err)).toBe(true);
    expect(err).toContain(mode === 'none' ? 'no cgroup v2 file system' : 'could not judge');
    if (mode === 'hybrid') expect(err).toContain('hybrid');
    if (mode !== 'none') expect(err).toContain('found 1 Go process');
    expect(out).toContain('app');
  });

  it('prints JSON of its schema, and nothing else, with the same status', async () => {
    ill();
    const { status, out, err } = await check('--json');
    expect([status, err]).toEqual([1, '']);
    const valid = new Ajv2020({ allowUnionTypes: true }).compile(checkReportJsonSchema() as object);
    const report = JSON.parse(out) as { windowSeconds?: number; findings: { rule: string }[] };
    expect(valid(report), JSON.stringify(valid.errors)).toBe(true);
    expect(report.windowSeconds).toBeGreaterThan(0);
    expect(report.findings.map((finding) => finding.rule)).toContain('GomemlimitAboveMemoryLimit');
  });

  it('takes one sample with --once: no window, no rates, but rules that need none', async () => {
    ill();
    const { status, out } = await check('--once', '--json');
    expect(status).toBe(1);
    const report = JSON.parse(out) as { containers: { cpu: { usageCores?: number } }[] };
    expect(report).not.toHaveProperty('windowSeconds');
    expect(report.containers[0]?.cpu.usageCores).toBeUndefined();
  });

  it('has no colour where its output is no terminal', async () => {
    ill();
    const { out } = await check();
    expect(out).not.toContain('\u001b');
  });

  it('has colours in a terminal, and none there either with NO_COLOR', (context) => {
    ill();
    const words = ['check', ...at(), '--once'];
    const coloured = runInTerminal(words);
    if (coloured === undefined) context.skip('script(1) is not installed');
    expect(coloured).toContain('\u001b[31mCRITICAL');
    const plain = runInTerminal(words, { NO_COLOR: '1' });
    expect(plain).toContain('CRITICAL');
    expect(plain).not.toContain('\u001b');
  });

  it('says what it waits for, and stops when it is told to', async () => {
    const running = start(['check', ...at(), '--interval', '1h']);
    await running.says(/watching 4 cgroups and 1 Go processes for 3600 s/);
    running.child.kill('SIGINT');
    expect(await running.ended).toBe(2);
    expect(running.err()).toMatch(/\ncgopher: stopped by SIGINT\n$/);
    expect(running.out()).toBe('');
  });

  it('refuses a bad configuration with every problem at once, each with its place', async () => {
    const file = join(directory, 'bad.yaml');
    writeFileSync(file, 'interval: soon\nendpoints:\n  concurency: 3\nrules:\n  disable: [NoSuchRule]\n');
    const { status, out, err } = await check('--config.file', file);
    expect([status, out]).toEqual([2, '']);
    const places = err
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(file.length).split(' ')[0]);
    expect(places).toHaveLength(3);
    for (const line of err.trimEnd().split('\n')) expect(line.startsWith(`${file}:`)).toBe(true);
    // The values at fault: `soon`, the key `concurency`, `NoSuchRule` behind its bracket.
    expect(places.sort()).toEqual([':1:11', ':3:3', ':5:13']);
    expect(err).toContain('concurrency');
  });

  it('refuses a configuration that is not there in one line', async () => {
    const file = join(directory, 'nothing.yaml');
    const { status, err } = await check('--config.file', file);
    expect(status).toBe(2);
    expect(isOneLine(err)).toBe(true);
    expect(err).toContain(file);
  });
});

describe('agent', () => {
  let node: SmallNode;
  beforeEach(() => {
    node = new SmallNode();
    node.cgroup(POD_A);
    node.container(ID_A, 101);
  });
  afterEach(() => {
    node.close();
  });
  const words = (address: string) => [
    'agent',
    ...Object.entries(node.paths).map(([name, path]) => `--path.${name}=${path}`),
    '--web.listen-address',
    address,
  ];

  it.each(['SIGTERM', 'SIGINT'] as const)('serves, and ends within 3 s with 0 at %s', async (signal) => {
    const running = start(words('127.0.0.1:0'));
    const [, url] = await running.says(/msg=listening url=(http:\S+)/);
    const answer = await fetch(`${url!}/metrics`);
    expect(await answer.text()).toContain('cgopher_go_info{');
    // A kept connection, as a Prometheus server has, must not hold it up.
    const begin = Date.now();
    running.child.kill(signal);
    expect(await running.ended).toBe(0);
    expect(Date.now() - begin).toBeLessThan(3000);
    expect(running.err()).toContain(`signal=${signal}`);
    expect(running.out()).toBe('');
  });

  it('says in one line that a port is taken, and ends with 2', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (const command of [words(address), ['demo', '--web.listen-address', address]]) {
      const { status, err } = await run(command);
      expect(status).toBe(2);
      const lines = err
        .trimEnd()
        .split('\n')
        .filter((line) => !line.startsWith('time='));
      expect(lines).toEqual([`cgopher: cannot listen on ${address}: EADDRINUSE`]);
    }
    await new Promise((resolve) => server.close(resolve));
  });

  it('refuses an address that is none', async () => {
    const { status, err } = await run(words('10119'));
    expect(status).toBe(2);
    expect(err).toContain('cgopher: cannot listen on 10119: expected [host]:port');
  });

  it('takes several addresses and logs JSON when asked to', async () => {
    const running = start([...words('127.0.0.1:0'), '--web.listen-address', '127.0.0.1:0', '--log.format', 'json']);
    await running.says(/listening[^]*listening/);
    running.child.kill('SIGTERM');
    expect(await running.ended).toBe(0);
    const lines = running
      .err()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { msg: string; url?: string });
    expect(lines.filter((line) => line.msg === 'listening')).toHaveLength(2);
  });
});

describe('demo', () => {
  it('runs until it is told to stop and leaves nothing behind', async () => {
    const running = start(['demo', '--web.listen-address', '127.0.0.1:0'], { TMPDIR: directory });
    const [, url] = await running.says(/metrics +(http:\S+)/);
    expect(await (await fetch(url!)).text()).toContain('cgopher_container_info{');
    const [, paths] = await running.says(/cgopher\.mjs (check --path\.cgroupfs.*)/);
    const seen = await run([...paths!.split(' '), '--once', '--json']);
    expect([0, 1]).toContain(seen.status);
    expect((JSON.parse(seen.out) as { goProcesses: unknown[] }).goProcesses.length).toBeGreaterThan(8);
    const made = readdirSync(directory).filter((name) => name.startsWith('cgopher-demo-'));
    expect(made).toHaveLength(1);
    running.child.kill('SIGTERM');
    expect(await running.ended).toBe(0);
    expect(existsSync(join(directory, made[0]!))).toBe(false);
  });
});
