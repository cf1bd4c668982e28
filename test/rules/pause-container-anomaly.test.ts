import { describe, expect, it } from 'vitest';
import type { SandboxModel } from '../../src/model/container-types.ts';
import { pauseContainerAnomaly } from '../../src/rules/pause-container-anomaly.ts';
import { evidence, holds, judgePod, MIB, missing, pod, whyClear } from './models.ts';

const judge = (over: Partial<SandboxModel>) =>
  judgePod(
    pauseContainerAnomaly,
    pod({
      sandbox: { cgroupPath: '/kubepods/pod-a/sandbox', tasks: 1, anonBytes: 40_960, processes: ['pause'], ...over },
    }),
  );

describe('PauseContainerAnomaly', () => {
  it('makes a note of further tasks and names the processes', () => {
    const verdict = holds(judge({ tasks: 3, processes: ['pause', 'nc'] }));
    expect(verdict.severity).toBe('info');
    expect(verdict.summary).toBe('the pause container has 3 tasks, where a pause process has one task and some KiB');
    expect(evidence(verdict, 'processes there')).toBe('pause, nc');
    expect(verdict.remedy.text).toContain('cgroup.procs of /kubepods/pod-a/sandbox (pause, nc)');
  });

  it('makes a note of memory, of a program that calls itself pause', () => {
    const verdict = holds(judge({ anonBytes: 300 * MIB }));
    expect(verdict.summary).toContain('300 MiB of memory of its own');
    expect(evidence(verdict, 'anonymous memory of the pause container')).toBe(300 * MIB);
    expect(holds(judge({ tasks: 9, anonBytes: 300 * MIB })).summary).toContain('9 tasks and 300 MiB');
    // What is known is enough.
    expect(judge({ tasks: undefined, anonBytes: 9 * MIB }).outcome).toBe('holds');
    expect(judge({ tasks: 2, anonBytes: undefined }).outcome).toBe('holds');
  });

  it('is silent on a pause process, at the bounds too', () => {
    expect(whyClear(judge({}))).toBe('1 task and 40 KiB, as of a pause process');
    expect(judge({ anonBytes: 8 * MIB }).outcome).toBe('clear');
  });

  it('is silent on sandboxes that hold the whole pod, and on pods without one', () => {
    expect(whyClear(judge({ tasks: 40, anonBytes: 900 * MIB, processes: ['qemu-system-x86', 'virtiofsd'] }))).toContain(
      'no pause process but qemu-system-x86, virtiofsd',
    );
    expect(whyClear(judgePod(pauseContainerAnomaly, pod()))).toContain('no pause container');
    expect(whyClear(judge({ processes: [] }))).toContain('no process');
  });

  it('is unknown when something could not be read', () => {
    expect(missing(judge({ processes: undefined }))).toContain('processes');
    expect(missing(judge({ tasks: undefined }))).toContain('pids.current');
    expect(missing(judge({ anonBytes: undefined }))).toContain('memory.stat');
  });

  it('shows names of other people without control characters', () => {
    expect(evidence(holds(judge({ tasks: 2, processes: ['pause', 'a\n\u001b[31mb'] })), 'processes there')).toBe(
      'pause, a??[31mb',
    );
  });
});
