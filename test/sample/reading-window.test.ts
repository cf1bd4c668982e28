import { describe, expect, it } from 'vitest';
import { ReadingWindow } from '../../src/sample/reading-window.ts';

/** Seconds between the newest reading and the one before it that the window holds it against, after each reading. */
function spans(seconds: readonly number[]): (number | undefined)[] {
  const window = new ReadingWindow<string>();
  return seconds.map((second) => {
    window.push({ at: { wallMs: second * 1000, monotonicMs: second * 1000 }, value: '' });
    return window.before === undefined ? undefined : second - window.before.at.monotonicMs / 1000;
  });
}

describe('ReadingWindow', () => {
  it('spans a minute and somewhat more, as soon as it is known that long', () => {
    expect(spans([0, 40, 80, 120, 160])).toEqual([undefined, 40, 80, 80, 80]);
    expect(spans([0, 300, 600])).toEqual([undefined, 300, 300]);
    expect(spans([0, 60, 120])).toEqual([undefined, 60, 60]);
  });

  it('is bounded when readings come often', () => {
    const each = spans(Array.from({ length: 1000 }, (_, second) => second));
    expect(each.slice(0, 3)).toEqual([undefined, 1, 2]);
    const later = each.slice(100).map((span) => span ?? 0);
    expect(Math.min(...later)).toBeGreaterThanOrEqual(60);
    expect(Math.max(...later)).toBeLessThanOrEqual(90);
  });
});
