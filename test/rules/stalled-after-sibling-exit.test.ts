import { describe, expect, it } from 'vitest';
import type { ContainerModel } from '../../src/model/container-types.ts';
import type { GoroutineSiteModel } from '../../src/model/go-runtime-types.ts';
import { goroutineGrowth } from '../../src/rules/goroutine-growth.ts';
import { observeGoroutines } from '../../src/rules/goroutine-history.ts';
import { observeSiblings } from '../../src/rules/sibling-ends.ts';
import { stalledAfterSiblingExit } from '../../src/rules/stalled-after-sibling-exit.ts';
import type { Rule, Verdict } from '../../src/rules/types.ts';
import {
  container,
  evidence,
  goProcess,
  holds,
  MIB,
  memory,
  missing,
  processContext,
  told,
  whyClear,
} from './models.ts';

/** Another container of the pod `shop/app-0`; another number is another start of it. */
const sibling = (name: string, start = 1, tasks: number | undefined = 3): ContainerModel => {
  const usual = container();
  return {
    ...usual,
    key: `/kubepods/pod-a/${name}#${start}`,
    identity: { ...usual.identity, container: name, containerId: `${start}`.repeat(64) },
    pids: { ...usual.pids, current: tasks },
  };
};

interface Life {
  /** Goroutines so many seconds after the start of the process. */
  readonly count: (seconds: number) => number | undefined;
  readonly siblings: (seconds: number) => readonly ContainerModel[];
  readonly hours?: number;
  readonly rule?: Rule;
  readonly sites?: readonly GoroutineSiteModel[];
}

/** What a rule says at the end of a life looked at every 30 seconds. */
function judge({ count, siblings, hours = 2, rule = stalledAfterSiblingExit, sites }: Life): Verdict {
  if (rule.subject !== 'process') throw new Error('a rule about processes');
  let state: unknown;
  let verdict: Verdict | undefined;
  for (let seconds = 0; seconds <= hours * 3600; seconds += 30) {
    const goroutines = count(seconds);
    const process = goProcess({
      uptimeSeconds: seconds,
      runtime: { goroutines: goroutines === undefined ? undefined : told(goroutines), goroutineSites: sites },
    });
    const own = container({ memory: memory({ workingSetBytes: 100 * MIB + (goroutines ?? 0) * 20 * 1024 }) });
    const at = { wallMs: 1_700_000_000_000 + seconds * 1000, monotonicMs: seconds * 1000 };
    const context = { ...processContext(process), container: own, siblings: siblings(seconds), at };
    state = rule.observe?.(state, context);
    verdict = rule.detect(context, state);
  }
  return verdict!;
}

const END = 3600;
/** 100 goroutines, and from the moment on two more a second: an hour later 7300. */
const since = (moment: number) => (seconds: number) => 100 + 2 * Math.max(0, seconds - moment);
const until = (moment: number) => (seconds: number) =>
  seconds < moment ? [sibling('cache'), sibling('logs')] : [sibling('logs')];

describe('StalledAfterSiblingExit', () => {
  it('names the container that ended when the growth began, and the place that grows', () => {
    const site: GoroutineSiteModel = {
      count: 7250,
      site: 'main.get (/cache.go:12)',
      createdBy: 'main.serve (/main.go:40)',
      cause: 'chan receive',
      waitSeconds: 3500,
      growth: 7200,
      growthSeconds: 3600,
      from: 'memory',
      ageSeconds: 0,
    };
    const verdict = holds(judge({ count: since(END), siblings: until(END), sites: [site] }));
    expect(verdict.summary).toContain(
      'goroutines of app pile up since cache ended 60 min ago (it is gone); most are at main.get',
    );
    expect(evidence(verdict, 'time since cache ended')).toBe(3600);
    expect(evidence(verdict, 'goroutines before cache ended')).toBe(100);
    expect(evidence(verdict, 'goroutines added an hour since then')).toBe(7200);
    expect(verdict.remedy.text).toContain('Give what waits for cache an end');
    expect(verdict.remedy.text).toContain('They wait at main.get (/cache.go:12), started at main.serve');
    // 7300 x 20 KiB and 100 MiB of 512 are used: 270 MiB last for 6900 s, more than an hour.
    expect(verdict.severity).toBe('warning');
  });

  it('tells that it was started again, and takes an empty cgroup for an end', () => {
    const again = (seconds: number) => [sibling('cache', seconds < END ? 1 : 2)];
    expect(holds(judge({ count: since(END), siblings: again })).summary).toContain('(it was started again since)');
    const emptied = (seconds: number) => [sibling('cache', 1, seconds < END ? 3 : 0)];
    expect(holds(judge({ count: since(END), siblings: emptied })).summary).toContain('(it is gone)');
  });

  it('holds when goroutines jumped at that moment and grow from there', () => {
    const jump = (seconds: number) => (seconds < END ? 100 : 400 + 2 * (seconds - END));
    expect(judge({ count: jump, siblings: until(END) }).outcome).toBe('holds');
  });

  it('blames the container whose end fits, not the last one that ended', () => {
    const both = (seconds: number) => [
      ...(seconds < END ? [sibling('cache')] : []),
      ...(seconds < END + 2400 ? [sibling('logs')] : []),
    ];
    expect(holds(judge({ count: since(END), siblings: both })).summary).toContain('since cache ended');
  });

  /** Ends every `every` seconds from `first` on, away for one minute each time. */
  const crashes = (first: number, every: number) => (seconds: number) => {
    const start = seconds < first ? 0 : Math.floor((seconds - first) / every) + 1;
    return seconds >= first && (seconds - first) % every < 60 ? [] : [sibling('cache', start)];
  };

  it('blames the first end of a container that crashes again and again since', () => {
    // Twelve ends in the hour since; the next look after the last one is 30 s later.
    const verdict = holds(judge({ count: since(END), siblings: crashes(END, 300) }));
    expect(verdict.summary).toContain('since cache ended 60 min ago, and 12 times since (it is gone)');
    expect(evidence(verdict, 'time since cache ended')).toBe(3600);
    // Another container that crashes all the time does not push it out either.
    const both = (seconds: number) => [...(seconds < END ? [sibling('db')] : []), ...crashes(600, 300)(seconds)];
    expect(holds(judge({ count: since(END), siblings: both })).summary).toContain(
      'since db ended 60 min ago (it is gone)',
    );
  });

  it('blames no container that crashed long before, though one of its ends is near any moment', () => {
    const verdict = judge({ count: since(END), siblings: crashes(1800, 300) });
    expect(whyClear(verdict)).toContain('did not begin to when cache ended');
  });

  it('takes an end after a long quiet for a new one', () => {
    const twice = (seconds: number) => [sibling('cache', seconds < 300 ? 1 : seconds < END ? 2 : 3)];
    expect(holds(judge({ count: since(END), siblings: twice })).summary).toContain(
      'since cache ended 60 min ago (it was started again since)',
    );
  });

  it('is silent when none ended, or none in a pod could', () => {
    expect(whyClear(judge({ count: since(END), siblings: () => [sibling('cache')] }))).toContain('was seen to end');
    // Without a pod, whatever else.
    const process = goProcess();
    const context = { ...processContext(process), container: undefined };
    const judged = stalledAfterSiblingExit.subject === 'process' ? stalledAfterSiblingExit : undefined;
    expect(whyClear(judged!.detect(context, judged!.observe?.(undefined, context)))).toBe('it is in no pod');
  });

  it('is silent when goroutines do not grow, grew before, or began to grow at another time', () => {
    expect(whyClear(judge({ count: () => 100, siblings: until(END) }))).toContain('goroutines do not grow');
    // As fast before as after.
    const other = 'goroutines grow, but did not begin to when cache ended';
    expect(whyClear(judge({ count: (seconds) => 100 + 2 * seconds, siblings: until(END) }))).toBe(other);
    // 40 minutes after the end, more than a tenth of the two hours since; and half an hour before it.
    expect(whyClear(judge({ count: since(END + 2400), siblings: until(END), hours: 3 }))).toBe(other);
    expect(whyClear(judge({ count: since(END), siblings: until(END + 1800) }))).toBe(other);
  });

  it('does not take a missed look for an end', () => {
    const missed = (seconds: number) => (seconds === END ? [] : [sibling('cache')]);
    expect(whyClear(judge({ count: since(END), siblings: missed }))).toContain('was seen to end');
  });

  it('is unknown without a count, or without one from before the end', () => {
    expect(missing(judge({ count: () => undefined, siblings: until(END) }))).toBe('number of goroutines');
    const late = (seconds: number) => (seconds < END - 60 ? undefined : since(END)(seconds));
    expect(missing(judge({ count: late, siblings: until(END) }))).toContain('in the minutes before cache ended');
    expect(missing(judge({ count: () => 100, siblings: until(120), hours: 0.1 }))).toContain('over a longer time');
  });

  it('is named by GoroutineGrowth too, which remembers the same', () => {
    const verdict = holds(judge({ count: since(END), siblings: until(END), rule: goroutineGrowth }));
    expect(verdict.summary).toContain('; it began when cache ended 60 min ago (it is gone)');
    expect(verdict.remedy.text).toMatch(/^See StalledAfterSiblingExit first: cache ended/);
    expect([goroutineGrowth.memory, stalledAfterSiblingExit.memory]).toEqual(['goroutines', 'goroutines']);
    const other = holds(judge({ count: since(600), siblings: until(END), rule: goroutineGrowth }));
    expect(other.summary).not.toContain('it began when');
  });
});

describe('what is remembered', () => {
  const at = (seconds: number) => ({ wallMs: 0, monotonicMs: seconds * 1000 });
  const many = (count: number) => Array.from({ length: count }, (_, index) => sibling(`c${index}`));

  it('is the very same when a model is folded in twice, so that rules can share it', () => {
    const context = { ...processContext(goProcess()), siblings: [sibling('cache')] };
    const once = observeGoroutines(undefined, context);
    expect(observeGoroutines(once, context)).toBe(once);
  });

  it('is bounded, whatever the pod does', () => {
    const book = observeSiblings(undefined, { siblings: many(500), at: at(0) });
    expect(book.alive).toHaveLength(64);
    expect(observeSiblings(book, { siblings: [], at: at(10) }).ends).toHaveLength(16);
    const long = sibling('x'.repeat(5000));
    expect(observeSiblings(undefined, { siblings: [long], at: at(0) }).alive[0]?.name).toHaveLength(128);
  });

  it('is of each name the first run of ends and the last, with a missed look taken back', () => {
    let book = observeSiblings(undefined, { siblings: [sibling('cache', 0)], at: at(0) });
    const look = (seconds: number, start: number | undefined) => {
      book = observeSiblings(book, { siblings: start === undefined ? [] : [sibling('cache', start)], at: at(seconds) });
      return book.ends.map(({ atMs, lastMs, times }) => [atMs / 1000, lastMs / 1000, times]);
    };
    expect(look(100, 1)).toEqual([[100, 100, 1]]);
    // 1200 s later is the same run, 1201 s is not.
    expect(look(1300, 2)).toEqual([[100, 1300, 2]]);
    expect(look(2501, undefined)).toEqual([
      [100, 1300, 2],
      [2501, 2501, 1],
    ]);
    // It was there all the time.
    expect(look(2511, 2)).toEqual([[100, 1300, 2]]);
    expect(look(2520, 3)).toEqual([
      [100, 1300, 2],
      [2520, 2520, 1],
    ]);
    expect(look(2530, undefined)).toEqual([
      [100, 1300, 2],
      [2520, 2530, 2],
    ]);
    expect(look(2540, 3)).toEqual([
      [100, 1300, 2],
      [2520, 2520, 1],
    ]);
    // A third run takes the place of the second.
    expect(look(9000, 4)).toEqual([
      [100, 1300, 2],
      [9000, 9000, 1],
    ]);
  });

  it('forgets ends after a week', () => {
    let book = observeSiblings(undefined, { siblings: [sibling('cache')], at: at(0) });
    book = observeSiblings(book, { siblings: [], at: at(10) });
    expect(book.ends.map(({ name, atMs }) => [name, atMs])).toEqual([['cache', 10_000]]);
    expect(observeSiblings(book, { siblings: [], at: at(7 * 86_400) })).toBe(book);
    expect(observeSiblings(book, { siblings: [], at: at(7 * 86_400 + 11) }).ends).toEqual([]);
  });
});
