import type { Layout } from './layout.ts';
import type { GcPause } from './types.ts';
import { uint64, unixMs } from './words.ts';

/**
 * The ring of the last 256 pauses, newest first. Pauses already seen are the same objects in the next list, so that a poll makes
 * garbage only for collections since the one before. Source: runtime/mgc.go gcMarkTermination, Go 1.17 to 1.27.
 */
export class PauseRing {
  readonly #layout: Layout;
  #numGc = 0;
  #pauses: readonly GcPause[] = [];

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  /** The pauses in a copy of `memstats`. */
  read(memstats: Buffer): readonly GcPause[] {
    const { numgc, pause_ns: lengths, pause_end: ends } = this.#layout.offsets.memstats;
    const numGc = memstats.readUInt32LE(numgc[0]);
    if (numGc === this.#numGc) return this.#pauses;
    const size = Math.min(lengths[2], ends[2]);
    const isNewer = numGc > this.#numGc;
    const fresh = Math.min(numGc - (isNewer ? this.#numGc : 0), size);
    const pauses: GcPause[] = [];
    for (let back = 1; back <= fresh; back++) {
      const index = (numGc - back) % size;
      const endUnixMs = unixMs(memstats, ends[0] + index * 8);
      const pauseNs = uint64(memstats, lengths[0] + index * 8);
      if (endUnixMs !== undefined && pauseNs !== undefined) pauses.push({ endUnixMs, pauseNs });
    }
    if (isNewer)
      for (let index = 0; pauses.length < size && index < this.#pauses.length; index++) {
        const known = this.#pauses[index];
        if (known !== undefined) pauses.push(known);
      }
    this.#numGc = numGc;
    this.#pauses = pauses;
    return pauses;
  }
}
