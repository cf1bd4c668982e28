import { describe, expect, it } from 'vitest';
import { explain } from '../../src/cli/explain.ts';
import { allThresholds, thresholdsOf } from '../../src/cli/rule-thresholds.ts';
import { timing } from '../../src/export/rule-timing.ts';
import { catalogue } from '../../src/rules/catalogue.ts';
import { cpuThrottled } from '../../src/rules/cpu-throttled.ts';
import { nodeNotUnifiedCgroupV2 } from '../../src/rules/node-not-unified.ts';
import { pprofExposed } from '../../src/rules/pprof-exposed.ts';

const STYLE = { columns: 100, color: false };

describe('explain', () => {
  it('lists every rule with its title when no rule is named', () => {
    const text = explain(undefined, STYLE);
    for (const { title } of catalogue) expect(text).toContain(title);
    expect(text.split('\n').filter((line) => catalogue.some(({ id }) => line.startsWith(`${id} `)))).toHaveLength(
      catalogue.length,
    );
  });

  it('says meaning, condition, change, thresholds with defaults and units, and sources', () => {
    const text = explain('CpuThrottled', STYLE);
    for (const head of [
      'Judged for',
      'Fires when',
      'Severity',
      'Change',
      'Silent when',
      'Unknown when',
      'Thresholds',
      'Sources',
    ])
      expect(text.split('\n')).toContain(head);
    expect(text).toContain('The CPU limit stops a Go program again and again.');
    expect(text).toContain('  each container\n');
    expect(text).toContain('  thresholds.cpuThrottled.warningRatio: 0.05 ratio\n');
    expect(text).toContain('  thresholds.cpuThrottled.minPeriods: 20 periods\n');
    expect(text).toContain('  - Linux `Documentation/accounting/psi.rst`\n');
  });

  it('has no thresholds where the rule has none', () => {
    expect(explain('NodeNotUnifiedCgroupV2', STYLE)).not.toContain('Thresholds');
    expect(thresholdsOf(nodeNotUnifiedCgroupV2)).toEqual([]);
  });

  it.each(catalogue.map(({ id }) => [id]))('%s fits a terminal of 100 columns, and a wider one is not filled', (id) => {
    const text = explain(id, STYLE);
    for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(100);
    expect(explain(id, { columns: 200, color: false })).toBe(text);
  });

  it.each(['cputhrottled', 'cpu-throttled', 'CPU_THROTTLED'])('takes %s for CpuThrottled', (name) => {
    expect(explain(name, STYLE)).toBe(explain('CpuThrottled', STYLE));
  });

  it('suggests the nearest for one it does not know', () => {
    expect(() => explain('CpuThrotled', STYLE)).toThrow('there is no rule "CpuThrotled"; did you mean CpuThrottled?');
    expect(() => explain('xyz', STYLE)).toThrow('there is no rule "xyz"; cgopher explain lists all');
    expect(() => explain('x'.repeat(100_000), STYLE)).toThrow(/^there is no rule "x{64}"; cgopher explain lists all$/);
  });

  it('has bold heads in a terminal with colours', () => {
    expect(explain('PprofExposed', { columns: 100, color: true })).toContain('\u001b[1mSources\u001b[0m');
  });
});

describe('timing', () => {
  it('says how long a rule must hold, and how long an event is kept', () => {
    expect(timing(pprofExposed)).toEqual([]);
    expect(timing({ ...cpuThrottled, forSeconds: 300 })).toEqual(['fires after it has held for 5 min']);
    expect(timing({ ...cpuThrottled, keepSeconds: 600 })).toEqual([
      'an event: fires at once, and is kept for 10 min after the last one',
    ]);
  });
});

describe('thresholds', () => {
  const of = (firesWhen: string) =>
    thresholdsOf({
      about: {
        ...cpuThrottled.about,
        meaning: '',
        firesWhen,
        severity: '',
        change: '',
        silentWhen: '',
        unknownWhen: '',
        sources: [],
      },
    }).map(({ key }) => key);

  it('are found by name with and without their prefix, once each, in the order they come up', () => {
    expect(
      of(
        '`gcThrottling.minWindows`, `thresholds.gc.cpuRatio` (25 %), gcThrottling.minWindows or capacity.warningRatio.',
      ),
    ).toEqual(['thresholds.gcThrottling.minWindows', 'thresholds.gc.cpuRatio', 'thresholds.capacity.warningRatio']);
    expect(explain('PidsNearLimit', STYLE)).toContain('  thresholds.capacity.warningRatio: 0.8 ratio\n');
  });

  it('are not files, settings, or parts of longer names', () => {
    expect(of('memory.max, memory.high, io.weight, cpu.max, limits.cpu, mgc.go, v2.rst, GC.cpuRatio')).toEqual([]);
    expect(
      of('x.gc.cpuRatio, my_gc.cpuRatio, gc.cpuRatio.x, gc.cpuRatioOf, thresholds.gc, thresholds.gc.none'),
    ).toEqual([]);
  });

  it('that a rule names all exist', () => {
    const known = new Map(allThresholds().map(({ key }) => [key, key.split('.')[1]]));
    const groups = new Set(known.values());
    // The names of control files have no capitals: `memory.max` is none of these.
    for (const { id, about } of catalogue)
      for (const [, group, name] of Object.values(about)
        .flat()
        .join('\n')
        .matchAll(/([a-z]\w*)\.([a-z]+[A-Z]\w*)/g))
        if (groups.has(group ?? '')) expect([...known.keys()], id).toContain(`thresholds.${group}.${name}`);
  });

  it('have the default of the schema, and a unit', () => {
    const known = new Map(allThresholds().map(({ key, usual, unit }) => [key, `${usual} ${unit}`.trimEnd()]));
    expect(known.get('thresholds.memory.headroomRatio')).toBe('0.1 ratio');
    expect(known.get('thresholds.engine.forCycles')).toBe('2 cycles');
    expect(known.get('thresholds.engine.coolDown')).toBe('5m');
    for (const { reason } of allThresholds()) expect(reason.length).toBeGreaterThan(20);
  });
});
