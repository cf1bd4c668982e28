import { expect, it } from 'vitest';
import { runAtOnce } from '../../../src/agent/slices.ts';
import { found } from '../../../src/base/reading.ts';
import type { TrackedProcess } from '../../../src/sample/process-census.ts';
import { RuntimeMemory } from '../../../src/sample/runtime-memory/reader.ts';
import { goSample } from '../../model/builders.ts';
import { addressesOf, FakeRuntime } from './fake-runtime.ts';

const tracked = (pid: number, executable = 'f'): TrackedProcess => ({
  pid,
  startTimeTicks: 1,
  cgroupPath: '/a',
  workloadPath: '/a',
  go: {
    executable,
    buildId: undefined,
    build: goSample().build,
    handlers: undefined,
    environment: undefined,
    limits: undefined,
  },
  unseen: undefined,
  misses: [],
  inspectedAt: 0,
  inspections: 1,
});

it('keeps a descriptor for so many processes and no more, and takes the next in when one has gone', async () => {
  const runtimes: FakeRuntime[] = [];
  const memory = new RuntimeMemory({
    procRoot: '/proc',
    clock: { now: () => ({ wallMs: 0, monotonicMs: 0 }) },
    resolver: { resolve: () => Promise.resolve(found(addressesOf('go1.26.4'))) },
    access: {
      permitted: () => found(true),
      attach: () => {
        const runtime = new FakeRuntime();
        runtimes.push(runtime);
        return found(runtime);
      },
    },
    plan: { goroutineEveryMs: 60_000 },
    maxProcesses: 2,
  });
  const state = (pid: number, executable?: string) =>
    runAtOnce(memory.read(`${pid}`, tracked(pid, executable), undefined)).state;
  expect(state(1)).toBe('pending');
  await memory.settled();
  expect([state(1), state(2), state(3)]).toEqual(['attested', 'attested', 'failed']);
  // Another program under the same pid takes the place of the one before.
  state(2, 'g');
  expect(runtimes.map(({ closed }) => closed)).toEqual([false, true]);
  memory.retain(new Set(['2']));
  expect(state(3)).toBe('attested');
  memory.close();
  expect(runtimes.every(({ closed }) => closed)).toBe(true);
});

it('says that reading is off where the operator wants none', () => {
  expect(runAtOnce(new RuntimeMemory(undefined).read('1', tracked(1), undefined)).state).toBe('off');
});
