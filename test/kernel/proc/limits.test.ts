import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseProcLimits } from '../../../src/kernel/proc/limits.ts';
import { parseIn } from './shared-buffer.ts';

const RECORDED = readFileSync(new URL('../../../fixtures-cgroupfs/proc-recording/242/limits', import.meta.url));
const HEADING = 'Limit                     Soft Limit           Hard Limit           Units     \n';

function row(name: string, soft: string, hard: string): string {
  return `${name.padEnd(25)} ${soft.padEnd(20)} ${hard.padEnd(20)} files     \n`;
}

describe('parseProcLimits', () => {
  it('reads a recorded process', () => {
    expect(parseIn(parseProcLimits, RECORDED)).toEqual({
      openFiles: { soft: 4096, hard: 4096 },
      processes: { soft: 7868, hard: 7868 },
      addressSpace: { soft: 'unlimited', hard: 'unlimited' },
    });
  });

  it('a row that is not there is undefined', () => {
    expect(parseIn(parseProcLimits, HEADING + row('Max open files', '1', '2'))).toEqual({
      openFiles: { soft: 1, hard: 2 },
      processes: undefined,
      addressSpace: undefined,
    });
  });

  it.each([
    ['no heading', row('Max open files', '1', '2')],
    ['a word for a number', HEADING + row('Max open files', 'many', '2')],
    ['a negative number', HEADING + row('Max open files', '-1', '2')],
    ['cut within a row', HEADING + 'Max open files   1'],
    ['empty', ''],
  ])('malformed: %s', (_, file) => {
    expect(parseIn(parseProcLimits, file)).toBeUndefined();
  });

  it('gives back any limit', () => {
    const limit = fc.oneof(fc.constant('unlimited' as const), fc.maxSafeNat());
    fc.assert(
      fc.property(limit, limit, (soft, hard) => {
        const file = HEADING + row('Max processes', '5', '6') + row('Max open files', String(soft), String(hard));
        expect(parseIn(parseProcLimits, file)?.openFiles).toEqual({ soft, hard });
      }),
    );
  });
});
