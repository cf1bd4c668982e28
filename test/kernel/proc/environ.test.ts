import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseGoEnvironment } from '../../../src/kernel/proc/environ.ts';
import { parseIn } from './shared-buffer.ts';

const RECORDED = readFileSync(new URL('../../../fixtures-cgroupfs/proc-recording/242/environ', import.meta.url));
const NONE = {
  GOGC: undefined,
  GOMEMLIMIT: undefined,
  GOMAXPROCS: undefined,
  GODEBUG: undefined,
  AUTOMEMLIMIT: undefined,
};

describe('parseGoEnvironment', () => {
  it('finds nothing in a recorded process that sets nothing, and keeps none of its secrets', () => {
    expect(RECORDED.toString()).toContain('API_TOKEN=');
    expect(parseIn(parseGoEnvironment, RECORDED)).toEqual(NONE);
  });

  it('finds the five variables wherever they stand', () => {
    const file = 'AUTOMEMLIMIT=0.8\0PATH=/bin\0GOGC=50\0GOMEMLIMIT=200MiB\0GOMAXPROCS=2\0GODEBUG=gctrace=1,x=y';
    expect(parseIn(parseGoEnvironment, file)).toEqual({
      GOGC: '50',
      GOMEMLIMIT: '200MiB',
      GOMAXPROCS: '2',
      GODEBUG: 'gctrace=1,x=y',
      AUTOMEMLIMIT: '0.8',
    });
  });

  it('takes the first of several, as the Go runtime does', () => {
    expect(parseIn(parseGoEnvironment, 'GOGC=1\0GOGC=2\0')?.GOGC).toBe('1');
    expect(parseIn(parseGoEnvironment, 'GOGC=\0GOGC=2\0')?.GOGC).toBe('');
  });

  it('matches whole names at the start of a variable only', () => {
    expect(parseIn(parseGoEnvironment, 'XGOGC=1\0GOGC2=2\0gogc=3\0A=GOGC=4\0GOGC')).toEqual(NONE);
  });

  it('an empty environment has none', () => {
    expect(parseIn(parseGoEnvironment, '')).toEqual(NONE);
    expect(parseIn(parseGoEnvironment, '\0\0\0')).toEqual(NONE);
  });

  it('cuts a value at 4096 bytes', () => {
    expect(parseIn(parseGoEnvironment, `GODEBUG=${'x'.repeat(5000)}\0GOGC=7\0`)).toMatchObject({
      GODEBUG: 'x'.repeat(4096),
      GOGC: '7',
    });
  });

  it('gives back any value among any other variables, and nothing of those', () => {
    const text = fc.string().filter((value) => !value.includes('\0'));
    const others = fc.array(
      fc.tuple(fc.stringMatching(/^[a-z]{1,8}$/), text).map(([name, value]) => `${name}=${value}`),
    );
    fc.assert(
      fc.property(others, text, others, (before, value, after) => {
        const file = [...before, `GOMAXPROCS=${value}`, ...after].join('\0');
        expect(parseIn(parseGoEnvironment, file)).toEqual({ ...NONE, GOMAXPROCS: Buffer.from(value).toString() });
      }),
    );
  });
});
