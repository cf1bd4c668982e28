import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { NodePaths } from '../../src/agent/paths.ts';
import type { Bench } from './bench.ts';
import { median, shown } from './numbers.ts';
import { REFERENCE_START_MS } from './speed.ts';

const STARTS = 7;
const ASK_EVERY_MS = 3;
const GIVE_UP_MS = 20_000;
const TICK_MS = 10;

interface Start {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly rssMb: number;
}

/** Part 6: from starting the bundle to the first ready answer, which comes after the first cycle. */
export async function start(bench: Bench): Promise<void> {
  await measure(bench, 'an empty node', emptyNode(bench), true);
  await measure(bench, `${bench.containers.length} containers`, bench.node.paths, false);
}

async function measure(bench: Bench, what: string, paths: NodePaths, judged: boolean): Promise<void> {
  const starts: Start[] = [];
  const bare: number[] = [];
  for (let index = 0; index < STARTS; index++) {
    bare.push(await bareStart());
    starts.push(await once(bench.program, paths));
  }
  const of = (pick: (start: Start) => number): number => median(starts.map(pick));
  bench.row({
    what: `start to ready, ${what}`,
    measured: of(({ wallMs }) => wallMs),
    unit: 'ms',
    goal: 250,
    ...(judged ? { limit: 400 } : {}),
    slowness: median(bare) / REFERENCE_START_MS,
    note: `${shown(of(({ cpuMs }) => cpuMs))} ms CPU, ${shown(of(({ rssMb }) => rssMb))} MB RSS, shortest ${shown(Math.min(...starts.map(({ wallMs }) => wallMs)))} ms`,
  });
}

/** The least that a Node program with a web server takes. Milliseconds. */
function bareStart(): Promise<number> {
  const program = "require('node:http').createServer().listen(0, '127.0.0.1', () => process.exit())";
  const begin = performance.now();
  return new Promise((resolve) => {
    spawn(process.execPath, ['-e', program], { stdio: 'ignore' }).once('close', () => {
      resolve(performance.now() - begin);
    });
  });
}

/** The same node without pods. */
function emptyNode(bench: Bench): NodePaths {
  const cgroupfs = join(bench.scratch, 'empty-cgroupfs');
  const podlogs = join(bench.scratch, 'empty-podlogs');
  mkdirSync(cgroupfs, { recursive: true });
  mkdirSync(podlogs, { recursive: true });
  for (const name of ['cgroup.controllers', 'cpu.stat', 'cgroup.procs'])
    writeFileSync(join(cgroupfs, name), readFileSync(join(bench.node.paths.cgroupfs, name)));
  return { ...bench.node.paths, cgroupfs, podlogs };
}

async function once(program: string, paths: NodePaths): Promise<Start> {
  const port = await freePort();
  const options = Object.entries(paths).flatMap(([name, path]) => [`--path.${name}`, String(path)]);
  const listen = ['--web.listen-address', `127.0.0.1:${port}`, '--log.level', 'error'];
  const begin = performance.now();
  const child = spawn(process.execPath, [program, 'agent', ...listen, ...options], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      resolve();
    });
  });
  try {
    while ((await status(port)) !== 200) {
      if (child.exitCode !== null || performance.now() - begin > GIVE_UP_MS)
        throw new Error('the agent does not get ready');
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    }
    const wallMs = performance.now() - begin;
    return { wallMs, ...spentBy(child.pid ?? 0) };
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

function spentBy(pid: number): { cpuMs: number; rssMb: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  return { cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS, rssMb: Number(rss) / 1024 };
}

function status(port: number): Promise<number> {
  return new Promise((resolve) => {
    get({ host: '127.0.0.1', port, path: '/-/ready', agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    }).once('error', () => {
      resolve(0);
    });
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  });
}
