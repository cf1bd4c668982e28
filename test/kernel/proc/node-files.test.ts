import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMemInfo } from '../../../src/kernel/proc/meminfo.ts';
import { parseChoiceFile, parseLineFile, parseNumberFile } from '../../../src/kernel/proc/sysctl.ts';
import { parseSystemStat } from '../../../src/kernel/proc/system-stat.ts';
import { parseUptime } from '../../../src/kernel/proc/uptime.ts';
import { parseIn } from './shared-buffer.ts';

function recording(name: string): Buffer {
  return readFileSync(new URL(`../../../fixtures-cgroupfs/proc-recording/${name}`, import.meta.url));
}

describe('parseMemInfo', () => {
  it('reads a recorded node in bytes', () => {
    expect(parseIn(parseMemInfo, recording('meminfo'))).toEqual({
      memTotal: 2_026_012 * 1024,
      memFree: 1_787_824 * 1024,
      memAvailable: 1_781_372 * 1024,
      swapTotal: 0,
      swapFree: 0,
      anonHugePages: 30_720 * 1024,
    });
  });

  it('a kernel without huge pages has no such key', () => {
    expect(parseIn(parseMemInfo, 'MemTotal:  8 kB\nMemFree:  4 kB\n')).toMatchObject({
      memTotal: 8192,
      anonHugePages: undefined,
    });
  });

  it.each(['', 'MemFree: 4 kB\n', 'MemTotal: 4\n', 'MemTotal: 4 kB\nMemFree: x kB\n'])('malformed: %j', (file) => {
    expect(parseIn(parseMemInfo, file)).toBeUndefined();
  });

  it('gives back any total, in any order of lines', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (total, free) => {
        const file = `Other(x):  1 kB\nMemFree: ${free} kB\nMemTotal: ${total} kB\n`;
        expect(parseIn(parseMemInfo, file)).toMatchObject({ memTotal: total * 1024, memFree: free * 1024 });
      }),
    );
  });
});

describe('parseNumberFile', () => {
  it.each([
    ['60\n', 60],
    ['0\n', 0],
    ['-1\n', -1],
    ['4194304', 4_194_304],
  ])('%j is %i', (file, value) => {
    expect(parseIn(parseNumberFile, file)).toBe(value);
  });

  it.each(['', '\n', '1 2\n', '1.5\n', '0x10\n', '99999999999999999999\n', '9'.repeat(300)])(
    'malformed: %j',
    (file) => {
      expect(parseIn(parseNumberFile, file)).toBeUndefined();
    },
  );
});

describe('parseLineFile', () => {
  it('reads one line', () => {
    expect(parseIn(parseLineFile, recording('sys/kernel/hostname'))).toBe('vmlab');
    expect(parseIn(parseLineFile, '6.1.0-56-cloud-amd64\n')).toBe('6.1.0-56-cloud-amd64');
  });

  it.each(['', '\n', 'a\nb\n', 'a\0', '\x1b[31m\n', 'x'.repeat(300)])('malformed: %j', (file) => {
    expect(parseIn(parseLineFile, file)).toBeUndefined();
  });
});

describe('parseChoiceFile', () => {
  it.each([
    ['always [madvise] never\n', 'madvise'],
    ['[always] madvise never\n', 'always'],
    ['always madvise [never]\n', 'never'],
  ])('%j is %s', (file, choice) => {
    expect(parseIn(parseChoiceFile, file)).toBe(choice);
  });

  it.each(['', 'always madvise never\n', 'always [] never\n', 'always[never]\n', '[a b]\n'])(
    'malformed: %j',
    (file) => {
      expect(parseIn(parseChoiceFile, file)).toBeUndefined();
    },
  );
});

describe('parseSystemStat', () => {
  it('reads a recorded node', () => {
    expect(parseIn(parseSystemStat, recording('stat'))).toEqual({ bootTimeSeconds: 1_795_211_031, cpus: 2 });
  });

  it('counts CPUs past ten and survives a missing boot time', () => {
    const cpus = Array.from({ length: 130 }, (_, index) => `cpu${index} 1 2 3\n`).join('');
    expect(parseIn(parseSystemStat, `cpu  1 2 3\n${cpus}intr ${'0 '.repeat(5000)}\n`)).toEqual({
      bootTimeSeconds: undefined,
      cpus: 130,
    });
  });

  it.each(['', 'cpux\n', 'cpu  1\nbtime x\n'])('malformed: %j', (file) => {
    expect(parseIn(parseSystemStat, file)).toBeUndefined();
  });
});

describe('parseUptime', () => {
  it('reads seconds in hundredths', () => {
    expect(parseIn(parseUptime, '350735.47 234388.90\n')).toBe(350_735.47);
    expect(parseIn(parseUptime, '0.01 0.00\n')).toBe(0.01);
  });

  it.each(['', '12\n', '-1.00 2.00\n', 'x 1.00\n'])('malformed: %j', (file) => {
    expect(parseIn(parseUptime, file)).toBeUndefined();
  });
});
