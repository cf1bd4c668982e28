import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseProcStat } from '../../../src/kernel/proc/stat.ts';
import { parseIn } from './shared-buffer.ts';

const RECORDED = readFileSync(new URL('../../../fixtures-cgroupfs/proc-recording/242/stat', import.meta.url));

/** A stat line with the given name: fields 3 to 24 are told apart by their values. */
function line(comm: string, tail = ''): string {
  return `7 (${comm}) S 6 147 147 0 -1 4194560 10 11 12 13 140 150 16 17 20 0 8 0 220 23000 240${tail}`;
}

describe('parseProcStat', () => {
  it('reads a recorded Go process', () => {
    expect(parseIn(parseProcStat, RECORDED)).toEqual({
      pid: 242,
      comm: 'prometheus',
      state: 'S',
      ppid: 240,
      utimeTicks: 129,
      stimeTicks: 119,
      numThreads: 8,
      startTimeTicks: 624,
      rssPages: 12226,
    });
  });

  it('takes fields 14, 15, 20, 22 and 24', () => {
    expect(parseIn(parseProcStat, line('x', ' 0 0\n'))).toEqual({
      pid: 7,
      comm: 'x',
      state: 'S',
      ppid: 6,
      utimeTicks: 140,
      stimeTicks: 150,
      numThreads: 8,
      startTimeTicks: 220,
      rssPages: 240,
    });
  });

  it.each(['a b', ')', '((', 'x) R 1 2 3', ') S 1 (', '\t', 'ünï'])(
    'cuts the name %j at the last parenthesis',
    (comm) => {
      const stat = parseIn(parseProcStat, line(comm, ' 0\n'));
      expect(stat?.comm).toBe(comm);
      expect(stat?.startTimeTicks).toBe(220);
    },
  );

  it.each([
    ['empty', ''],
    ['no name', '7 S 6\n'],
    ['no pid', '(x) S 6\n'],
    ['a pid that is no number', line('x', ' 0\n').replace('7', 'z')],
    ['fields missing', '7 (x) S 6 147 147 0 -1\n'],
    ['cut within the last number', line('x')],
    ['a time that is no number', line('x', ' 0\n').replace(' 140 ', ' -140 ')],
    ['a time beyond 2^53', line('x', ' 0\n').replace(' 140 ', ' 18446744073709551615 ')],
    ['no state', '7 (x) \n'],
  ])('malformed: %s', (_, file) => {
    expect(parseIn(parseProcStat, file)).toBeUndefined();
  });

  it('gives back any name and any times', () => {
    const time = fc.maxSafeNat();
    fc.assert(
      fc.property(fc.string({ maxLength: 15 }), time, time, time, (comm, utime, start, rss) => {
        const file = `1 (${comm}) R 0 1 1 0 -1 0 0 0 0 0 ${utime} 2 0 0 20 0 1 0 ${start} 0 ${rss} 0\n`;
        expect(parseIn(parseProcStat, file)).toMatchObject({
          comm: Buffer.from(comm).toString(),
          utimeTicks: utime,
          startTimeTicks: start,
          rssPages: rss,
        });
      }),
    );
  });
});
