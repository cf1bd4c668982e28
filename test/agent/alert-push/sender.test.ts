import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AlertBook, type BookEntry } from '../../../src/agent/alert-push/alert-book.ts';
import { type Outcome, Sender } from '../../../src/agent/alert-push/sender.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { recordingLogger } from '../recording-logger.ts';
import { alertOf } from './alerts.ts';
import { countingMetrics } from './counting-metrics.ts';

const ACCEPTED: Outcome = { kind: 'accepted', latencySeconds: 0.1 };
const FAILED: Outcome = { kind: 'failed', detail: 'ECONNREFUSED' };
const HOUR = 3_600_000;
const AM = 'http://am/api/v2/alerts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A sender on fake time. `answers` are given in turn, and the last for ever. */
function sending(...answers: (Outcome | Promise<Outcome>)[]) {
  const book = new AlertBook(1000);
  const posts: { readonly at: number; readonly what: string[] }[] = [];
  const metrics = countingMetrics();
  const { logger, lines } = recordingLogger();
  const begin = systemClock.now().monotonicMs;
  const said = ({ alert, endedMs }: BookEntry): string => `${endedMs === undefined ? '+' : '-'}${alert.key}`;
  const sender = new Sender({
    alertmanager: AM,
    book,
    resendIntervalMs: 60_000,
    clock: systemClock,
    random: () => 1,
    metrics,
    logger,
    post: (entries) => {
      posts.push({ at: systemClock.now().monotonicMs - begin, what: entries.map(said) });
      return Promise.resolve((answers.length > 1 ? answers.shift() : answers[0]) ?? ACCEPTED);
    },
  });
  const look = (...pods: string[]): void => {
    sender.note(
      book.note(
        pods.map((pod) => alertOf(pod)),
        systemClock.now().monotonicMs,
      ).keys,
      HOUR,
    );
  };
  return { sender, posts, look, told: metrics, of: () => metrics.of(AM), lines, book };
}
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('Sender', () => {
  it('sends what began a second later, in one request, and all of it every interval', async () => {
    const { posts, look } = sending();
    look('a');
    await pass(500);
    look('a', 'b');
    await pass(499);
    expect(posts).toEqual([]);
    await pass(1);
    expect(posts).toEqual([{ at: 1000, what: ['+a', '+b'] }]);
    await pass(58_999);
    expect(posts).toHaveLength(1);
    // The interval counts from the start, so nothing waits longer.
    await pass(1);
    expect(posts[1]).toEqual({ at: 60_000, what: ['+a', '+b'] });
    await pass(60_000);
    expect(posts[2]).toEqual({ at: 120_000, what: ['+a', '+b'] });
  });

  it('goes on without looks in between, as with an interval longer than that of sending', async () => {
    const { posts, look } = sending();
    look('a');
    await pass(10 * 60_000);
    // One for the change, and one a minute.
    expect(posts).toHaveLength(11);
  });

  it('says nothing more when looks have stopped, and goes on with the next', async () => {
    const { posts, look, sender, book } = sending();
    book.note([alertOf('a')], systemClock.now().monotonicMs);
    sender.note(['a'], 240_000);
    await pass(HOUR);
    // 1 s, and each minute up to 4 minutes after the look.
    expect(posts.map(({ at }) => at)).toEqual([1000, 60_000, 120_000, 180_000, 240_000]);
    look('a');
    await pass(1000);
    expect(posts.at(-1)).toEqual({ at: HOUR, what: ['+a'] });
  });

  it('tells at once that an alert ended, and again for 15 minutes', async () => {
    const { posts, look } = sending();
    look('a', 'b');
    await pass(5000);
    look('b');
    await pass(1000);
    expect(posts.at(-1)).toEqual({ at: 6000, what: ['-a'] });
    for (let minute = 0; minute < 20; minute += 1) {
      await pass(60_000);
      look('b');
    }
    const notices = posts.filter(({ what }) => what.includes('-a'));
    // At 6 s, then with each round from 60 s to 900 s; at 905 s it is 15 minutes old, and forgotten at the look after that.
    expect(notices.map(({ at }) => at)).toEqual([
      6000,
      ...Array.from({ length: 15 }, (_, index) => (index + 1) * 60_000),
    ]);
    expect(posts.at(-1)?.what).toEqual(['+b']);
  });

  it('tries again after 1, 2, 4 ... seconds with full jitter, with what is so by then', async () => {
    const { posts, look, of, lines } = sending(FAILED, FAILED, FAILED, ACCEPTED);
    look('a');
    await pass(1000);
    look('a', 'b');
    // 1 s + 1 s: the retry brings the news along.
    await pass(1000);
    expect(posts.at(-1)).toEqual({ at: 2000, what: ['+a', '+b'] });
    look('b', 'c');
    await pass(2000);
    expect(posts.at(-1)).toEqual({ at: 4000, what: ['-a', '+b', '+c'] });
    expect(of()).toMatchObject({ errors: 1 + 2 + 3, sent: 0, waiting: 3 });
    await pass(4000);
    expect(posts).toHaveLength(4);
    expect(posts.at(-1)).toEqual({ at: 8000, what: ['-a', '+b', '+c'] });
    expect(of()).toMatchObject({ sent: 3, waiting: 0, dropped: 0 });
    expect(lines).toEqual([
      {
        level: 'warn',
        message: 'alerts were not accepted (failed)',
        fields: { alertmanager: AM, alerts: 1, error: 'ECONNREFUSED' },
      },
      { level: 'info', message: 'alerts are accepted again', fields: { alertmanager: AM } },
    ]);
  });

  it('waits no longer between tries than the interval of sending, and goes on for ever', async () => {
    const { posts, look, lines } = sending(FAILED);
    look('a');
    await pass(30 * 60_000);
    const gaps = posts.map(({ at }, index) => at - (posts[index - 1]?.at ?? 0));
    expect(gaps.slice(0, 9)).toEqual([1000, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
    expect(Math.max(...gaps)).toBe(60_000);
    // Told once.
    expect(lines).toHaveLength(1);
  });

  it('does not hurry to send again what is refused', async () => {
    const { posts, look, of } = sending({ kind: 'refused', detail: 'HTTP 400: bad' });
    look('a');
    await pass(59_999);
    expect(posts).toHaveLength(1);
    expect(of()).toMatchObject({ errors: 1, dropped: 1, sent: 0, waiting: 0 });
    await pass(1);
    expect(posts).toHaveLength(2);
  });

  it('sends 64 at a time, and after a failure only what is left', async () => {
    const { posts, look, of } = sending(ACCEPTED, FAILED, ACCEPTED);
    look(...Array.from({ length: 150 }, (_, index) => `pod-${index}`));
    await pass(1000);
    expect(posts.map(({ what }) => what.length)).toEqual([64, 64]);
    expect(of()).toMatchObject({ sent: 64, errors: 64, waiting: 86 });
    await pass(1000);
    expect(posts.map(({ what }) => what.length)).toEqual([64, 64, 64, 22]);
    expect(posts[2]?.what).toEqual(posts[1]?.what);
    expect(of()).toMatchObject({ sent: 150, waiting: 0 });
  });

  it('has one request under way, and sends again what changed meanwhile', async () => {
    let answer: (outcome: Outcome) => void = () => undefined;
    const { posts, look, of } = sending(
      new Promise<Outcome>((resolve) => {
        answer = resolve;
      }),
      ACCEPTED,
    );
    look('a');
    await pass(1000);
    look();
    await pass(30_000);
    expect(posts).toHaveLength(1);
    answer(ACCEPTED);
    await pass(0);
    expect(posts.map(({ what }) => what)).toEqual([['+a'], ['-a']]);
    expect(of().waiting).toBe(0);
  });

  it('counts what nobody need know any more', async () => {
    const { look, of, posts } = sending(FAILED);
    look('a');
    await pass(2000);
    look();
    for (let minute = 0; minute < 17; minute += 1) {
      await pass(60_000);
      look();
    }
    expect(of()).toMatchObject({ sent: 0, dropped: 1, waiting: 0 });
    const last = posts.length;
    await pass(HOUR / 2);
    expect(posts).toHaveLength(last);
  });

  it('is silent once closed, also when an answer is still to come', async () => {
    let answer: (outcome: Outcome) => void = () => undefined;
    const { sender, posts, look, of, told } = sending(
      new Promise<Outcome>((resolve) => {
        answer = resolve;
      }),
    );
    look('a');
    await pass(1000);
    sender.close();
    // A word about a gauge that has ended would bring it back.
    const waiting = vi.spyOn(told, 'waiting');
    answer(ACCEPTED);
    await pass(HOUR);
    look('a', 'b');
    await pass(HOUR);
    expect(posts).toHaveLength(1);
    expect(of().sent).toBe(0);
    expect(waiting).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('has no more due than the book holds while an Alertmanager is down', async () => {
    const { look, of, book, posts } = sending(FAILED);
    // Each look has another pod: 1500 begin, and 1499 of them end.
    for (let index = 0; index < 1500; index += 1) look(`pod-${index}`);
    await pass(1000);
    expect(posts).toHaveLength(1);
    // One that fires, and the last 1000 that ended: 1500 - 1001 are dropped.
    expect(book.entries.size).toBe(1001);
    expect(of()).toMatchObject({ waiting: 1001, dropped: 499 });
    for (let index = 1500; index < 2000; index += 1) look(`pod-${index}`);
    expect(of()).toMatchObject({ waiting: 1001, dropped: 999 });
  });
});
