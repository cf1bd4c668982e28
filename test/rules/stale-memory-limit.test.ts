import { describe, expect, it } from 'vitest';
import { staleMemoryLimit } from '../../src/rules/stale-memory-limit.ts';
import { goProcess, holds, limitAt, MIB, missing, processContext, told, whyClear } from './models.ts';

type Over = NonNullable<Parameters<typeof goProcess>[0]>;
const limited = (limit: number | 'max', gomemlimit: number, over: Over = {}): Over => ({
  ...over,
  effective: { memoryMaxBytes: limitAt(limit === 'max' ? 'max' : limit * MIB), ...over.effective },
  settings: { gomemlimit: told(gomemlimit * MIB), ...over.settings },
});
/** The verdict after all of these, one after the other. */
function after(...steps: readonly Over[]) {
  if (staleMemoryLimit.subject !== 'process') throw new Error('judges something else');
  let remembered: unknown;
  let context = processContext(goProcess());
  for (const step of steps) {
    context = processContext(goProcess(step));
    remembered = staleMemoryLimit.observe?.(remembered, context);
  }
  return staleMemoryLimit.detect(context, remembered);
}

describe('StaleMemoryLimit', () => {
  it('fires when the limit shrinks below what GOMEMLIMIT was made for', () => {
    const verdict = holds(after(limited(512, 450), limited(400, 450)));
    expect(verdict.severity).toBe('warning');
    expect(verdict.summary).toBe(
      'the memory limit went from 512 MiB to 400 MiB, and GOMEMLIMIT stayed at 450 MiB: the kernel now acts before the collector does',
    );
    // 400 - 10 - 40.
    expect(verdict.remedy.patch).toEqual({ kind: 'env', set: { GOMEMLIMIT: '350MiB' } });
    expect(verdict.remedy.text).toContain('debug.SetMemoryLimit');
  });

  it('notes a limit that grew, and warns when GOMEMLIMIT is what bounds the heap', () => {
    const verdict = holds(after(limited(512, 450), limited(1024, 450)));
    expect(verdict.severity).toBe('info');
    // 450 / 1024.
    expect(verdict.summary).toContain('stayed at 450 MiB, 43.9 % of it: what was added is not used');
    // 1024 x 0.9 - 10 = 911.6.
    expect(verdict.remedy.patch).toEqual({ kind: 'env', set: { GOMEMLIMIT: '911MiB' } });
    const bound = holds(after(limited(512, 450), limited(1024, 450, { runtime: { goalSetBy: 'GOMEMLIMIT' } })));
    expect(bound.severity).toBe('warning');
  });

  it('counts a limit that came where there was none', () => {
    expect(holds(after(limited('max', 450), limited(400, 450))).summary).toContain('from none to 400 MiB');
  });

  it('goes on holding while nothing changes, and is over once GOMEMLIMIT follows', () => {
    expect(after(limited(512, 450), limited(400, 450), limited(400, 450)).outcome).toBe('holds');
    expect(whyClear(after(limited(512, 450), limited(400, 450), limited(400, 350)))).toBe(
      'the memory limit is what it was',
    );
    expect(whyClear(after(limited(512, 450), limited(400, 450), limited(512, 450)))).toBe(
      'the memory limit is what it was',
    );
  });

  it('is silent without a change, or when GOMEMLIMIT still fits', () => {
    expect(whyClear(after(limited(512, 450)))).toBe('the memory limit is what it was');
    // 5 % of 512 is 25.6.
    expect(after(limited(512, 500), limited(487, 500)).outcome).toBe('clear');
    // 400 x 0.9 - 10 = 350.
    expect(whyClear(after(limited(512, 350), limited(400, 350)))).toContain('GOMEMLIMIT fits below it');
    expect(whyClear(after(limited(512, 450), limited('max', 450)))).toBe('no memory limit to follow');
    expect(whyClear(after(limited(512, 450, { settings: { gomemlimit: told('off') } })))).toContain('not set');
  });

  it('is unknown for each missing input', () => {
    const inferred = { settings: { gomemlimit: { value: 460 * MIB, from: 'inferred' } as const } };
    expect(missing(after(limited(512, 1, inferred), limited(400, 1, inferred)))).toContain('worked out');
    expect(missing(after(limited(512, 1, { settings: { gomemlimit: undefined } })))).toBe('GOMEMLIMIT');
    expect(
      missing(after(limited(512, 450), limited(400, 450, { effective: { memoryMaxBytes: undefined } }))),
    ).toContain('memory.max');
    const partly = { effective: { memoryMaxBytes: limitAt(400 * MIB, 'container', false) } };
    expect(missing(after(limited(512, 450), limited(400, 450, partly)))).toContain('memory.max');
    const attribution = { anonShare: undefined, nonGoBytes: undefined, detail: 'not told' };
    expect(missing(after(limited(512, 380), limited(400, 380, { attribution })))).toBe('not told');
    expect(after(limited(512, 450), limited(400, 450, { attribution })).outcome).toBe('holds');
  });
});
