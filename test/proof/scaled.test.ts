import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../deploy/committed.ts';
import { FACTOR } from './line.ts';
import { scaled, waits, withoutWaits } from './scaled.ts';

describe('shorter waits', () => {
  it('divides what is waited for and leaves ranges alone', () => {
    // 1 min / 60 = 1 s, 1 h / 60 = 1 min, 10 s / 60 = 166.7 ms.
    const text = '  for: 1m\n  keep_firing_for: 1h\n  group_wait: 10s\n  expr: rate(a[5m])\n  summary: for: 1m\n';
    expect(scaled(text, 60)).toBe(
      '  for: 1000ms\n  keep_firing_for: 60000ms\n  group_wait: 167ms\n  expr: rate(a[5m])\n  summary: for: 1m\n',
    );
  });

  it.each(['deploy/prometheus/cgopher-alerts.yaml', 'deploy/alertmanager/alertmanager.yaml'])(
    'changes nothing else in %s',
    (path) => {
      const text = readFileSync(ROOT + path, 'utf8');
      expect(waits(text)).toBeGreaterThan(3);
      expect(scaled(text, FACTOR)).not.toBe(text);
      expect(withoutWaits(scaled(text, FACTOR))).toBe(withoutWaits(text));
      // None is written in another way and overlooked.
      const keys = /^ *(?:for|keep_firing_for|interval|group_wait|group_interval|repeat_interval):/gm;
      expect([...text.matchAll(keys)]).toHaveLength(waits(text));
    },
  );
});
