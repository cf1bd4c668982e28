import type { Clock } from '../../base/clock.ts';
import type { GoroutineCensus } from '../../go/memory/types.ts';
import { type SiteAccount, SiteBook, type SiteGroups } from '../../go/site-book.ts';
import { ProfileSchedule } from '../profile-schedule.ts';
import type { Timed } from '../types.ts';
import type { AttachedRuntime } from './attached-runtime.ts';

/** Counts one process's goroutines by site now and then, sooner when there are many more, and follows what grows. */
export class GoroutineCounts {
  readonly #everyMs: number;
  readonly #clock: Clock;
  #schedule: ProfileSchedule;
  #book = new SiteBook();
  #sites: Timed<SiteAccount> | undefined;

  constructor(everyMs: number, clock: Clock) {
    this.#everyMs = everyMs;
    this.#clock = clock;
    this.#schedule = new ProfileSchedule(everyMs, true);
  }

  /** The last count; undefined before the first. */
  get sites(): Timed<SiteAccount> | undefined {
    return this.#sites;
  }

  /** `goroutines`: how many there are now. */
  *countIfDue(runtime: AttachedRuntime, goroutines: number): Generator<void, void> {
    const now = this.#clock.now().monotonicMs;
    if (this.#schedule.waitMs(now, goroutines) > 0) return;
    const census = yield* runtime.goroutines();
    // A count that failed is tried again when the next is due, not in every cycle. It costs the process nothing, so it never slows down.
    this.#schedule.answered(now, { tookMs: 0, goroutines });
    if (!census.ok) return;
    const at = this.#clock.now();
    this.#sites = { at, value: this.#book.take(siteGroups(census.value), at) };
  }

  /** Nothing of what was counted holds any more: it was of another program. */
  forget(): void {
    this.#sites = undefined;
    this.#book = new SiteBook();
    this.#schedule = new ProfileSchedule(this.#everyMs, true);
  }
}

function siteGroups({ total, sites, otherGoroutines }: GoroutineCensus): SiteGroups {
  const groups = sites.map(({ count, entry, createdBy, waitReason, waitSeconds }) => ({
    count,
    site: entry,
    entry: createdBy,
    cause: waitReason,
    waitSeconds,
    stack: entry === undefined ? [] : [entry.function],
    labels: {},
  }));
  return { total, groups, otherGoroutines };
}
