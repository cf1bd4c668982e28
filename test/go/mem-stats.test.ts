import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExpvarMemStats } from '../../src/go/expvar.ts';
import { parseHeapMemStats } from '../../src/go/heap-text.ts';
import { unixMsOf } from '../../src/go/mem-stats.ts';
import { endpoint } from './fixtures.ts';

const zeros = (count: number) => Array.from({ length: count }, () => '0');

describe('parseHeapMemStats', () => {
  it('reads the block of Go 1.26', () => {
    const stats = parseHeapMemStats(endpoint('1.26/heap.txt'))!;
    expect(stats).toMatchObject({
      alloc: 2271576,
      totalAlloc: 211524912,
      sys: 12949768,
      mallocs: 2547,
      frees: 1953,
      heapSys: 7897088,
      heapReleased: 3588096,
      stackInuse: 491520,
      mspanInuse: 34240,
      mspanSys: 48960,
      mcacheInuse: 4592,
      mcacheSys: 16072,
      otherSys: 716070,
      nextGc: 4194304,
      numGc: 61,
      numForcedGc: 0,
      gcCpuFraction: 0.0025567626685332086,
    });
    // LastGC = 1795209428124155274 ns
    expect(stats.lastGcUnixMs).toBeCloseTo(1795209428124.155, 2);
    // NumGC is 61, so the newest pause is entry 60 and there are 61 of them.
    expect(stats.recentPausesNs).toHaveLength(61);
    expect(stats.recentPausesNs[0]!.pauseNs).toBe(236803);
    expect(stats.recentPausesNs[1]!.pauseNs).toBe(227780);
    expect(stats.recentPausesNs[60]!.pauseNs).toBe(303803);
    expect(stats.recentPausesNs[60]!.endUnixMs).toBeCloseTo(1795209426070.265, 2);
  });

  it.each(['1.19/heap.txt', '1.26/heap.txt', '1.27-1k/heap.txt.gz'])('has the same fields as expvar in %s', (path) => {
    const text = parseHeapMemStats(endpoint(path))!;
    const json = parseExpvarMemStats(endpoint(path.replace('heap.txt', 'vars.json')))!;
    const names = (stats: object) =>
      Object.entries(stats)
        .filter(([, value]) => value !== undefined)
        .map(([name]) => name);
    expect(names(text)).toEqual(names(json));
    expect(names(text)).toHaveLength(26);
    expect(
      text.stackSys! +
        text.heapSys! +
        text.mspanSys! +
        text.mcacheSys! +
        text.buckHashSys! +
        text.gcSys! +
        text.otherSys!,
    ).toBe(text.sys);
  });

  it('turns the list of pauses when it has gone round', () => {
    const pauses = zeros(256).map((_, index) => String(1000 + index));
    const ends = zeros(256).map((_, index) => `1795209428${index.toString().padStart(3, '0')}000000`);
    const body = `\n# runtime.MemStats\n# PauseNs = [${pauses.join(' ')}]\n# PauseEnd = [${ends.join(' ')}]\n# NumGC = 258\n`;
    const { recentPausesNs } = parseHeapMemStats(Buffer.from(body))!;
    // (258+255)%256 = 1 is the newest, 2 the oldest.
    expect(recentPausesNs).toHaveLength(256);
    expect(recentPausesNs[0]).toEqual({ pauseNs: 1001, endUnixMs: 1795209428001 });
    expect(recentPausesNs[255]).toEqual({ pauseNs: 1002, endUnixMs: 1795209428002 });
  });

  it('keeps a missing line undefined, and never turns it into 0', () => {
    const stats = parseHeapMemStats(
      Buffer.from('\n# runtime.MemStats\n# NumGC = 0\n# LastGC = 0\n# Sys = -5\n# Stack = 12\n'),
    )!;
    expect(stats).toMatchObject({
      numGc: 0,
      lastGcUnixMs: undefined,
      sys: undefined,
      heapAlloc: undefined,
      stackInuse: 12,
      stackSys: undefined,
      recentPausesNs: [],
    });
  });

  it.each([
    ['9223372036854775807', 'off'],
    ['18446744073709551615', 'off'],
    ['4611686018427387904', 'off'],
    // One below 2^62, whose nearest double is 2^62.
    ['4611686018427387903', 2 ** 62],
    ['4611686018427380000', 4611686018427380000],
  ])('takes NextGC = %s as %s', (digits, nextGc) => {
    expect(parseHeapMemStats(Buffer.from(`\n# runtime.MemStats\n# NextGC = ${digits}\n# NumGC = 1\n`))?.nextGc).toBe(
      nextGc,
    );
  });

  it('takes TotalAlloc above 2^53 as the nearest double', () => {
    const read = (digits: string) =>
      parseHeapMemStats(Buffer.from(`\n# runtime.MemStats\n# TotalAlloc = ${digits}\n# NumGC = 1\n`))?.totalAlloc;
    expect(read('9007199254740991')).toBe(9007199254740991);
    // 2^53 + 1 is no double: the nearest even one is 2^53.
    expect(read('9007199254740993')).toBe(9007199254740992);
    expect(read('18446744073709551615')).toBe(2 ** 64);
  });

  it('refuses a body that is cut off before or inside the block', () => {
    const whole = endpoint('1.26/heap.txt');
    expect(parseHeapMemStats(whole.subarray(0, 500))).toBeUndefined();
    const insideNumGc = whole.indexOf('# NumGC = 61') + '# NumGC = 6'.length;
    expect(parseHeapMemStats(whole.subarray(0, insideNumGc))).toBeUndefined();
    expect(parseHeapMemStats(Buffer.from('Unknown profile\n'))).toBeUndefined();
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() =>
          parseHeapMemStats(Buffer.from(`\n# runtime.MemStats\n# NumGC = 3\n# PauseNs = [${text}\n# ${text}\n`)),
        ).not.toThrow();
      }),
    );
  });
});

describe('parseExpvarMemStats', () => {
  it('reads the variable of Go 1.19 and keeps integers above 2^53 exact enough', () => {
    const stats = parseExpvarMemStats(endpoint('1.19/vars.json'))!;
    expect(stats).toMatchObject({
      heapAlloc: 3355136,
      nextGc: 4194304,
      totalAlloc: 233852688,
      sys: 19248392,
      numGc: 72,
      numForcedGc: 0,
      mallocs: 4407,
      frees: 3414,
    });
    expect(stats.lastGcUnixMs).toBeCloseTo(1795208949651.9825, 2);
    expect(stats.recentPausesNs.slice(0, 2).map((pause) => pause.pauseNs)).toEqual([58297, 51486]);
  });

  it('finds it among variables that are no JSON, are huge, or look alike', () => {
    const real =
      '"memstats": {"HeapAlloc": 7, "BySize":[{"HeapAlloc":1,"Mallocs":2}], "Mallocs": 9, "NumGC": 1, "NextGC": 9223372036854775807}';
    const body = `{\n"cmdline": ["\\"memstats\\": {"],\n"a": {"memstats": {"x": 1}},\n"bad": NaN}{,\n"big": "${'x'.repeat(100_000)}",\n${real}\n}`;
    expect(parseExpvarMemStats(Buffer.from(body))).toMatchObject({
      heapAlloc: 7,
      mallocs: 9,
      nextGc: 'off',
      sys: undefined,
    });
  });

  it.each([
    ['', 'nothing'],
    ['{"memstats": 5}', 'a number'],
    ['{"memstats": {"HeapAlloc": 7, "NumGC": 1', 'a cut-off object'],
    ['{"memstats": {"HeapAlloc": 7, "NumGC": "', 'a cut-off string'],
    ['{"memstats": {"HeapAlloc": ]]]}', 'brackets out of order'],
    ['{"memstats": {}}', 'an empty object'],
    ['"memstats"'.repeat(1000), 'only the name'],
    [`{"memstats": {"a":${'['.repeat(400_000)}`, 'deep nesting'],
  ])('refuses %j', (body) => {
    expect(parseExpvarMemStats(Buffer.from(body))).toBeUndefined();
  });

  it('never throws, whatever the values are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.json(), (junk, json) => {
        expect(() =>
          parseExpvarMemStats(Buffer.from(`${junk}"memstats": {"HeapAlloc": ${json}, "NumGC": ${junk}}`)),
        ).not.toThrow();
      }),
    );
  });
});

describe('unixMsOf', () => {
  it('divides nanoseconds without rounding them first', () => {
    expect(unixMsOf('1795209428000000001')).toBe(1795209428000);
    expect(unixMsOf('1500000')).toBe(1.5);
    expect(unixMsOf('5')).toBe(0.000005);
    expect(unixMsOf('0')).toBeUndefined();
    expect(unixMsOf('-5')).toBeUndefined();
  });
});
