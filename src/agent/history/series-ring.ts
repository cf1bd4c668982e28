import type { SeriesHistory } from '../../export/history.ts';

/** The lowest and highest values of some series in the latest buckets, in one array that is written round and round. */
export class SeriesRing {
  /** For each series `points` lowest values and then `points` highest. */
  readonly #values: Float32Array;
  readonly #points: number;
  #newest = Number.NEGATIVE_INFINITY;

  constructor(series: number, points: number) {
    this.#points = points;
    this.#values = new Float32Array(series * 2 * points).fill(Number.NaN);
  }

  /** Bytes of one ring. */
  get bytes(): number {
    return this.#values.byteLength;
  }

  /** The bucket written last; -Infinity when there was none. */
  get newest(): number {
    return this.#newest;
  }

  /** Goes to a bucket; those passed over stay empty. One that is older than the newest is taken for the newest. */
  advance(bucket: number): void {
    const points = this.#points;
    const first = Math.max(this.#newest + 1, bucket - points + 1);
    for (let at = first; at <= bucket; at += 1) {
      for (let slot = at % points; slot < this.#values.length; slot += points) this.#values[slot] = Number.NaN;
    }
    this.#newest = Math.max(this.#newest, bucket);
  }

  /** Takes a value into the newest bucket. */
  note(series: number, value: number): void {
    const lowest = series * 2 * this.#points + (this.#newest % this.#points);
    const highest = lowest + this.#points;
    const low = this.#values[lowest];
    const high = this.#values[highest];
    // NaN compares as false: the first value of a bucket is both.
    if (!(low !== undefined && low <= value)) this.#values[lowest] = value;
    if (!(high !== undefined && high >= value)) this.#values[highest] = value;
  }

  /** A copy in order of time; the last point is the newest bucket. */
  read(series: number): SeriesHistory {
    const at = series * 2 * this.#points;
    return { lowest: this.#inOrder(at), highest: this.#inOrder(at + this.#points) };
  }

  #inOrder(from: number): Float32Array {
    const points = this.#points;
    const ordered = new Float32Array(points);
    // One that was never written holds nothing but NaN, in whatever order.
    const oldest = Number.isFinite(this.#newest) ? (this.#newest + 1) % points : 0;
    ordered.set(this.#values.subarray(from + oldest, from + points), 0);
    ordered.set(this.#values.subarray(from, from + oldest), points - oldest);
    return ordered;
  }
}
