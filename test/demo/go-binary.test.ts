import { describe, expect, it } from 'vitest';
import { goBinary, otherBinary } from '../../src/demo/go-binary.ts';
import { WORKLOADS } from '../../src/demo/workloads.ts';
import { readBuildInfo } from '../../src/go/build-info.ts';
import { findLinkedHandlers } from '../../src/go/linked-handlers.ts';

const readerOf = (bytes: Uint8Array) => (offset: number, length: number) => bytes.subarray(offset, offset + length);
const programs = WORKLOADS.flatMap(({ name, go }) => (go === undefined ? [] : [{ name, go }]));

describe('goBinary', () => {
  it.each(programs)('writes what the agent reads of $name', ({ go }) => {
    const bytes = goBinary(go);
    const info = readBuildInfo(readerOf(bytes), bytes.length);
    expect(info).toMatchObject({ ok: true, value: { goVersion: { text: go.version }, path: go.module } });
    if (!info.ok) return;
    const godebug = Object.fromEntries(info.value.defaultGodebug);
    expect(godebug['containermaxprocs']).toBe(go.defaultGodebug === undefined ? undefined : '0');
    expect(info.value.settings.get('-ldflags')).toBe('-s -w');
    expect(info.value.deps.length).toBe(go.serves.metrics === undefined ? 0 : 1);
    const handlers = findLinkedHandlers(readerOf(bytes), bytes.length);
    expect(handlers).toEqual({
      ok: true,
      value: {
        pprof: go.serves.pprof === true,
        expvar: go.serves.expvar === true,
        promhttp: go.serves.metrics !== undefined,
      },
    });
  });

  it('has a 64-bit little-endian header and section names that survive stripping', () => {
    const bytes = Buffer.from(goBinary(programs[0]!.go));
    expect([...bytes.subarray(0, 6)]).toEqual([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
    for (const name of ['.text', '.gopclntab', '.go.buildinfo', '.shstrtab'])
      expect(bytes.includes(`${name}\0`)).toBe(true);
    expect(bytes.length).toBeLessThan(16_384);
  });
});

describe('otherBinary', () => {
  it('is not taken for Go', () => {
    const bytes = otherBinary();
    expect(readBuildInfo(readerOf(bytes), bytes.length)).toMatchObject({ ok: false, miss: { kind: 'absent' } });
  });
});
