import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { type SimulatedNode, startSimulatedNode } from '../../src/demo/node.ts';
import { blocks, ROOT, read } from '../docs/pages.ts';
import { Timeline } from './timeline.ts';
import { until } from './until.ts';

/* The README as somebody follows it who has just fetched the sources: in a copy without packages and without what is built. */

const NOT_IN_A_CHECKOUT = new Set(['node_modules', 'dist', 'coverage', '.git']);
const timeline = new Timeline('a new user');

let directory = '';
let checkout = '';
let node: SimulatedNode;
let ticker: NodeJS.Timeout;
const children: ChildProcess[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'new-user-'));
  checkout = join(directory, 'cgopher');
  cpSync(ROOT, checkout, {
    recursive: true,
    filter: (source) => !NOT_IN_A_CHECKOUT.has(basename(source)),
  });
  node = await startSimulatedNode({ directory: join(directory, 'node'), clock: systemClock, host: '127.0.0.1' });
  ticker = setInterval(() => {
    node.tick();
  }, 500);
  timeline.mark('sources are there');
});

afterAll(async () => {
  timeline.print();
  for (const child of children) signal(child, 'SIGKILL');
  clearInterval(ticker);
  await node.close();
  rmSync(directory, { recursive: true, force: true });
});

interface Running {
  readonly child: ChildProcess;
  said(): string;
  readonly ended: Promise<number | string>;
}

/** Runs a line of the page in the checkout. `sudo` is left out: the node is made of files. */
function shell(line: string): Running {
  const child = spawn('sh', ['-c', `exec ${line.replace(/^sudo /, '')}`], {
    cwd: checkout,
    // Those of this very run name another project and another test runner.
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      npm_config_prefer_offline: 'true',
      npm_config_audit: 'false',
      npm_config_fund: 'false',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, to be ended as a whole: npm does not hand signals on to all it starts.
    detached: true,
  });
  children.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  return {
    child,
    said: () => text,
    ended: once(child, 'close').then(([status, signal]) => (status ?? signal) as number | string),
  };
}

async function get(url: string): Promise<string> {
  const answer = await fetch(url);
  expect(answer.status, url).toBe(200);
  return answer.text();
}

/** Waits for an address in what a server says. */
function address(running: Running): Promise<string> {
  return until('an address', () => {
    if (running.child.exitCode !== null) throw new Error(`it ended: ${running.said()}`);
    return /http:\/\/127\.0\.0\.1:\d+/.exec(running.said())?.[0];
  });
}

/** As a terminal does: the program and all that it started. */
function signal({ pid }: ChildProcess, name: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): void {
  try {
    if (pid !== undefined) process.kill(-pid, name);
  } catch {
    // All of it has ended.
  }
}

async function terminated(running: Running): Promise<void> {
  signal(running.child, 'SIGTERM');
  expect(await running.ended, running.said()).toBe(0);
}

const pathFlags = (): string =>
  (['cgroupfs', 'procfs', 'sysfs', 'podlogs'] as const).map((name) => `--path.${name}=${node[name]}`).join(' ');

/** The block that installs, line by line, as the page has it. */
const lines = blocks(read('README.md'), 'sh')
  .find((block) => /^npm ci$/m.test(block))
  ?.trim()
  .split('\n');

describe('the install section of the README', () => {
  it('is the one followed here', () => {
    expect(lines?.slice(0, 2)).toEqual(['npm ci', 'npm run build']);
    for (const line of lines?.slice(2) ?? []) expect(line).toMatch(/^sudo node dist\/cgopher\.mjs (?:check|agent)\b/);
  });

  it.each(lines ?? [])('%s', async (line) => {
    if (line.startsWith('npm ')) {
      const running = shell(line);
      expect(await running.ended, running.said()).toBe(0);
    } else if (line.includes(' check')) {
      const running = shell(`${line} ${pathFlags()}`);
      // Something fires on this node.
      expect(await running.ended, running.said()).toBe(1);
      expect(running.said()).toContain('GomemlimitAboveMemoryLimit');
      expect(running.said()).toMatch(/set: +GOMEMLIMIT=\d+MiB {2}\(env\)/);
    } else {
      const running = shell(`${line} ${pathFlags()} --web.listen-address 127.0.0.1:0`);
      const url = await address(running);
      await until('an agent that is ready', async () => ((await fetch(`${url}/-/ready`)).ok ? true : undefined));
      expect(await get(`${url}/`)).toContain('<html');
      expect(await get(`${url}/metrics`)).toContain('cgopher_build_info{');
      expect(JSON.parse(await get(`${url}/findings`))).toHaveProperty('findings');
      await terminated(running);
    }
    timeline.mark(line);
  });

  it('npm start', async () => {
    expect(read('README.md')).toContain('```sh\nnpm start\n```');
    // Its usual port may be taken here; what it runs is otherwise what it runs without words.
    const running = shell('npm start -- demo --web.listen-address 127.0.0.1:0');
    const url = await address(running);
    expect(await get(`${url}/`)).toContain('<html');
    signal(running.child, 'SIGINT');
    await running.ended;
    timeline.mark('npm start');
  });
});
