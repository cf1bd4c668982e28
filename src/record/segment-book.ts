import type { RecordingState, SegmentRecord } from './manifest.ts';

export interface SegmentBounds {
  /** Of all segments together. */
  readonly maxBytes: number;
  /** A segment that is so large, or so old, is ended. */
  readonly segmentBytes: number;
  readonly segmentMs: number;
}

interface Entry {
  readonly file: string;
  readonly firstCycle: number;
  readonly beganAtMs: number;
  cycles: number;
  bytes: number;
}

/** Which segments there are and how large they are. Touches no file. */
export class SegmentBook {
  readonly #bounds: SegmentBounds;
  readonly #entries: Entry[] = [];
  #current: Entry | undefined;
  #begun = 0;
  #cycles = 0;
  #bytes = 0;
  #dropped = { segments: 0, cycles: 0, bytes: 0 };

  constructor(bounds: SegmentBounds) {
    this.#bounds = bounds;
  }

  /** Cycles written, those of removed segments included. */
  get cycles(): number {
    return this.#cycles;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get dropped(): RecordingState['dropped'] {
    return this.#dropped;
  }

  /** As they are now, oldest first. */
  get segments(): readonly SegmentRecord[] {
    return this.#entries.map(({ file, firstCycle, cycles, bytes }) => ({ file, firstCycle, cycles, bytes }));
  }

  get current(): SegmentRecord | undefined {
    return this.#current;
  }

  get isOverBound(): boolean {
    return this.#bytes > this.#bounds.maxBytes;
  }

  /** The segment that is written should be ended before the next sample. */
  isDue(atMs: number): boolean {
    const current = this.#current;
    if (current === undefined) return false;
    return current.bytes >= this.#bounds.segmentBytes || atMs - current.beganAtMs >= this.#bounds.segmentMs;
  }

  /** Where the next cycle goes; a new segment when none is open. */
  next(atMs: number): { readonly file: string; readonly cycle: number } {
    if (this.#current === undefined) {
      const file = `${String(this.#begun).padStart(4, '0')}.ndjson.gz`;
      this.#begun += 1;
      this.#current = { file, firstCycle: this.#cycles, beganAtMs: atMs, cycles: 0, bytes: 0 };
      this.#entries.push(this.#current);
    }
    return { file: this.#current.file, cycle: this.#cycles };
  }

  wrote(bytes: number): void {
    if (this.#current !== undefined) this.#current.bytes += bytes;
    this.#bytes += bytes;
  }

  wroteCycle(): void {
    if (this.#current !== undefined) this.#current.cycles += 1;
    this.#cycles += 1;
  }

  endSegment(): void {
    this.#current = undefined;
  }

  /** Takes the oldest segment out while all are over the bound; never the one that is written. The caller removes its file. */
  dropOldest(): string | undefined {
    const oldest = this.#entries[0];
    if (!this.isOverBound || oldest === undefined || oldest === this.#current) return undefined;
    this.#entries.shift();
    this.#bytes -= oldest.bytes;
    const { segments, cycles, bytes } = this.#dropped;
    this.#dropped = { segments: segments + 1, cycles: cycles + oldest.cycles, bytes: bytes + oldest.bytes };
    return oldest.file;
  }
}
