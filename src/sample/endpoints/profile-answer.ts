import type { Miss, Reading } from '../../base/reading.ts';
import type { Timed } from '../types.ts';
import type { Profiled } from './fetch.ts';

/** Where it is noted which part could not be had. */
export interface MissSink {
  miss(part: string, miss: Miss): void;
  clear(part: string): void;
}

/** The profile of an answer; undefined when there is none, which the sink is told. */
export function taken<T>(part: string, answer: Reading<Profiled<T>>, sink: MissSink): Timed<T> | undefined {
  if (!answer.ok) {
    sink.miss(part, answer.miss);
    return undefined;
  }
  sink.clear(part);
  return { at: answer.value.at, value: answer.value.value };
}

/** How long the process took, milliseconds; undefined: it did not answer in time. A refusal says nothing about that and counts as none. */
export function tookOf(answer: Reading<Profiled<unknown>>): number | undefined {
  if (answer.ok) return answer.value.tookMs;
  return answer.miss.kind === 'failed' ? undefined : 0;
}
