import type { Instant } from '../base/clock.ts';
import type { Evaluation } from '../rules/engine.ts';
import type { Finding } from '../rules/types.ts';

/** `withdrawn`: what was pending no longer holds, and has never fired. */
export type EventState = 'pending' | 'firing' | 'resolved' | 'withdrawn';

/** A finding that changed its state. */
export interface FindingEvent {
  readonly cycle: number;
  readonly atUnixMs: number;
  readonly state: EventState;
  /** As it was then; withdrawn ones as they were last. */
  readonly finding: Finding;
}

/** Tells which findings changed their state from one evaluation to the next. */
export class Timeline {
  #before: ReadonlyMap<string, Finding> = new Map();

  /** Events of this cycle, in the order of its findings, withdrawn ones last. */
  note(cycle: number, at: Instant, { findings }: Evaluation): readonly FindingEvent[] {
    const events: FindingEvent[] = [];
    const now = new Map<string, Finding>();
    const seen = new Set<string>();
    const event = (state: EventState, finding: Finding): void => {
      events.push({ cycle, atUnixMs: at.wallMs, state, finding });
    };
    for (const finding of findings) {
      const key = `${finding.rule}|${finding.subject.key}`;
      seen.add(key);
      if (this.#before.get(key)?.state !== finding.state) event(finding.state, finding);
      if (finding.state !== 'resolved') now.set(key, finding);
    }
    for (const [key, finding] of this.#before)
      if (finding.state === 'pending' && !seen.has(key)) event('withdrawn', finding);
    this.#before = now;
    return events;
  }
}
