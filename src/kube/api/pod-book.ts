import type { Instant } from '../../base/clock.ts';
import type { PodFacts, PodsSample } from './types.ts';

/** More than any node runs; the rest of a longer list is left out. */
const MAX_PODS = 4096;

/** The pods known now, and until when that is known to be right. */
export class PodBook {
  readonly #source: PodsSample['source'];
  #pods = new Map<string, PodFacts>();
  /** What was handed out last: samples keep it, so it is never changed. */
  #shown: ReadonlyMap<string, PodFacts> | undefined;
  #at: Instant | undefined;
  #left = 0;

  constructor(source: PodsSample['source']) {
    this.#source = source;
  }

  /** Pods of the last list that were too many to keep. */
  get leftOut(): number {
    return this.#left;
  }

  /** All pods anew. */
  replace(pods: readonly PodFacts[]): void {
    this.#pods = new Map(pods.slice(0, MAX_PODS).map((pod) => [pod.cgroupUid, pod]));
    this.#left = Math.max(0, pods.length - MAX_PODS);
    this.#shown = undefined;
  }

  /** A pod is new, or another than before. */
  set(pod: PodFacts): void {
    if (!this.#pods.has(pod.cgroupUid) && this.#pods.size >= MAX_PODS) return;
    this.#pods.set(pod.cgroupUid, pod);
    this.#shown = undefined;
  }

  /** A pod is gone. One that took its place meanwhile stays. */
  delete(pod: PodFacts): void {
    if (this.#pods.get(pod.cgroupUid)?.uid !== pod.uid) return;
    this.#pods.delete(pod.cgroupUid);
    this.#shown = undefined;
  }

  /** All of this is right at this moment. */
  confirm(at: Instant): void {
    this.#at = at;
  }

  sample(): PodsSample {
    this.#shown ??= new Map(this.#pods);
    return { source: this.#source, at: this.#at, pods: this.#shown };
  }
}
