import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseProcStatus } from '../../../src/kernel/proc/status.ts';
import { parseIn } from './shared-buffer.ts';

const RECORDED = readFileSync(new URL('../../../fixtures-cgroupfs/proc-recording/242/status', import.meta.url));

describe('parseProcStatus', () => {
  it('reads a recorded Go process in bytes', () => {
    expect(parseIn(parseProcStatus, RECORDED)).toEqual({
      name: 'prometheus',
      uid: 0,
      nsPids: [242, 1],
      vmRss: 48_904 * 1024,
      rssAnon: 20_336 * 1024,
      rssFile: 28_568 * 1024,
      rssShmem: 0,
      vmSwap: 0,
      vmHwm: 48_904 * 1024,
      threads: 8,
      cpusAllowed: [0, 1],
      capEff: 0x1ff_ffff_ffffn,
      sigCgt: 0xffff_fffd_7fc1_feffn,
      sigBlk: 0n,
    });
  });

  it('a kernel thread has no memory lines: undefined, not 0', () => {
    const status = parseIn(parseProcStatus, 'Name:\tkthreadd\nPid:\t2\nThreads:\t1\n');
    expect(status).toMatchObject({
      name: 'kthreadd',
      threads: 1,
      vmRss: undefined,
      uid: undefined,
      cpusAllowed: undefined,
    });
    expect(status?.nsPids).toEqual([]);
  });

  it('resolves what the kernel escapes in a name, and a name cannot pass for another line', () => {
    expect(parseIn(parseProcStatus, 'Name:\tVmRSS: 1 kB\\nVmRSS:\\\\x\nThreads:\t3\n')).toMatchObject({
      name: 'VmRSS: 1 kB\nVmRSS:\\x',
      vmRss: undefined,
      threads: 3,
    });
  });

  it.each([
    ['another file', 'Nome:\tx\n'],
    ['a size without its unit', 'Name:\tx\nVmRSS:\t12\n'],
    ['a negative size', 'Name:\tx\nVmRSS:\t-1 kB\n'],
    ['a size beyond 2^53 bytes', 'Name:\tx\nVmRSS:\t9007199254740991 kB\n'],
    ['threads in words', 'Name:\tx\nThreads:\tmany\n'],
    ['a mask that is none', 'Name:\tx\nCapEff:\t0xff\n'],
    ['a CPU list that would fill memory', 'Name:\tx\nCpus_allowed_list:\t0-99999999\n'],
    ['a CPU list that is none', 'Name:\tx\nCpus_allowed_list:\tall\n'],
    ['pids that are none', 'Name:\tx\nNSpid:\t1\ttwo\n'],
  ])('malformed: %s', (_, file) => {
    expect(parseIn(parseProcStatus, file)).toBeUndefined();
  });

  it('gives back any size and CPU list', () => {
    const cpus = fc.uniqueArray(fc.nat({ max: 500 }), { minLength: 1 }).map((list) => list.sort((a, b) => a - b));
    fc.assert(
      fc.property(fc.nat(), cpus, (kiloBytes, list) => {
        const file = `Name:\tx\nVmRSS:\t${String(kiloBytes).padStart(8)} kB\nCpus_allowed_list:\t${list.join(',')}\n`;
        expect(parseIn(parseProcStatus, file)).toMatchObject({ vmRss: kiloBytes * 1024, cpusAllowed: list });
      }),
    );
  });
});
