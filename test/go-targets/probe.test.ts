import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildTargets } from './build.mjs';
import { RunningTarget } from './running-target.ts';

// What the other tests measure against must itself be true.
describe.skipIf(spawnSync('go', ['version']).status !== 0)('the probe, built with the go on PATH', () => {
  let probe: RunningTarget;

  beforeAll(async () => {
    const [target] = await buildTargets({ versions: ['path'] });
    const flags = '-heap 8 -blocked -leak 2 -stacks 1 -threads 1 -procs 3 -gcpercent 50 -memlimit 100000000'.split(' ');
    probe = await RunningTarget.start(target?.path ?? `not built: ${target?.skipped ?? ''}`, flags);
  }, 600_000);

  afterAll(async () => {
    await probe.stop();
  });

  it('says what its flags set', async () => {
    const state = await probe.state();
    expect(state).toMatchObject({ pid: probe.pid, cgo: false, gomaxprocs: 3, gogc: 50, gomemlimit: '100000000' });
    expect(state.metrics['/sched/gomaxprocs:threads']).toEqual({ kind: 'uint64', value: '3' });
    expect(Number(state.memStats.HeapAlloc)).toBeGreaterThan(8 * 1024 * 1024);
  });

  it('has the goroutines that its flags ask for', async () => {
    // main, 3 each of 7 kinds, 2 at a send and 2 at a select, 1 deep stack, 1 thread.
    expect((await probe.state()).numGoroutine).toBe(1 + 21 + 4 + 1 + 1);
    const stacks = await probe.stacks();
    const at = (name: string): number => stacks.split(`behave.${name}(`).length - 1;
    expect([at('leakAtSend'), at('leakAtSelect'), at('blockedOnMutex'), at('blockedInSleep')]).toEqual([2, 2, 3, 3]);
    expect(at('blockedInRead')).toBe(1);
  });

  it('collects when told to', async () => {
    const before = (await probe.state()).memStats.NumForcedGC;
    await probe.gc();
    expect((await probe.state()).memStats.NumForcedGC).toBe(before + 1);
  });

  it('knows where its heap was allocated', async () => {
    await probe.gc();
    await probe.gc();
    const { sites, inUseBytes } = await probe.heap();
    expect(sites.reduce((sum, site) => sum + site.inUseBytes, 0)).toBe(inUseBytes);
    const [largest] = [...sites].sort((one, other) => other.inUseBytes - one.inUseBytes);
    expect(largest?.stack.map((frame) => frame.function)).toContain('example.com/cgopher/go-targets/behave.holdHeap');
  });
});
