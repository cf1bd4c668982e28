import { judgeGrowth } from './judge.ts';
import { observeGrowth } from './observe.ts';
import type { GrowthOptions } from './options.ts';
import type { GrowthSample, GrowthState, GrowthVerdict } from './types.ts';

type Growing = Extract<GrowthVerdict, { kind: 'growing' }>;

/** One alarm of a history. */
export interface GrowthAlarm {
  readonly subject: string;
  /** Unix seconds. */
  readonly firedAtSeconds: number;
  /** Unix seconds; undefined when it still held at the end of the history. */
  readonly resolvedAtSeconds: number | undefined;
  /** What was said when it fired. */
  readonly verdict: Growing;
}

interface Subject {
  state: GrowthState | undefined;
  firing: { readonly firedAtSeconds: number; readonly verdict: Growing; lastSeconds: number } | undefined;
}

/** Why one subject was not called growing when its history ended. */
export interface GrowthSilence {
  readonly subject: string;
  readonly reason: string;
}

/** What became of a sample. */
export type Taken = 'taken' | 'out of order' | 'too many subjects';

/**
 * Runs the detector over a history, of any number of subjects side by side, and keeps the alarms. An alarm is resolved when no growth
 * was seen for `holdSeconds`.
 */
export class GrowthBacktest {
  readonly #options: GrowthOptions;
  readonly #holdSeconds: number;
  readonly #maxSubjects: number;
  readonly #subjects = new Map<string, Subject>();
  readonly #alarms: GrowthAlarm[] = [];

  constructor(options: GrowthOptions, holdSeconds: number, maxSubjects: number) {
    this.#options = options;
    this.#holdSeconds = holdSeconds;
    this.#maxSubjects = maxSubjects;
  }

  get subjectCount(): number {
    return this.#subjects.size;
  }

  /** Samples of one subject come in order of time; one that does not is left out. */
  add(name: string, sample: GrowthSample): Taken {
    let subject = this.#subjects.get(name);
    if (subject === undefined) {
      if (this.#subjects.size >= this.#maxSubjects) return 'too many subjects';
      subject = { state: undefined, firing: undefined };
      this.#subjects.set(name, subject);
    }
    const state = observeGrowth(subject.state, sample);
    if (state === subject.state) return 'out of order';
    subject.state = state;
    const { atSeconds } = sample;
    const verdict = judgeGrowth(state, this.#options);
    if (verdict.kind === 'growing') {
      subject.firing ??= { firedAtSeconds: atSeconds, verdict, lastSeconds: atSeconds };
      subject.firing.lastSeconds = atSeconds;
    } else if (subject.firing !== undefined && atSeconds - subject.firing.lastSeconds >= this.#holdSeconds) {
      this.#resolve(name, subject, atSeconds);
    }
    return 'taken';
  }

  /** All alarms so far, in order of time. */
  alarms(): readonly GrowthAlarm[] {
    const open = [...this.#subjects].flatMap(([subject, { firing }]) =>
      firing === undefined
        ? []
        : [{ subject, firedAtSeconds: firing.firedAtSeconds, resolvedAtSeconds: undefined, verdict: firing.verdict }],
    );
    return [...this.#alarms, ...open].sort((left, right) => left.firedAtSeconds - right.firedAtSeconds);
  }

  /** What is said at the end of its history of each of the first `most` subjects without an alarm. */
  silent(most: number): readonly GrowthSilence[] {
    const alarmed = new Set(this.alarms().map(({ subject }) => subject));
    const said: GrowthSilence[] = [];
    for (const [subject, { state }] of this.#subjects) {
      if (said.length === most) break;
      if (alarmed.has(subject) || state === undefined) continue;
      said.push({ subject, reason: judgeGrowth(state, this.#options).reason });
    }
    return said;
  }

  #resolve(name: string, subject: Subject, atSeconds: number): void {
    if (subject.firing === undefined) return;
    const { firedAtSeconds, verdict } = subject.firing;
    this.#alarms.push({ subject: name, firedAtSeconds, resolvedAtSeconds: atSeconds, verdict });
    subject.firing = undefined;
  }
}
