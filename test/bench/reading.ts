import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONTROL_FILES } from '../../src/kernel/cgroup/control-files.ts';
import type { Bench } from './bench.ts';
import { Coprocess } from './coprocess.ts';
import { median } from './numbers.ts';

const WARM_UPS = 5;
const PASSES = 15;
/** The slow ways have a ratio far from one: fewer passes will do. */
const SLOW_PASSES = 7;
const FILES = 16;
const FEW_FILES = 8;

interface Contest {
  readonly name: string;
  readonly root: string;
  readonly cgroups: readonly string[];
  readonly kept: readonly string[];
  readonly opened: readonly string[];
  /** Ways of contestants.ts, the agent's first. */
  readonly ways: readonly string[];
  /** Undefined: only shown. */
  readonly goal: number | undefined;
}

const hot = CONTROL_FILES.filter((file) => file.cadence === 'hot').map((file) => file.name);
const others = CONTROL_FILES.filter((file) => file.cadence !== 'hot').map((file) => file.name);

/** Part 1: reading and parsing against C and against the usual ways, in processor time. */
export async function reading(bench: Bench): Promise<void> {
  const compiled = compile(bench);
  const { realRoot, containers, node } = bench;
  const contests: Contest[] = [];
  if (realRoot !== undefined) {
    const there = readdirSync(join(realRoot, containers[0] ?? '')).filter(isReadable);
    const kept = hot.filter((name) => there.includes(name));
    // The agent's files first, then whatever else the kernel offers here.
    const wanted = [...others.filter((name) => there.includes(name)), ...there.filter((name) => !hot.includes(name))];
    const opened = [...new Set(wanted)].slice(0, FILES - kept.length);
    const on = { root: realRoot, cgroups: containers };
    contests.push(
      {
        ...on,
        name: `cgroup2, hot pass, ${kept.length} files kept open`,
        kept,
        opened: [],
        ways: ['hot'], // With few files what is done once a container weighs more than on a node with every controller.
        goal: kept.length < FEW_FILES ? undefined : 1.5,
      },
      {
        ...on,
        name: `cgroup2, ${kept.length + opened.length} files kept open`,
        kept: [...kept, ...opened],
        opened: [],
        ways: ['listed'],
        goal: 1.5,
      },
      {
        ...on,
        name: `cgroup2, ${kept.length + opened.length} files, ${kept.length} kept, rest opened`,
        kept,
        opened,
        ways: ['listed', 'sync', 'promises'],
        goal: 1.5,
      },
    );
  }
  const on = { root: node.paths.cgroupfs, cgroups: containers };
  contests.push(
    { ...on, name: `tmpfs, hot pass, ${hot.length} files kept open`, kept: hot, opened: [], ways: ['hot'], goal: 3 },
    {
      ...on,
      name: `tmpfs, full pass, ${hot.length + others.length} files`,
      kept: hot,
      opened: others,
      ways: ['full'],
      goal: 3,
    },
  );
  for (const contest of contests) await run(bench, contest, compiled);
}

function compile(bench: Bench): string | undefined {
  const program = join(bench.scratch, 'pass');
  try {
    execFileSync('cc', ['-O2', '-o', program, join(bench.sources, 'pass.c')], { stdio: 'ignore' });
    return program;
  } catch {
    bench.say('   no C compiler (cc): no ratios to C');
    return undefined;
  }
}

async function run(bench: Bench, contest: Contest, compiled: string | undefined): Promise<void> {
  const list = join(bench.scratch, 'cgroups');
  if (!existsSync(list)) writeFileSync(list, contest.cgroups.map((path) => `${path}\n`).join(''));
  const args = [contest.root, list, contest.kept.join(','), contest.opened.join(',')];
  const start = (way: string): Coprocess =>
    way === 'c'
      ? new Coprocess(compiled ?? '', args)
      : new Coprocess(process.execPath, [join(bench.scratch, 'contestants.mjs'), way, ...args]);
  const ways = [...(compiled === undefined ? [] : ['c']), ...contest.ways];
  const contestants = ways.map((way) => ({ way, process: start(way), milliseconds: [] as number[] }));
  for (let pass = 0; pass < WARM_UPS + PASSES; pass++) {
    for (const { way, process: contestant, milliseconds } of contestants) {
      if ((way === 'sync' || way === 'promises') && pass >= WARM_UPS + SLOW_PASSES) continue;
      const { cpuUsec } = await contestant.ask<{ cpuUsec: number }>('pass');
      if (pass >= WARM_UPS) milliseconds.push(cpuUsec / 1000);
    }
  }
  await Promise.all(contestants.map((contestant) => contestant.process.end()));
  const cost = (way: string): number => median(contestants.find((one) => one.way === way)?.milliseconds ?? []);
  const own = contest.ways[0] ?? '';
  if (compiled !== undefined)
    bench.row({
      what: `${contest.name}: agent to C`,
      measured: cost(own) / cost('c'),
      unit: 'x',
      ...(contest.goal === undefined ? {} : { goal: contest.goal, limit: contest.goal * 1.3 }),
      note: `${cost(own).toFixed(1)} : ${cost('c').toFixed(1)} ms CPU`,
    });
  for (const way of contest.ways.slice(1))
    bench.row({
      what: `${contest.name}: ${way === 'sync' ? 'readFileSync + split' : 'fs.promises + split'} to agent`,
      measured: cost(way) / cost(own),
      unit: 'x',
      note: `${cost(way).toFixed(1)} : ${cost(own).toFixed(1)} ms CPU`,
    });
}

/** Not to be read: they are for writing, or need a trigger. */
function isReadable(name: string): boolean {
  return name.includes('.') && name !== 'cgroup.kill' && name !== 'memory.reclaim';
}
