import type { ContentionProfile } from '../../go/contention-profile.ts';
import { type ContentionWindow, contentionBetween } from '../../go/contention-window.ts';
import type { PprofIndex } from '../../go/types.ts';
import { ProfileSchedule } from '../profile-schedule.ts';
import type { Timed } from '../types.ts';
import type { Candidate } from './discover.ts';
import type { EndpointFetch } from './fetch.ts';
import { type MissSink, taken, tookOf } from './profile-answer.ts';

const MAX_SITES = 20;

/** The block or the mutex profile of one process: read where the program records it, and told as the difference of two readings. */
export class ContentionReadings {
  readonly #kind: 'block' | 'mutex';
  readonly #schedule: ProfileSchedule;
  #before: Timed<ContentionProfile> | undefined;
  #window: Timed<ContentionWindow> | undefined;
  #note = '';

  constructor(kind: 'block' | 'mutex', everyMs: number) {
    this.#kind = kind;
    this.#schedule = new ProfileSchedule(everyMs, false);
  }

  /** Undefined on the first reading, and where nothing is recorded. */
  get window(): Timed<ContentionWindow> | undefined {
    return this.#window;
  }

  /** Why there is no window, for people; empty when there is one. */
  get note(): string {
    return this.#note;
  }

  /** Asks when it is due. `index` is the page of this cycle; undefined when it did not come. */
  async refresh(
    fetch: EndpointFetch,
    at: Candidate,
    index: PprofIndex | undefined,
    nowMs: number,
    sink: MissSink,
  ): Promise<void> {
    const nothing = nothingToAsk(index, this.#kind);
    if (nothing !== undefined) {
      this.#end(nothing);
      return;
    }
    if (this.#schedule.waitMs(nowMs, 0) > 0) return;
    const answer = await fetch.contention(at, this.#kind);
    this.#schedule.answered(nowMs, { tookMs: tookOf(answer), goroutines: 0 });
    const reading = taken(this.#kind, answer, sink);
    if (reading === undefined) {
      this.#end('it could not be had');
      return;
    }
    const before = this.#before;
    this.#before = reading;
    if (before === undefined) {
      this.#end('one reading so far: a difference needs two');
      return;
    }
    const seconds = (reading.at.monotonicMs - before.at.monotonicMs) / 1000;
    const value = contentionBetween(before.value, reading.value, seconds, MAX_SITES);
    this.#window = value === undefined ? undefined : { at: reading.at, value };
    this.#note = value === undefined ? 'counts went back: counted anew from now' : '';
  }

  #end(note: string): void {
    this.#window = undefined;
    this.#note = note;
  }
}

/** Why there is nothing to ask for; undefined when there is. A count of 0 is not "no contention": without a call nothing is recorded. */
function nothingToAsk(index: PprofIndex | undefined, kind: 'block' | 'mutex'): string | undefined {
  if (index === undefined) return 'the pprof index did not come';
  const stacks = index.profiles.get(kind);
  if (stacks === undefined) return 'not in the pprof index';
  return stacks === 0 ? 'nothing recorded: off unless the program switches it on' : undefined;
}
