import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONTROL_FILES } from '../../../src/kernel/cgroup/control-files.ts';
import { FlatKeyed } from '../../../src/kernel/cgroup/flat-keyed.ts';
import { type CgroupParsers, createCgroupParsers } from '../../../src/kernel/cgroup/parsers.ts';

const folder = new URL('../../../fixtures-cgroupfs/files/', import.meta.url);
const names = Object.keys(createCgroupParsers()) as (keyof CgroupParsers)[];

function text<P extends keyof CgroupParsers>(parser: P, content: string): ReturnType<CgroupParsers[P]> {
  return read(createCgroupParsers(), parser, content);
}

function read<P extends keyof CgroupParsers>(
  parsers: CgroupParsers,
  parser: P,
  content: string,
): ReturnType<CgroupParsers[P]> {
  // What stands behind the file in the shared buffer must never count: here digits and a line end.
  const bytes = Buffer.from(`${content}99\n8:8 \n`, 'latin1');
  return parsers[parser](bytes, content.length) as ReturnType<CgroupParsers[P]>;
}

function recorded<P extends keyof CgroupParsers>(parser: P, name: string): ReturnType<CgroupParsers[P]> {
  return text(parser, readFileSync(new URL(name, folder), 'latin1'));
}

describe('files of a Go container on Linux 6.1', () => {
  it('cpu.stat and cpu.max', () => {
    expect(recorded('cpuStat', 'cpu.stat')).toEqual({
      usageUsec: 2_124_260,
      userUsec: 1_120_800,
      systemUsec: 1_003_460,
      nrPeriods: 70,
      nrThrottled: 23,
      throttledUsec: 838_496,
      nrBursts: 0,
      burstUsec: 0,
    });
    expect(recorded('cpuMax', 'cpu.max')).toEqual({ quotaUsec: 50_000, periodUsec: 100_000 });
  });

  it('memory.stat has every key this project reads', () => {
    const stat = recorded('memoryStat', 'memory.stat');
    expect(stat).toMatchObject({ anon: 19_181_568, inactiveFile: 21_549_056, pgmajfault: 258, anonThp: 12_582_912 });
    expect(Object.values(stat ?? {}).every((value) => typeof value === 'number')).toBe(true);
    expect(Object.keys(stat ?? {})).toHaveLength(26);
  });

  it('the others', () => {
    const quiet = { low: 0, high: 0, max: 0, oom: 0, oomKill: 0, oomGroupKill: 0 };
    expect(recorded('memoryEvents', 'memory.events')).toEqual(quiet);
    expect(recorded('swapEvents', 'memory.swap.events')).toEqual({ high: 0, max: 0, fail: 0 });
    expect(recorded('pidsEvents', 'pids.events')).toBe(0);
    expect(recorded('cgroupEvents', 'cgroup.events')).toEqual({ populated: true, frozen: false });
    expect(recorded('cgroupStat', 'cgroup.stat')).toEqual({ nrDescendants: 0, nrDyingDescendants: 0 });
    expect(recorded('cpuList', 'cpuset.cpus.effective')).toEqual([0, 1]);
    expect(recorded('ioWeight', 'io.weight')).toEqual({ defaultWeight: 100, byDevice: new Map() });
    expect(recorded('controllers', 'cgroup.controllers')).toEqual(
      'cpuset cpu io memory hugetlb pids rdma misc'.split(' '),
    );
    const [disk] = recorded('ioStat', 'io.stat') ?? [];
    expect(disk).toMatchObject({ device: '254:0', rbytes: 41_984, wbytes: 16_941_056, rios: 11, wios: 29 });
    expect(recorded('pressure', 'cpu.pressure')).toEqual({
      some: { avg10: 6.49, avg60: 2.97, avg300: 0.72, totalUsec: 2_246_863 },
      full: { avg10: 5.81, avg60: 2.7, avg300: 0.65, totalUsec: 2_056_881 },
    });
  });
});

describe('numbers and limits', () => {
  it('are exact up to 2^53 - 1 and malformed above', () => {
    expect(text('number', '9007199254740991\n')).toBe(2 ** 53 - 1);
    expect(text('number', '9007199254740992\n')).toBeUndefined();
    expect(text('number', '9007199254740993\n')).toBeUndefined();
    expect(text('limit', `${'9'.repeat(5000)}\n`)).toBeUndefined();
    expect(text('memoryStat', 'anon 9007199254740993\n')).toBeUndefined();
  });

  it('round-trip', () => {
    const limit = fc.oneof(fc.maxSafeNat(), fc.constant('max' as const));
    fc.assert(fc.property(fc.maxSafeNat(), (n) => text('number', `${n}\n`) === n));
    fc.assert(fc.property(limit, (n) => text('limit', `${n}\n`) === n));
    fc.assert(
      fc.property(limit, fc.integer({ min: 1, max: 1_000_000 }), (quota, periodUsec) => {
        const quotaUsec = quota === 0 ? 1 : quota;
        expect(text('cpuMax', `${quotaUsec} ${periodUsec}\n`)).toEqual({ quotaUsec, periodUsec });
      }),
    );
  });
});

describe('pressure', () => {
  const hundredths = fc.integer({ min: 0, max: 10_000 });

  it('gives the double nearest to two places', () => {
    fc.assert(
      fc.property(hundredths, fc.maxSafeNat(), (n, totalUsec) => {
        const written = (n / 100).toFixed(2);
        const line = `avg10=${written} avg60=0.00 avg300=${written} total=${totalUsec}`;
        const expected = { avg10: Number(written), avg60: 0, avg300: Number(written), totalUsec };
        expect(text('pressure', `some ${line}\nfull ${line}\n`)).toEqual({ some: expected, full: expected });
      }),
    );
  });

  it('takes more behind total, and nothing else', () => {
    const line = 'some avg10=0.00 avg60=0.00 avg300=0.00 total=5';
    expect(text('pressure', `${line} new=1\n`)?.some?.totalUsec).toBe(5);
    expect(text('pressure', `${line}x\n`)).toBeUndefined();
    expect(text('pressure', `${line}\n${line}\n`)).toBeUndefined();
    expect(text('pressure', `some avg10=0. avg60=0.00 avg300=0.00 total=5\n`)).toBeUndefined();
    expect(text('pressure', `some avg10=0.${'0'.repeat(400)} avg60=0.00 avg300=0.00 total=5\n`)).toBeUndefined();
    expect(text('pressure', `some avg60=0.00 avg10=0.00 avg300=0.00 total=5\n`)).toBeUndefined();
  });
});

describe('lists', () => {
  it('of CPUs expand, round-trip and stop at 8192', () => {
    expect(text('cpuList', '0-4,6,8-10\n')).toEqual([0, 1, 2, 3, 4, 6, 8, 9, 10]);
    expect(text('cpuList', '0-8191\n')).toHaveLength(8192);
    expect(text('cpuList', '0-8192\n')).toBeUndefined();
    expect(text('cpuList', '0-8191,8193\n')).toBeUndefined();
    expect(text('cpuList', '0,0\n')).toBeUndefined();
    expect(text('cpuList', '0--2\n')).toBeUndefined();
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(8191), { maxLength: 40 }), (cpus) => {
        const sorted = cpus.sort((a, b) => a - b);
        expect(text('cpuList', `${sorted.join(',')}\n`)).toEqual(sorted);
      }),
    );
  });

  it('of processes keep each once in order, also in long files', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40), { maxLength: 120 }), (pids) => {
        const visible = pids.filter((pid) => pid !== 0);
        expect(text('procs', pids.map((pid) => `${pid}\n`).join(''))).toEqual({
          pids: [...new Set(visible)],
          invisible: pids.length - visible.length,
        });
      }),
    );
  });

  it('of controllers may be empty or have a space at the end', () => {
    expect(text('controllers', '')).toEqual([]);
    expect(text('controllers', 'cpu memory \n')).toEqual(['cpu', 'memory']);
    expect(text('controllers', 'cpu  memory\n')).toBeUndefined();
    expect(text('controllers', 'a '.repeat(65).concat('\n'))).toBeUndefined();
  });

  it('of devices may be empty', () => {
    expect(text('ioStat', '')).toEqual([]);
    expect(text('ioMax', '')).toEqual([]);
    expect(text('ioWeight', '')).toBeUndefined();
    expect(text('ioWeight', 'default 100\ndefault 100\n')).toBeUndefined();
    expect(text('ioStat', '8:0\n')).toMatchObject([{ device: '8:0' }]);
    expect(text('ioStat', '12345678901:0 rbytes=1\n')).toBeUndefined();
    expect(text('ioStat', '7:1 (unknown) rbytes=5\n')).toMatchObject([{ device: '7:1', rbytes: undefined }]);
    expect(text('ioStat', '8:0 wios=4 new=x dios=9 rbytes=1\n')).toMatchObject([{ rbytes: 1, wios: 4, dios: 9 }]);
  });
});

describe('flat-keyed files', () => {
  it('read the same whatever was read before: more, fewer, moved, unknown and short keys', () => {
    const wanted = ['alpha', 'beta', 'gamma', 'oom', 'oom_kill'];
    const key = fc.constantFrom(...wanted, 'alphabet', 'bet', 'x', 'new.key', 'alph2');
    const file = fc.uniqueArray(fc.record({ key, value: fc.maxSafeNat() }), { selector: (line) => line.key });
    const shared = new FlatKeyed(wanted);
    fc.assert(
      fc.property(file, (lines) => {
        const content = lines.map((line) => `${line.key} ${line.value}\n`).join('');
        const bytes = Buffer.from(`${content}alpha 7\n`);
        const known = lines.filter((line) => wanted.includes(line.key));
        // Twice: the second time follows what the first has learnt.
        for (const turn of ['learnt', 'followed']) {
          expect(shared.scan(bytes, content.length), turn).toBe(known.length > 0);
          if (known.length === 0) continue;
          for (const [slot, name] of wanted.entries()) {
            expect(shared.at(slot), turn).toBe(lines.find((line) => line.key === name)?.value);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('never give numbers of a file cut anywhere but between lines', () => {
    const content = readFileSync(new URL('memory.stat', folder), 'latin1');
    const parsers = createCgroupParsers();
    expect(read(parsers, 'memoryStat', content)?.anon).toBeTypeOf('number');
    for (let length = 0; length < content.length; length++) {
      const value = read(parsers, 'memoryStat', content.slice(0, length));
      if (length > 0 && content[length - 1] === '\n') expect(value?.anon).toBeTypeOf('number');
      else expect(value).toBeUndefined();
    }
  });

  it('ignore text behind unknown keys, but not bytes that are no text', () => {
    expect(text('memoryEvents', 'low 1\nnote some words\nbare\nhigh 2\n')).toMatchObject({ low: 1, high: 2 });
    expect(text('memoryEvents', 'low 1\nnote \u0000\nhigh 2\n')).toBeUndefined();
    expect(text('memoryEvents', 'low 1\n\nhigh 2\n')).toBeUndefined();
    expect(text('memoryEvents', 'low  1\n')).toBeUndefined();
    expect(text('memoryEvents', `low 1\n${'k'.repeat(70_000)} 1\n`)).toMatchObject({ low: 1 });
  });

  it('share a parser between different cgroups and buffers', () => {
    const parsers = createCgroupParsers();
    const without = 'usage_usec 15\nuser_usec 10\nsystem_usec 5\n';
    const withCpu = `${without}nr_periods 4\nnr_throttled 3\nthrottled_usec 2\nnr_bursts 1\nburst_usec 0\n`;
    for (const turn of [1, 2, 3]) {
      expect(read(parsers, 'cpuStat', withCpu)?.nrPeriods, `turn ${turn}`).toBe(4);
      expect(read(parsers, 'cpuStat', without)?.nrPeriods, `turn ${turn}`).toBeUndefined();
    }
    expect(read(parsers, 'cpuStat', 'garbage\n')).toBeUndefined();
    expect(read(parsers, 'cpuStat', withCpu)?.burstUsec).toBe(0);
  });
});

describe('hostile bytes', () => {
  it('never make a parser throw, and no parser takes what holds a byte that is no text', () => {
    const parsers = createCgroupParsers();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(...names), (bytes, name) => {
        const value: unknown = parsers[name](bytes, bytes.length);
        if (bytes.some((byte) => byte !== 10 && (byte < 32 || byte > 126))) expect(value).toBeUndefined();
      }),
      { numRuns: 3000 },
    );
  });

  it('near the real formats never make a parser throw or give anything but whole numbers', () => {
    const parsers = createCgroupParsers();
    const piece = fc.constantFrom(
      ...[
        'some avg10=',
        ' avg60=',
        'total=',
        '8:0 ',
        'rbytes=',
        'max',
        'default ',
        'anon ',
        'low ',
        '0',
        '-',
        ',',
        '\n',
      ],
      ...['usage_usec ', '99999999999999999999', '1.5', ' ', '(unknown)', 'full '],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.constantFrom(...names), (pieces, name) => {
        const value: unknown = read(parsers, name, pieces.join(''));
        expect(JSON.stringify([value])).not.toMatch(/:null|:-/);
      }),
      { numRuns: 3000 },
    );
  });

  it('huge input ends', () => {
    const huge = Buffer.alloc(1_000_000, '9:9 a=1 ');
    for (const name of names) expect(createCgroupParsers()[name](huge, huge.length)).toBeUndefined();
  });
});

describe('the table of control files', () => {
  it('has each file and each field once, hot before slow before rare, cpu.stat first', () => {
    const order = { hot: 0, slow: 1, rare: 2 };
    const ranks = CONTROL_FILES.map((file) => order[file.cadence]);
    expect(ranks).toEqual([...ranks].sort());
    expect(new Set(CONTROL_FILES.map((file) => file.name)).size).toBe(CONTROL_FILES.length);
    expect(new Set(CONTROL_FILES.map((file) => file.field)).size).toBe(CONTROL_FILES.length);
    expect(CONTROL_FILES[0]?.name).toBe('cpu.stat');
    expect(CONTROL_FILES.filter((file) => file.keep === 'first')).toHaveLength(8);
    expect(CONTROL_FILES.filter((file) => file.keep !== 'no').every((file) => file.cadence === 'hot')).toBe(true);
  });
});
