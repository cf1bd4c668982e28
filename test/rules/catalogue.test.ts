import { describe, expect, it } from 'vitest';
import { defaultConfig } from '../../src/config/config.ts';
import { parseGomemlimit } from '../../src/go/runtime-settings.ts';
import { catalogue } from '../../src/rules/catalogue.ts';
import {
  goBytes,
  humanBytes,
  humanSeconds,
  kubernetesBytes,
  kubernetesCores,
  percent,
  round,
} from '../../src/rules/quantity.ts';
import { RULE_IDS } from '../../src/rules/types.ts';
import { sourceOf } from '../../src/rules/verdict.ts';
import { MIB, THRESHOLDS } from './models.ts';

describe('the catalogue', () => {
  it('has every rule once, in the order of its ids', () => {
    expect(catalogue.map((rule) => rule.id)).toEqual([...RULE_IDS]);
    for (const { title } of catalogue) expect(title).toMatch(/^[A-Z].{20,90}[^.]$/);
  });

  it('keeps only the event for a while', () => {
    expect(catalogue.flatMap(({ id, keepSeconds }) => (keepSeconds === undefined ? [] : [[id, keepSeconds]]))).toEqual([
      ['OomKilled', 600],
      ['OomKilledOutsidePods', 600],
      ['ClockStepped', 600],
    ]);
  });

  it('is tested with the numbers that are in force by default', () => {
    const { engine, ...ofRules } = defaultConfig().thresholds;
    expect(ofRules).toEqual(THRESHOLDS);
    expect(engine.forCycles).toBeGreaterThan(0);
  });
});

describe('quantities', () => {
  it('read well', () => {
    expect(humanBytes(512 * MIB)).toBe('512 MiB');
    expect(humanBytes(1536 * MIB)).toBe('1.5 GiB');
    expect(humanBytes(640 * 1024)).toBe('640 KiB');
    expect(humanBytes(0)).toBe('0 KiB');
    expect(humanBytes(-2 * MIB)).toBe('-2 MiB');
    expect(percent(0.125)).toBe('12.5 %');
    expect([humanSeconds(90), humanSeconds(720), humanSeconds(12_600)]).toEqual(['90 s', '12 min', '3.5 h']);
    expect(round(2.345, 2)).toBe(2.35);
  });

  it('for Go are whole MiB rounded down, in its grammar', () => {
    expect(goBytes(457.9 * MIB)).toBe('457MiB');
    expect(goBytes(10)).toBe('1MiB');
    for (const bytes of [1, MIB, 7.7 * MIB, 2 ** 45])
      expect(parseGomemlimit(goBytes(bytes))).toMatchObject({ ok: true });
  });

  it('for Kubernetes are rounded up, but not by the noise of floating point', () => {
    expect(kubernetesBytes(457.1 * MIB)).toBe('458Mi');
    expect(kubernetesBytes(0)).toBe('1Mi');
    expect([kubernetesCores(2), kubernetesCores(0.5), kubernetesCores(2.0001), kubernetesCores(1.25)]).toEqual([
      '2',
      '500m',
      '2001m',
      '1250m',
    ]);
    // 200,700 us per 100,000 us is 2.007 cores, and 2.007 x 1000 is 2007.0000000000002.
    expect(kubernetesCores(200_700 / 100_000)).toBe('2007m');
  });
});

it('a value says where it comes from', () => {
  expect(sourceOf({ value: 1, from: 'endpoint', detail: 'go_goroutines' })).toBe('endpoint: go_goroutines');
  expect(sourceOf({ value: 1, from: 'kernel' })).toBe('kernel');
});
