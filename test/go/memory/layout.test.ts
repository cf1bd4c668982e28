import { describe, expect, it } from 'vitest';
import { layoutNamed, layoutsFor } from '../../../src/go/memory/layout.ts';
import type { RuntimeOffsets } from '../../../src/go/memory/offset-types.ts';
import { RUNTIME_OFFSETS } from '../../../src/go/memory/offsets.ts';
import { parseGoVersion } from '../../../src/go/version.ts';

const table = RUNTIME_OFFSETS['1.27']!;
const tables: Record<string, RuntimeOffsets> = { '1.18.0': table, '1.18': table, '1.20': table, '1.27': table };

function namesFor(version: string): string[] {
  return layoutsFor(parseGoVersion(version)!, tables).map((layout) => layout.name);
}

describe('layoutsFor', () => {
  it('takes the table of the minor version', () => {
    expect(namesFor('go1.20.5')).toEqual(['1.20']);
    expect(namesFor('go1.20')).toEqual(['1.20']);
    expect(namesFor('go1.27rc1')).toEqual(['1.27']);
    expect(namesFor('go1.27.4-X:nogreenteagc')).toEqual(['1.27']);
  });

  it('tries the likelier of two tables of a minor version first', () => {
    expect(namesFor('go1.18')).toEqual(['1.18.0', '1.18']);
    expect(namesFor('go1.18.10')).toEqual(['1.18', '1.18.0']);
  });

  it('tries the newest on newer versions, and none on older ones and on those without a table', () => {
    expect(namesFor('go1.28.1')).toEqual(['1.27']);
    expect(namesFor('go1.9999')).toEqual(['1.27']);
    expect(namesFor('go1.16.15')).toEqual([]);
    expect(namesFor('go1.19.2')).toEqual([]);
    expect(namesFor('go2.27')).toEqual([]);
    expect(layoutsFor(parseGoVersion('go1.27')!, {})).toEqual([]);
  });
});

describe('layoutNamed', () => {
  it('knows how much of each variable holds the fields that are read', () => {
    // mappedReady is the last of gcController in Go 1.27, at 312; startpc the last of g, at 304; gFree.size of p, at 2472.
    expect(layoutNamed('1.27', RUNTIME_OFFSETS)?.lengths).toMatchObject({ gcController: 320, g: 312, p: 2476 });
    // The histogram at 320 is 1296 bytes, and two times of 8 bytes follow it: the one of pauses behind them is not read.
    expect(layoutNamed('1.22', RUNTIME_OFFSETS)?.lengths.sched).toBe(320 + 1296 + 16);
    expect(layoutNamed('1.18', RUNTIME_OFFSETS)?.lengths).toMatchObject({ gcCpuLimiter: 0, cpuStats: 0 });
  });

  it('knows no table by another name', () => {
    expect(layoutNamed('1.99', RUNTIME_OFFSETS)).toBeUndefined();
    expect(layoutNamed('constructor', RUNTIME_OFFSETS)).toBeUndefined();
  });
});
