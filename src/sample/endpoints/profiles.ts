import { SiteBook } from '../../go/site-book.ts';
import type { GoroutineProfile, GoVersion, PprofIndex } from '../../go/types.ts';
import { isAtLeast } from '../../go/version.ts';
import { ProfileSchedule } from '../profile-schedule.ts';
import type { EndpointSample } from '../types.ts';
import { ContentionReadings } from './contention-readings.ts';
import type { Candidate } from './discover.ts';
import type { EndpointFetch } from './fetch.ts';
import { type MissSink, taken, tookOf } from './profile-answer.ts';

/** How often profiles are asked for, in milliseconds. Zero asks every time. */
export interface ProfilePlan {
  readonly profileEveryMs: number;
  /** A goroutine profile is not asked for above this many goroutines: its cost and memory grow with them. */
  readonly maxProfiledGoroutines: number;
  /**
   * goroutineleak profiles, where the runtime offers them. Undefined: never, which is the default, because each request runs a full
   * collection in the program: CPU time in proportion to its live heap and its goroutines (0.1 to 0.6 s was measured with 100,000
   * goroutines and some 100 MB on two CPUs), and goroutines that allocate meanwhile are made to help. First asked one interval after
   * the process was met, never when the agent starts.
   */
  readonly leakEveryMs?: number | undefined;
}

type GoroutineParts = Pick<EndpointSample, 'goroutines' | 'sites' | 'leaks'>;
type Parts = GoroutineParts & Pick<EndpointSample, 'block' | 'mutex'>;

/** Up to Go 1.18 the world stands still while every stack is walked: some microseconds a goroutine. */
const OLD_RUNTIME = { goroutines: 2000, interval: 4 } as const;
const MAX_GROUPS = 64;

/** The profiles of one process: which to ask for when, and what they said. Never debug=2, which stops the world for whole seconds. */
export class EndpointProfiles {
  readonly #plan: ProfilePlan;
  readonly #maxGoroutines: number;
  readonly #goroutines: ProfileSchedule;
  readonly #leaks: ProfileSchedule | undefined;
  readonly #block: ContentionReadings;
  readonly #mutex: ContentionReadings;
  readonly #book = new SiteBook();
  #parts: GoroutineParts = { goroutines: undefined, sites: undefined, leaks: undefined };
  #notes = { goroutine: '', goroutineleak: '' };

  /** @param version of the program's Go; undefined is taken for a recent one */
  constructor(plan: ProfilePlan, version: GoVersion | undefined) {
    const old = version !== undefined && !isAtLeast(version, 1, 19);
    this.#plan = plan;
    this.#maxGoroutines = old
      ? Math.min(OLD_RUNTIME.goroutines, plan.maxProfiledGoroutines)
      : plan.maxProfiledGoroutines;
    this.#goroutines = new ProfileSchedule(plan.profileEveryMs * (old ? OLD_RUNTIME.interval : 1), true);
    this.#leaks = plan.leakEveryMs === undefined ? undefined : new ProfileSchedule(plan.leakEveryMs, false);
    this.#block = new ContentionReadings('block', plan.profileEveryMs);
    this.#mutex = new ContentionReadings('mutex', plan.profileEveryMs);
  }

  get parts(): Parts {
    return { ...this.#parts, block: this.#block.window, mutex: this.#mutex.window };
  }

  get notes(): EndpointSample['profileNotes'] {
    return { ...this.#notes, block: this.#block.note, mutex: this.#mutex.note };
  }

  /** Asks for what is due. `index` is the page of this cycle; undefined when it did not come. */
  async refresh(
    fetch: EndpointFetch,
    at: Candidate,
    index: PprofIndex | undefined,
    nowMs: number,
    sink: MissSink,
  ): Promise<void> {
    const count = index?.goroutines;
    if (index === undefined || count === undefined || count > this.#maxGoroutines) {
      const why =
        count === undefined
          ? 'how many goroutines there are is not known'
          : `${count} goroutines, and above ${this.#maxGoroutines} a profile costs the program too much`;
      // A profile from before must not stand for a program that may not be asked for one now.
      this.#parts = { ...this.#parts, goroutines: undefined, sites: undefined, leaks: undefined };
      this.#notes = { goroutine: why, goroutineleak: why };
    } else {
      // A process that is too busy to answer is not asked for more.
      if (!(await this.#refreshGoroutines(fetch, at, count, nowMs, sink))) return;
      await this.#refreshLeaks(fetch, at, index, count, nowMs, sink);
    }
    await this.#block.refresh(fetch, at, index, nowMs, sink);
    await this.#mutex.refresh(fetch, at, index, nowMs, sink);
  }

  /** False: it was asked for and did not come in time. */
  async #refreshGoroutines(
    fetch: EndpointFetch,
    at: Candidate,
    count: number,
    nowMs: number,
    sink: MissSink,
  ): Promise<boolean> {
    const schedule = this.#goroutines;
    const waitMs = schedule.waitMs(nowMs, count);
    const stretched = schedule.intervalMs(count) > this.#plan.profileEveryMs;
    this.#notes.goroutine =
      waitMs > 0 && stretched ? `${inSeconds(waitMs)} with ${count} goroutines${schedule.slowness}` : '';
    if (waitMs > 0) return true;
    const answer = await fetch.goroutines(at);
    schedule.answered(nowMs, { tookMs: tookOf(answer), goroutines: count });
    const profile = taken('goroutines', answer, sink);
    const goroutines = profile === undefined ? undefined : { at: profile.at, value: trimmed(profile.value) };
    const sites =
      profile === undefined ? undefined : { at: profile.at, value: this.#book.take(profile.value, profile.at) };
    this.#parts = { ...this.#parts, goroutines, sites };
    return answer.ok || answer.miss.kind !== 'failed';
  }

  async #refreshLeaks(
    fetch: EndpointFetch,
    at: Candidate,
    index: PprofIndex,
    count: number,
    nowMs: number,
    sink: MissSink,
  ): Promise<void> {
    const schedule = this.#leaks;
    if (schedule === undefined || !index.profiles.has('goroutineleak')) {
      const offered = index.profiles.has('goroutineleak');
      this.#notes.goroutineleak = offered
        ? 'not asked for: each request is a full collection'
        : 'the runtime does not offer it';
      return;
    }
    if (this.#plan.leakEveryMs !== 0) schedule.begin(nowMs);
    const waitMs = schedule.waitMs(nowMs, count);
    this.#notes.goroutineleak = waitMs > 0 ? inSeconds(waitMs) + schedule.slowness : '';
    if (waitMs > 0) return;
    const answer = await fetch.leaks(at);
    schedule.answered(nowMs, { tookMs: tookOf(answer), goroutines: count });
    this.#parts = { ...this.#parts, leaks: taken('leaks', answer, sink) };
  }
}

function trimmed(profile: GoroutineProfile): GoroutineProfile {
  const groups = profile.groups.slice(0, MAX_GROUPS);
  return { ...profile, groups, otherGoroutines: profile.total - groups.reduce((sum, { count }) => sum + count, 0) };
}

function inSeconds(waitMs: number): string {
  return `next in ${Math.ceil(waitMs / 1000)} s`;
}
