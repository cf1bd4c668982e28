import type { Instant } from '../../base/clock.ts';
import type { PodFacts, PodsSample } from './types.ts';

/** More than any node runs; the rest of a longer list is left out. */
export const MAX_PODS = 4096;

/** What was handed out last: samples keep it, so it is never changed. */
interface Shown {
  readonly pods: ReadonlyMap<string, PodFacts>;
  readonly contested: number;
}

/** The pods known now, and until when that is known to be right. */
export class PodBook {
  readonly #source: PodsSample['source'];
  /** By uid, of which the server gives each once. */
  #pods = new Map<string, PodFacts>();
  #shown: Shown | undefined;
  #at: Instant | undefined;

  constructor(source: PodsSample['source']) {
    this.#source = source;
  }

  /** Pods that are left out because another of another name claims the same cgroup. */
  get contested(): number {
    return this.#show().contested;
  }

  /** All pods anew, at most {@link MAX_PODS}. */
  replace(pods: readonly PodFacts[]): void {
    this.#pods = new Map(pods.map((pod) => [pod.uid, pod]));
    this.#shown = undefined;
  }

  /** A pod is new, or another than before. */
  set(pod: PodFacts): void {
    const known = this.#pods.delete(pod.uid);
    if (!known && this.#pods.size >= MAX_PODS) return;
    this.#pods.set(pod.uid, pod);
    this.#shown = undefined;
  }

  /** A pod is gone. */
  delete(pod: PodFacts): void {
    if (this.#pods.delete(pod.uid)) this.#shown = undefined;
  }

  /** All of this is right at this moment. */
  confirm(at: Instant): void {
    this.#at = at;
  }

  sample(): PodsSample {
    return { source: this.#source, at: this.#at, pods: this.#show().pods };
  }

  /** Of two mirrors of one static pod the later one counts. Of two pods that are not the same neither does: one of them lies. */
  #show(): Shown {
    if (this.#shown !== undefined) return this.#shown;
    const pods = new Map<string, PodFacts>();
    const disputed = new Set<string>();
    for (const pod of this.#pods.values()) {
      const other = pods.get(pod.cgroupUid);
      if (other !== undefined && (other.namespace !== pod.namespace || other.name !== pod.name))
        disputed.add(pod.cgroupUid);
      pods.set(pod.cgroupUid, pod);
    }
    for (const cgroupUid of disputed) pods.delete(cgroupUid);
    let contested = 0;
    for (const { cgroupUid } of this.#pods.values()) if (disputed.has(cgroupUid)) contested += 1;
    this.#shown = { pods, contested };
    return this.#shown;
  }
}
