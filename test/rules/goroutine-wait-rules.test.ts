import { describe, expect, it } from 'vitest';
import { goroutineBlocked } from '../../src/rules/goroutine-blocked.ts';
import { goroutineLeak } from '../../src/rules/goroutine-leak.ts';
import { contention, evidence, goProcess, holds, judgeProcess, missing, told, whyClear } from './models.ts';

type Runtime = NonNullable<NonNullable<Parameters<typeof goProcess>[0]>['runtime']>;
const SITE = { site: 'main.handle (/src/main.go:40)', events: 80, delaySeconds: 45, meanDelaySeconds: 0.5625 };
/** 100 waits, 60 s in all, 45 of them at one place. */
const long = contention({ events: 100, delaySeconds: 60, delayWeightedP99OfMeansSeconds: 0.5, sites: [SITE] });

describe('GoroutineBlocked', () => {
  const judge = (runtime: Runtime) => judgeProcess(goroutineBlocked, goProcess({ runtime }));

  it('warns of contended locks and names the place', () => {
    const verdict = holds(judge({ mutexContention: long }));
    expect(verdict.severity).toBe('warning');
    expect(verdict.summary).toBe(
      'goroutines wait 0.5 s on average at the places that make up the worst of lock contention (100 waits, 60 s in all); 75 % of all waiting is at main.handle (/src/main.go:40)',
    );
    expect(evidence(verdict, 'mutex contention, mean wait of the worst')).toBe(0.5);
    expect(evidence(verdict, 'time waited at main.handle (/src/main.go:40)')).toBe(45);
    expect(verdict.remedy.text).toContain('Hold the lock at main.handle');
  });

  it('makes a note of blocking, which may be idleness', () => {
    const verdict = holds(judge({ blocking: long }));
    expect([verdict.severity, verdict.remedy.text.includes('a worker without work')]).toEqual(['info', true]);
    // One profile that shows it is enough; without a place it still holds.
    expect(judge({ blocking: { ...long, sites: [] }, mutexContention: undefined }).outcome).toBe('holds');
  });

  it('is silent on short or few waits', () => {
    expect(whyClear(judge({}))).toBe('waits are short or few');
    expect(judge({ mutexContention: { ...long, events: 19 } }).outcome).toBe('clear');
    expect(judge({ mutexContention: { ...long, delayWeightedP99OfMeansSeconds: 0.099 } }).outcome).toBe('clear');
    expect(judge({ blocking: contention({ events: 0, delayWeightedP99OfMeansSeconds: undefined }) }).outcome).toBe(
      'clear',
    );
  });

  it('is unknown where a profile is not recorded', () => {
    expect(missing(judge({ blocking: undefined }))).toBe('block profile (runtime.SetBlockProfileRate)');
    expect(missing(judge({ mutexContention: undefined }))).toBe('mutex profile (runtime.SetMutexProfileFraction)');
  });
});

describe('GoroutineLeak', () => {
  const judge = (runtime: Runtime) => judgeProcess(goroutineLeak, goProcess({ runtime }));

  it('fires on proof and names the places', () => {
    const leakedSites = [
      { site: 'main.ask (/src/main.go:12)', count: 6, cause: 'chan send' },
      { site: 'main.wait (/src/main.go:30)', count: 1, cause: 'chan receive' },
    ];
    const verdict = holds(judge({ leakedGoroutines: told(7), leakedSites }));
    expect(verdict.summary).toContain('7 goroutines can never run on');
    expect(verdict.summary).toContain('most are at main.ask (/src/main.go:12)');
    expect(evidence(verdict, 'leaked at main.ask (/src/main.go:12) (chan send)')).toBe(6);
    expect(verdict.remedy.text).toContain('At main.ask (/src/main.go:12), make sure');
    expect(holds(judge({ leakedGoroutines: told(1), leakedSites: [] })).summary).toContain(
      '1 goroutine can never run on: what it waits for',
    );
  });

  it('is silent when the profile found none, and unknown when there was none', () => {
    expect(whyClear(judge({ leakedGoroutines: told(0) }))).toContain('found none');
    expect(missing(judge({ leakedGoroutines: undefined }))).toContain('goroutineleak profile');
  });
});
