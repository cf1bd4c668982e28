import { describe, expect, it } from 'vitest';
import { chart, sparkline } from '../../src/page/chart.ts';
import { patchText } from '../../src/page/patch-text.ts';

const series = (...values: number[]) => ({ lowest: Float32Array.from(values), highest: Float32Array.from(values) });
const show = (value: number): string => `${value} x`;

describe('a sparkline', () => {
  it('goes from 0 to its highest value, with gaps where nothing is known', () => {
    // 40 high with a margin of 1: 0 lies at 39, the highest (4) at 1, the middle (2) at 20. A lone value is a dash.
    expect(sparkline('Tasks', series(0, 4, Number.NaN, 2), show, 1).text).toContain('d="M0 39L1 1M2.5 20h1"');
  });

  it('has its story as its name', () => {
    expect(sparkline('Tasks', series(1, 4, 2), show, 1).text).toContain(
      'aria-label="Tasks over the last hour: from 1 x to 2 x, highest 4 x"',
    );
    const none = sparkline('Tasks', series(Number.NaN), show, 1).text;
    expect(none).toContain('aria-label="Tasks: not known"');
    expect(none).not.toContain('<path');
  });

  it('keeps spikes when points are put together', () => {
    const long = new Float32Array(120).fill(1);
    long[61] = 10;
    // 120 points become 60 of two; the one with the spike, number 30, goes up to the top.
    expect(sparkline('Tasks', { lowest: long, highest: long }, show, 1).text).toContain('L30 1L31');
  });

  it('does not blow up small shares', () => {
    // At most 1 % on a scale that ends at 5 %: a fifth of 38 above the bottom, 39 - 7.6 = 31.4.
    expect(sparkline('GC', series(0.01, 0.01), show, 0.05).text).toContain('M0 31.4L1 31.4');
  });
});

describe('a chart', () => {
  const line = {
    name: 'used',
    kind: 'a',
    series: { lowest: Float32Array.from([1, 1]), highest: Float32Array.from([2, 4]) },
  } as const;

  it('draws the area from lowest to highest, the line, and a level that is near', () => {
    const text = chart('Memory', [line], [{ name: 'limit', kind: 'max', value: 8 }], show, 1).text;
    // The scale ends 5 % above the limit: 8.4. 2 lies at 39 - 38 x 2 / 8.4 = 30, 4 at 20.9, 1 at 34.5, the limit at 2.8.
    expect(text).toContain('d="M0 30L1 20.9L1 34.5L0 34.5Z"');
    expect(text).toContain('<path class="c-max" d="M0 2.8H1"/>');
    expect(text).toContain('aria-label="Memory, last hour: used from 2 x to 4 x, highest 4 x"');
  });

  it('tells of a level that is far away, and of one that is not known, but does not draw them', () => {
    const levels = [
      { name: 'limit', kind: 'max', value: 100 },
      { name: 'high', kind: 'high', value: undefined },
      { name: 'GOMEMLIMIT', kind: 'gomemlimit', value: 'off' },
    ] as const;
    const text = chart('Memory', [line], levels, show, 1).text;
    expect(text).not.toMatch(/class="c-(max|high|gomemlimit)"/);
    expect(text).toContain('limit <b>100 x</b>');
    expect(text).toContain('high <b>not known</b>');
    expect(text).toContain('GOMEMLIMIT <b>off</b>');
  });

  it('says when it knows nothing', () => {
    const nothing = { ...line, series: series(Number.NaN, Number.NaN) };
    expect(chart('Memory', [nothing], [], show, 1).text).toContain('Nothing known in the last hour.');
  });
});

describe('a change to copy', () => {
  it('is text that can be put in place', () => {
    expect(patchText({ kind: 'env', set: { GOGC: '100' } }).text).toBe('env:\n  - name: GOGC\n    value: "100"');
    expect(
      patchText({ kind: 'resources', set: { 'limits.cpu': '2', 'limits.memory': '1Gi', 'requests.cpu': '1' } }).text,
    ).toBe('resources:\n  limits:\n    cpu: "2"\n    memory: "1Gi"\n  requests:\n    cpu: "1"');
    expect(patchText({ kind: 'go.mod', set: { go: '1.25' } }).text).toBe('go 1.25');
    expect(patchText({ kind: 'kernel', set: { 'systemd.unified_cgroup_hierarchy': '1' } }).text).toBe(
      'systemd.unified_cgroup_hierarchy=1',
    );
    expect(patchText({ kind: 'sysctl', set: { 'vm.swappiness': '0' } }).text).toBe('vm.swappiness = 0');
  });
});
