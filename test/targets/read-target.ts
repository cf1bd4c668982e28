import { readFileSync } from 'node:fs';
import type { Reading } from '../../src/base/reading.ts';
import type { GoroutineCensus, HeapProfile, RuntimeAddresses, RuntimeSnapshot } from '../../src/go/memory/types.ts';
import { stampKey, stampOf } from '../../src/io/random-access.ts';
import { processMemoryAccess } from '../../src/sample/runtime-memory/access.ts';
import type { AttachedRuntime } from '../../src/sample/runtime-memory/attached-runtime.ts';
import { resolveExecutable } from '../../src/sample/runtime-memory/resolver.ts';
import { RunningTarget } from '../go-targets/running-target.ts';
import type { Behaviour } from './behaviours.ts';
import type { Comparison } from './comparison.ts';
import { compareCensus, compareHeap, compareSnapshot } from './memory-comparison.ts';

const access = processMemoryAccess('/proc', {
  monotonicNs: () => Number(process.hrtime.bigint()),
  nowMs: () => performance.now(),
});

/** The value, or an error that says why there is none. */
export function valueOf<T>(reading: Reading<T>): T {
  if (reading.ok) return reading.value;
  throw new Error(`${reading.miss.kind}: ${reading.miss.detail}`);
}

export function finish<T>(steps: Generator<void, Reading<T>>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return valueOf(step.value);
  }
}

/** What a search of an executable finds. */
export function addressesOf(exe: string): RuntimeAddresses {
  return valueOf(resolveExecutable({ exe, executable: stampKey(valueOf(stampOf(exe, 'test'))) }));
}

/** Attaches to a process as the agent does. Throws when no layout proves itself. */
export function attachTo(pid: number): AttachedRuntime {
  return valueOf(access.attach(pid, addressesOf(`/proc/${pid}/exe`)));
}

/** Threads as the kernel counts them. */
export function kernelThreads(pid: number): number {
  return Number(/^Threads:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

export interface TargetReading {
  readonly snapshot: RuntimeSnapshot;
  readonly census: GoroutineCensus;
  readonly heap: HeapProfile | undefined;
  readonly comparisons: readonly Comparison[];
}

/** Runs a probe, reads it from memory between two reports of its own, and compares. */
export async function readTarget(path: string, version: string, behaviour: Behaviour): Promise<TargetReading> {
  const target = await RunningTarget.start(path, flagsFor(version, behaviour), behaviour.environment);
  try {
    const runtime = attachTo(target.pid);
    const reading = await compared(target, runtime, behaviour);
    // Blocks are copied one after the other: a collection in between can set two figures apart. A wrong layout is wrong every time.
    const again = reading.comparisons.some(({ outcome }) => outcome === 'different');
    const second = again ? await compared(target, runtime, behaviour) : reading;
    runtime.close();
    return second;
  } finally {
    await target.stop();
  }
}

async function compared(target: RunningTarget, runtime: AttachedRuntime, behaviour: Behaviour): Promise<TargetReading> {
  const before = await target.state();
  const threadsBefore = kernelThreads(target.pid);
  const snapshot = valueOf(runtime.snapshot());
  const threads = [threadsBefore, kernelThreads(target.pid)] as const;
  const after = await target.state();
  const census = finish(runtime.goroutines());
  const heapBefore = await target.heap();
  const heap = finish(runtime.heapProfile());
  const heapAfter = await target.heap();
  return {
    snapshot,
    census,
    heap,
    comparisons: [
      ...compareSnapshot(snapshot, before, after, threads, behaviour.busy),
      ...(behaviour.busy ? [] : compareCensus(census, after, behaviour.goroutines)),
      ...compareHeap(heap, heapBefore, heapAfter),
    ],
  };
}

/** debug.SetMemoryLimit is there from Go 1.19. */
function flagsFor(version: string, { flags }: Behaviour): readonly string[] {
  const at = flags.indexOf('-memlimit');
  return at >= 0 && Number(version.split('.')[1]) < 19 ? flags.toSpliced(at, 2) : flags;
}
