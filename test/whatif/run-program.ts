import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RuntimeSnapshot } from '../../src/go/memory/types.ts';
import type { Timed } from '../../src/sample/types.ts';
import { goSample, modelOf, NO_MEMORY, NOW } from '../model/builders.ts';
import { attachTo, valueOf } from '../targets/read-target.ts';
import type { Setting } from './programs.ts';
import type { Run } from './trial.ts';

/** Until the heap has taken its shape, and how long is measured. */
const WARM_UP_MS = 1200;
const MEASURED_MS = 3500;
/** A share over a few collections is mostly luck. */
const COLLECTIONS = 10;
const AT_MOST_MS = 14_000;
/** CPU the kernel gave, of what the runtime took for running: below that the machine was too busy to measure anything. */
const RAN = 0.85;
const ATTEMPTS = 2;

/** The program's own word: every number of runtime/metrics. */
type OwnState = Readonly<Record<string, number>>;

/** As {@link runOnce}, again where the machine let the program wait. */
export async function runProgram(
  path: string,
  version: string,
  flags: readonly string[],
  setting: Setting,
): Promise<Run> {
  for (let attempt = 1; ; attempt++) {
    const run = await runOnce(path, version, flags, setting);
    if (run.own.ranRatio >= RAN || attempt === ATTEMPTS) return run;
    process.stderr.write(`  once more: ran only ${Math.round(run.own.ranRatio * 100)} % of the time\n`);
  }
}

/** Runs a program at a setting, reads it from memory as the agent does, twice, and asks it what it counted meanwhile. */
async function runOnce(path: string, version: string, flags: readonly string[], setting: Setting): Promise<Run> {
  const env = { GOMAXPROCS: '2', ...setting };
  // A session of its own, which a kernel with autogroups can favour: a busy machine would be measured else.
  const child = spawn(path, flags, { env, stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${path} did not start`);
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const answer = async (): Promise<string> => {
    const line = await lines.next();
    if (line.done === true) throw new Error(`${path} ended`);
    return line.value;
  };
  const state = async (): Promise<OwnState> => {
    child.stdin.write('state\n');
    return JSON.parse(await answer()) as OwnState;
  };
  try {
    favour(pid);
    favour(process.pid);
    await answer();
    const runtime = await patiently(() => attachTo(pid));
    const snapshot = (): Timed<RuntimeSnapshot> => ({
      at: { wallMs: NOW.wallMs, monotonicMs: performance.now() },
      value: valueOf(runtime.snapshot()),
    });
    await sleep(WARM_UP_MS);
    const before = { ...(await state()), kernelSeconds: cpuSeconds(pid) };
    const baseline = await patiently(snapshot);
    const start = performance.now();
    let after = before;
    do {
      await sleep(MEASURED_MS);
      after = { ...(await state()), kernelSeconds: cpuSeconds(pid) };
    } while (grownBetween(before, after, CYCLES) < COLLECTIONS && performance.now() - start < AT_MOST_MS);
    const last = await patiently(snapshot);
    runtime.close();
    const memory = { ...NO_MEMORY, state: 'attested' as const, detail: '', snapshot: last, baseline };
    return seenAndOwn(modelOf(goSample(`go${version}`, { memory })), before, after);
  } finally {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
}

/** A reading of a program that does not stop may see it between two states; the agent, too, tries again. */
async function patiently<T>(action: () => T): Promise<T> {
  for (let left = 20; ; left--) {
    try {
      return action();
    } catch (error) {
      if (left === 0) throw error;
      await sleep(50);
    }
  }
}

const CYCLES = '/gc/cycles/total:gc-cycles';

function grownBetween(before: OwnState, after: OwnState, name: string): number {
  return (after[name] ?? Number.NaN) - (before[name] ?? Number.NaN);
}

/** utime and stime; a hundred ticks a second on every Linux that matters. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function favour(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, '-18');
  } catch {
    // Not root, or a kernel without: then what else runs is part of the measurement.
  }
}

function seenAndOwn(
  { goMinor, settings, runtime }: ReturnType<typeof modelOf>,
  before: OwnState,
  after: OwnState,
): Run {
  const grown = (name: string): number => grownBetween(before, after, name);
  const { gomaxprocs, gogc, gomemlimit } = settings;
  if (gogc === undefined || gomemlimit === undefined) throw new Error('the settings were not read');
  const { gcWork, stackInuseBytes, nonHeapBytes, heapInuseBytes, heapGoalBytes, gcCpuRatio } = runtime;
  const busy = grown('/cpu/classes/total:cpu-seconds') - grown('/cpu/classes/idle:cpu-seconds');
  const busyCores = (busy / grown('/cpu/classes/total:cpu-seconds')) * (after['gomaxprocs'] ?? Number.NaN);
  return {
    setting: { gogc: gogc.value, gomemlimit: gomemlimit.value },
    seen: {
      goMinor,
      settings: { gomaxprocs, gogc, gomemlimit },
      runtime: { gcWork, stackInuseBytes, nonHeapBytes, heapInuseBytes, heapGoalBytes, gcCpuRatio },
    },
    own: {
      gcCpuRatio: grown('/cpu/classes/gc/total:cpu-seconds') / busy,
      collections: grown(CYCLES),
      ranRatio: grown('kernelSeconds') / busyCores / (grown('atNs') / 1e9),
      limiterWasOn: grown('/gc/limiter/last-enabled:gc-cycle') > 0,
    },
  };
}
