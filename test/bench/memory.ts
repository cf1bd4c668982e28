import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { addressResolver } from '../../src/agent/address-worker.ts';
import { stampKey, stampOf } from '../../src/io/random-access.ts';
import { processMemoryAccess } from '../../src/sample/runtime-memory/access.ts';
import type { AttachedRuntime } from '../../src/sample/runtime-memory/attached-runtime.ts';
import { type ExecutableSearch, resolveExecutable } from '../../src/sample/runtime-memory/resolver.ts';
import { RunningTarget } from '../go-targets/running-target.ts';
import type { Bench } from './bench.ts';
import { median, percentile, shown } from './numbers.ts';
import { slowness } from './speed.ts';

const POLLS = 2000;
const PROCESSES = 41;
/** A pause between polls of the saturated target: 2,000 polls a second, where an agent makes one in 15 seconds. */
const STORM = { rounds: 6, roundMs: 1500, pauseMs: 0.5 } as const;

const access = processMemoryAccess('/proc', {
  monotonicNs: () => Number(process.hrtime.bigint()),
  nowMs: () => performance.now(),
});

function searchOf(exe: string): ExecutableSearch {
  const stamp = stampOf(exe, 'bench');
  if (!stamp.ok) throw new Error(stamp.miss.detail);
  return { exe, executable: stampKey(stamp.value) };
}

function attachTo(pid: number): AttachedRuntime {
  const addresses = resolveExecutable(searchOf(`/proc/${pid}/exe`));
  if (!addresses.ok) throw new Error(addresses.miss.detail);
  const runtime = access.attach(pid, addresses.value);
  if (!runtime.ok) throw new Error(runtime.miss.detail);
  return runtime.value;
}

/** Microseconds of one snapshot, many times. */
function pollTimes(runtime: AttachedRuntime): number[] {
  const times = [];
  for (let done = 0; done < POLLS; done++) {
    const begin = process.hrtime.bigint();
    const reading = runtime.snapshot();
    times.push(Number(process.hrtime.bigint() - begin) / 1000);
    if (!reading.ok) throw new Error(reading.miss.detail);
  }
  return times.slice(POLLS / 4);
}

/** Part 9: what reading runtimes from memory costs the agent and the programs. */
export async function memory(bench: Bench): Promise<void> {
  await resolving(bench);
  const path = strippedProbe(bench);
  if (path === undefined) return;
  for (const [processors, goal] of [
    [2, 100],
    [64, undefined],
  ] as const) {
    const target = await RunningTarget.start(path, ['-heap', '32', '-garbage', '1'], { GOMAXPROCS: `${processors}` });
    const runtime = attachTo(target.pid);
    const times = pollTimes(runtime);
    bench.row({
      what: `one reading of a runtime at GOMAXPROCS ${processors}, median`,
      measured: median(times),
      unit: 'us',
      slowness: slowness(),
      note: `p99 ${shown(percentile(times, 0.99))} us`,
      ...(goal === undefined ? {} : { goal }),
    });
    runtime.close();
    await target.stop();
  }
  await many(bench, path);
  await saturated(bench, path);
}

async function resolving(bench: Bench): Promise<void> {
  let tree: string;
  try {
    tree = execFileSync(join(bench.sources, '../guest/packages.sh'), ['apps'], { encoding: 'utf8' }).trim();
  } catch {
    bench.say('   no packages of Debian here: no large executable to search');
    return;
  }
  const large = join(tree, 'usr/bin/prometheus');
  const script = pathToFileURL(join(dirname(bench.program), 'cgopher-resolver.mjs'));
  const times = [];
  for (let fresh = 0; fresh < 5; fresh++) {
    const resolver = addressResolver(script);
    // A thread takes time to start, which is not the search.
    await resolver.resolve(searchOf('/dev/null'));
    const begin = performance.now();
    const found = await resolver.resolve(searchOf(large));
    times.push(performance.now() - begin);
    resolver.close();
    if (!found.ok) throw new Error(found.miss.detail);
  }
  bench.row({
    what: `search of a stripped executable of ${Math.round(statSync(large).size / 1e6)} MB, in a fresh thread`,
    measured: median(times),
    unit: 'ms',
    goal: 100,
    slowness: slowness(),
  });
}

function strippedProbe(bench: Bench): string | undefined {
  try {
    const args = [join(bench.sources, '../go-targets/build.mjs'), '--versions', 'path', '--variants', 'stripped'];
    const built = JSON.parse(
      execFileSync(process.execPath, [...args, '--programs', 'probe'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    ) as { readonly path?: string }[];
    const path = built[0]?.path;
    if (path !== undefined && existsSync(path)) return path;
  } catch {
    // Told below.
  }
  bench.say('   no Go tool chain that builds the probe: no live runtime to read');
  return undefined;
}

async function many(bench: Bench, path: string): Promise<void> {
  const targets = await Promise.all(
    Array.from({ length: PROCESSES }, () => RunningTarget.start(path, ['-heap', '1'], { GOMAXPROCS: '2' })),
  );
  const runtimes = targets.map(({ pid }) => attachTo(pid));
  const times = [];
  for (let round = 0; round < 200; round++) {
    const begin = performance.now();
    for (const runtime of runtimes) runtime.snapshot();
    times.push(performance.now() - begin);
  }
  bench.row({
    what: `one reading of each of ${PROCESSES} runtimes, median`,
    measured: median(times.slice(50)),
    unit: 'ms',
    goal: 5,
    slowness: slowness(),
  });
  for (const runtime of runtimes) runtime.close();
  await Promise.all(targets.map((target) => target.stop()));
}

/**
 * A program that allocates as fast as it can, while it is read and while another, idle one is read at the same rate: so the processor
 * that the readings take is gone in both. Turn and turn about, because the machine's own speed drifts.
 */
async function saturated(bench: Bench, path: string): Promise<void> {
  const busy = await RunningTarget.start(path, ['-garbage', '8'], { GOMAXPROCS: '2' });
  const idle = await RunningTarget.start(path, [], { GOMAXPROCS: '2' });
  const [reading, other] = [attachTo(busy.pid), attachTo(idle.pid)];
  const allocated = (): number => {
    const snapshot = reading.snapshot();
    if (!snapshot.ok || snapshot.value.totalAlloc === undefined) throw new Error('the target told nothing');
    return snapshot.value.totalAlloc;
  };
  const rates: { readonly read: number[]; readonly control: number[] } = { read: [], control: [] };
  let polls = 0;
  for (let round = 0; round < STORM.rounds * 2; round++) {
    const [rate, runtime] = round % 2 === 0 ? [rates.read, reading] : [rates.control, other];
    const [begin, start] = [performance.now(), allocated()];
    while (performance.now() - begin < STORM.roundMs) {
      runtime.snapshot();
      polls += 1;
      await new Promise((resolve) => setTimeout(resolve, STORM.pauseMs));
    }
    rate.push((allocated() - start) / (performance.now() - begin));
  }
  const slower = median(rates.control) / median(rates.read);
  const perSecond = polls / ((STORM.rounds * 2 * STORM.roundMs) / 1000);
  bench.row({
    what: `slow-down of a saturated allocator by ${Math.round(perSecond)} readings a second`,
    measured: slower,
    unit: 'x',
    goal: 1.05,
    note: `${shown(median(rates.read) / 1000)} MB/s read, ${shown(median(rates.control) / 1000)} MB/s while another one is`,
  });
  for (const runtime of [reading, other]) runtime.close();
  await Promise.all([busy.stop(), idle.stop()]);
}
