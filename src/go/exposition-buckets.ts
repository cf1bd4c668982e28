import type { Labels } from './exposition-labels.ts';
import { type CumulativeHistogram, isHistogram } from './histogram.ts';

/** The runtime's own histograms have some hundreds. */
const MAX_BUCKETS = 1024;

/** Collects the `_bucket` samples of one metric. Several series of one name are nobody's: the program passes on others' metrics. */
export class Buckets {
  readonly #counts = new Map<number, number>();
  #broken = false;

  take(labels: Labels | undefined, value: number): void {
    const text = labels?.get('le');
    const bound = text === undefined ? undefined : boundOf(text);
    if (bound === undefined || this.#counts.has(bound) || this.#counts.size >= MAX_BUCKETS) this.#broken = true;
    else this.#counts.set(bound, value);
  }

  /** Undefined when there were no buckets, no +Inf among them, or they do not make a histogram. */
  histogram(): CumulativeHistogram | undefined {
    if (this.#broken) return undefined;
    const bounds = [...this.#counts.keys()].sort((one, other) => one - other);
    const counts = bounds.map((bound) => this.#counts.get(bound) ?? Number.NaN);
    return isHistogram(bounds, counts) ? { bounds, counts } : undefined;
  }
}

function boundOf(text: string): number | undefined {
  if (text === '+Inf' || text === 'Inf') return Number.POSITIVE_INFINITY;
  if (text === '-Inf') return Number.NEGATIVE_INFINITY;
  const bound = text === '' || text.length > 32 ? Number.NaN : Number(text);
  return Number.isFinite(bound) ? bound : undefined;
}
