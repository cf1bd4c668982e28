import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { program } from '../../src/cli/program.ts';
import { type RunningDemo, runningDemo } from '../tools/running-demo.ts';
import { bare, isCgopher } from './command-classes.ts';
import { shellCommands, simpleCommands, wordsOf } from './shell-commands.ts';

/* Every `cgopher` command of the pages, run on the simulated node: the words are those of the page, but for names of workloads, files and times. */

const singles = shellCommands()
  .filter(({ needs }) => needs === undefined)
  .flatMap(({ text }) => simpleCommands(text).map(bare));
const commands = [...new Set(singles.filter(isCgopher))];
const paths = [
  ...new Set(singles.flatMap((command) => /^curl .*\blocalhost:10119(\/[^\s'"]*)?/.exec(command)?.[1] ?? [])),
];

let demo: RunningDemo;
let history: Server;
let directory = '';
/** What a page leaves to the reader, by its word on the page. */
let values: Readonly<Record<string, string>> = {};

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'commands-'));
  demo = await runningDemo();
  await demo.until('/metrics', (text) => text.includes('cgopher_go_gomemlimit_bytes{'));
  const pid = readdirSync(demo.node.procfs).find(
    (name) => /^\d+$/.test(name) && readFileSync(join(demo.node.procfs, name, 'comm'), 'utf8') === 'reports\n',
  );
  // A day of a steady count, minute by minute.
  const samples = Array.from({ length: 1440 }, (_, minute) => [1_790_000_000 + 60 * minute, 200] as const);
  history = createServer((_, response) => {
    const result = [{ metric: { job: 'shop' }, values: samples.map(([time, count]) => [time, String(count)]) }];
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } }));
  });
  await new Promise<void>((resolve) => history.listen(0, '127.0.0.1', resolve));
  const file = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  };
  const config = file('cgopher.yaml', 'interval: 15s\n');
  values = {
    NAMESPACE: 'payments',
    POD: 'reports-59bb7c8d6f-4hj2s',
    CONTAINER: 'reports',
    PID: pid ?? 'none',
    UNIT: 'containerd.service',
    orders: 'reports',
    incident: join(directory, 'incident'),
    'history.csv': file('history.csv', `time,goroutines\n${samples.map((sample) => sample.join(',')).join('\n')}\n`),
    'cgopher.yaml': config,
    '/etc/cgopher.yaml': config,
    '/etc/cgopher/cgopher.yaml': config,
    '/etc/cgopher/web.yml': file('web.yml', '{}\n'),
    'http://127.0.0.1:10119': demo.url,
    // Not a Prometheus: it answers each query with the same history.
    'http://prometheus:9090': `http://127.0.0.1:${(history.address() as AddressInfo).port}`,
  };
  await cgopher(['record', '--out', values['incident']!, '--for', '2s', '--interval', '1s', ...pathFlags()]);
}, 60_000);

afterAll(async () => {
  history.closeAllConnections();
  history.close();
  await demo.close();
  rmSync(directory, { recursive: true });
});

const pathFlags = (): string[] =>
  (['cgroupfs', 'procfs', 'sysfs', 'podlogs'] as const).map((name) => `--path.${name}=${demo.node[name]}`);

interface Done {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs it to its end; what stays until it is told to stop is told so at once. */
async function cgopher(words: readonly string[]): Promise<Done> {
  let status = 0;
  let out = '';
  let err = '';
  // What looks once must not take it for a Ctrl-C.
  const stays = words[0] === 'agent' || words[0] === 'demo';
  await program({
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    terminal: { columns: 120, color: false },
    stopped: stays ? Promise.resolve('SIGTERM') : new Promise(() => undefined),
    exit: (code) => {
      status = code;
    },
  }).parseAsync(words, { from: 'user' });
  return { status, out, err };
}

/** The page's words with the values of this node, and nothing that takes long or stays. */
function here(command: string, index: number): string[] {
  const all = wordsOf(command);
  const given = all.slice(all[0] === 'cgopher' ? 1 : all.indexOf('dist/cgopher.mjs') + 1);
  const words = given.map((word, at) => {
    const before = given[at - 1];
    if (before === '--interval') return '1s';
    if (before === '--for') return '2s';
    if (before === '--out') return join(directory, `recorded-${index}`);
    return values[word] ?? word;
  });
  const [verb = ''] = words;
  const looks = ['agent', 'check', 'why', 'whatif', 'go', 'record', 'top'].includes(verb) && !words.includes('--url');
  const flags = looks ? pathFlags().filter((flag) => !words.some((word) => word.startsWith(flag.split('=')[0]!))) : [];
  const once = ['check', 'why', 'top'].includes(verb) && !words.includes('--once') && !words.includes('--interval');
  if (once) flags.push('--once');
  if (['whatif', 'record', 'top'].includes(verb) && !words.includes('--interval')) flags.push('--interval', '1s');
  if (verb === 'record' && !words.includes('--for')) flags.push('--for', '2s');
  if (['agent', 'demo'].includes(verb)) flags.push('--web.listen-address', '127.0.0.1:0', '--log.level', 'error');
  return [...words, ...flags];
}

describe('commands of the pages on the simulated node', { timeout: 120_000 }, () => {
  it('are there', () => {
    const verbs = new Set(commands.map((command) => here(command, 0)[0]));
    for (const verb of ['check', 'why', 'replay', 'backtest', 'agent', 'record', 'whatif', 'go'])
      expect([...verbs]).toContain(verb);
  });

  it.each(commands)('%s', async (command) => {
    const words = here(command, commands.indexOf(command));
    const { status, out, err } = await cgopher(words);
    const said = `${words.join(' ')}: ${status} ${out}${err}`;
    // `check` found something, as it must on this node; nothing else ends with 1 here.
    expect(status, said).toBe(words[0] === 'check' ? 1 : 0);
    expect(err, said).not.toMatch(/^(?:cgopher|error):/m);
    if (words.includes('--json')) expect(JSON.parse(out), said).toBeTypeOf('object');
    else if (words[0] !== 'agent' && words[0] !== 'record') expect(out.length, said).toBeGreaterThan(20);
    const rule = words[words.indexOf('--rule') + 1] ?? '';
    if (words.includes('--rule')) expect(out, said).toContain(rule);
  });

  it.each(['version', 'explain', 'explain GomemlimitMissing', '--help'])('cgopher %s', async (line) => {
    if (line === '--help') await expect(cgopher([line])).rejects.toThrow('outputHelp');
    else expect((await cgopher(line.split(' '))).out.length).toBeGreaterThan(20);
  });
});

describe('addresses of the pages', () => {
  it('are asked for at all', () => {
    expect(paths).toContain('/findings');
  });

  it.each(paths)('%s', async (path) => {
    const { status, text } = await demo.get(path);
    // A piece of evidence has its number from the time it was kept at.
    if (path.startsWith('/evidence/')) expect([200, 404], text).toContain(status);
    else expect(status, text).toBe(200);
  });
});
