import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFibTrie, parseIfInet6 } from '../../../src/kernel/proc/addresses.ts';
import { parseProcCgroup } from '../../../src/kernel/proc/cgroup.ts';
import { parseGoEnvironment } from '../../../src/kernel/proc/environ.ts';
import { parseProcLimits } from '../../../src/kernel/proc/limits.ts';
import { parseMemInfo } from '../../../src/kernel/proc/meminfo.ts';
import { parseMountInfo } from '../../../src/kernel/proc/mountinfo.ts';
import { parseListenSockets } from '../../../src/kernel/proc/net.ts';
import { parseProcStat } from '../../../src/kernel/proc/stat.ts';
import { parseProcStatus } from '../../../src/kernel/proc/status.ts';
import { parseChoiceFile, parseLineFile, parseNumberFile } from '../../../src/kernel/proc/sysctl.ts';
import { parseSystemStat } from '../../../src/kernel/proc/system-stat.ts';
import { parseUptime } from '../../../src/kernel/proc/uptime.ts';
import { type Parser, parseIn } from './shared-buffer.ts';

/** Each parser with a beginning that gets hostile bytes past its first check. */
const PARSERS: readonly (readonly [string, Parser<unknown>, string])[] = [
  ['stat', parseProcStat, '1 (a) S '],
  ['status', parseProcStatus, 'Name:\ta\nVmRSS:\t'],
  ['limits', parseProcLimits, 'Limit \nMax open files '],
  ['cgroup', parseProcCgroup, '0::/'],
  ['mountinfo', parseMountInfo, '1 2 0:1 / / rw - '],
  ['environ', parseGoEnvironment, 'GOGC='],
  ['net', parseListenSockets, '  sl  local_address\n   0: '],
  ['fib_trie', parseFibTrie, '|-- '],
  ['if_inet6', parseIfInet6, `${'0'.repeat(32)} 01 80 `],
  ['meminfo', parseMemInfo, 'MemTotal:  '],
  ['number', parseNumberFile, '1'],
  ['line', parseLineFile, 'a'],
  ['choice', parseChoiceFile, '['],
  ['system stat', parseSystemStat, 'cpu \nbtime '],
  ['uptime', parseUptime, '1.'],
];

describe.each(PARSERS)('hostile bytes for %s', (_, parser, beginning) => {
  it('never throw, and the same bytes give the same answer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.boolean(), (bytes, begun) => {
        const file = begun ? Buffer.concat([Buffer.from(beginning), bytes]) : bytes;
        expect(parseIn(parser, file)).toEqual(parseIn(parser, file));
      }),
      { numRuns: 150 },
    );
  });

  it('is read to its length and no further: an empty file gives nothing of the bytes behind it', () => {
    const empty = parseIn(parser, '');
    const text = show(empty);
    expect(text).not.toContain('stale');
    expect(text).not.toContain('999');
  });

  it('a megabyte of one byte is answered', () => {
    for (const byte of [0x00, 0x0a, 0x20, 0x28, 0x30, 0xff]) {
      const file = Buffer.concat([Buffer.from(beginning), Buffer.alloc(1 << 20, byte)]);
      const value = parser(file, file.length);
      // In JSON a NUL is six characters: no answer is larger than that for each byte that was read.
      expect(show(value).length).toBeLessThan(8 << 20);
    }
  });
});

function show(value: unknown): string {
  const plain = (_key: string, part: unknown): unknown => (typeof part === 'bigint' ? part.toString() : part);
  return JSON.stringify({ value }, plain);
}
