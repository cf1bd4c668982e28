import { join } from 'node:path';
import { found, type Miss, missed, type Reading } from '../base/reading.ts';
import { appendMember, makeEmptyDirectory, removeFile, replaceFile } from '../io/segment-files.ts';
import type { NodeSample } from '../sample/types.ts';
import { DECODE_LIMITS } from './decode.ts';
import { encodeLine } from './encode.ts';
import { leavingOut } from './left-out.ts';
import { FORMAT, FORMAT_VERSION, MANIFEST_NAME, manifestText, type RecordingHead } from './manifest.ts';
import { SegmentBook } from './segment-book.ts';

export interface RecorderOptions {
  readonly directory: string;
  readonly head: RecordingHead;
  /** Of all segments together. Kept to within one cycle. */
  readonly maxBytes: number;
  /** A segment is ended when it is so old, by the time of the samples. */
  readonly segmentMs?: number;
}

/** The bound is kept by removing the oldest segment: this many make that a small part of the whole. */
const SEGMENTS = 8;
const SEGMENT_MS = 10 * 60_000;
/** Samples that wait to be written. More means a disk that does not keep up. */
const MAX_WAITING = 8;

/** How far a recording is. */
export interface RecorderProgress {
  /** Cycles written, those removed again included. */
  readonly cycles: number;
  /** Bytes that are kept. */
  readonly bytes: number;
  readonly segments: number;
  readonly droppedCycles: number;
}

/**
 * Writes samples to a directory. `take` only remembers the sample; encoding and writing come after the cycle. The first failure ends the
 * recording: one with a hole would not replay as it ran. What is written until then stays readable.
 */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #replace: (key: string, value: unknown) => unknown;
  readonly #book: SegmentBook;
  readonly #waiting: NodeSample[] = [];
  #writing: Promise<void> | undefined;
  #failure: Miss | undefined;

  private constructor(options: RecorderOptions) {
    this.#options = options;
    this.#replace = leavingOut({ labels: options.head.withLabels });
    this.#book = new SegmentBook({
      maxBytes: options.maxBytes,
      segmentBytes: Math.floor(options.maxBytes / SEGMENTS),
      segmentMs: options.segmentMs ?? SEGMENT_MS,
    });
  }

  /** Begins a recording in a directory that is empty or not there yet. */
  static async begin(options: RecorderOptions): Promise<Reading<Recorder>> {
    const made = await makeEmptyDirectory(options.directory);
    if (!made.ok) return made;
    const recorder = new Recorder(options);
    const written = await recorder.#writeManifest(undefined);
    return written.ok ? found(recorder) : written;
  }

  /** Why the recording has ended early. */
  get failure(): Miss | undefined {
    return this.#failure;
  }

  get progress(): RecorderProgress {
    const { cycles, bytes, segments, dropped } = this.#book;
    return { cycles, bytes, segments: segments.length, droppedCycles: dropped.cycles };
  }

  /** Takes the next sample. Those of one run, each once, in order of time. */
  take(sample: NodeSample): void {
    if (this.#failure !== undefined) return;
    if (this.#waiting.length >= MAX_WAITING) {
      this.#fail(missed('failed', 'recording', this.#options.directory, `${MAX_WAITING} samples wait to be written`));
      return;
    }
    this.#waiting.push(sample);
    this.#work();
  }

  /** Writes what waits and the end. Gives the failure, if there was one. */
  async end(endedAtUnixMs: number): Promise<Reading<RecorderProgress>> {
    while (this.#writing !== undefined) await this.#writing;
    if (this.#failure === undefined) this.#fail(await this.#endSegment());
    const written = await this.#writeManifest(this.#failure === undefined ? endedAtUnixMs : undefined);
    this.#fail(written);
    return this.#failure === undefined ? found(this.progress) : { ok: false, miss: this.#failure };
  }

  #fail(outcome: Reading<unknown>): void {
    if (!outcome.ok) this.#failure ??= outcome.miss;
  }

  #work(): void {
    this.#writing ??= this.#drain().finally(() => {
      this.#writing = undefined;
      // One may have come between the last look and here.
      if (this.#waiting.length > 0 && this.#failure === undefined) this.#work();
    });
  }

  async #drain(): Promise<void> {
    for (;;) {
      // The cycle that gave the sample ends first.
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      const sample = this.#waiting.shift();
      if (sample === undefined || this.#failure !== undefined) return;
      this.#fail(await this.#write(sample));
    }
  }

  async #write(sample: NodeSample): Promise<Reading<unknown>> {
    const encoded = encodeLine(sample, { replace: this.#replace });
    if (!encoded.ok) return encoded;
    if (encoded.value.length > DECODE_LIMITS.maxLength / 2)
      return missed('failed', 'recording', '', `a sample of ${encoded.value.length} characters`);
    const atMs = sample.at.monotonicMs;
    if (this.#book.isDue(atMs)) {
      const ended = await this.#endSegment();
      if (!ended.ok) return ended;
    }
    const isNew = this.#book.current === undefined;
    const { file, cycle } = this.#book.next(atMs);
    const head = isNew
      ? `${JSON.stringify({ format: FORMAT, formatVersion: FORMAT_VERSION, firstCycle: cycle })}\n`
      : '';
    const added = await this.#append(file, `${head}{"cycle":${cycle},"sample":${encoded.value}}\n`);
    if (!added.ok) return added;
    this.#book.wroteCycle();
    return isNew || this.#book.isOverBound ? this.#dropOldest() : added;
  }

  async #append(file: string, text: string): Promise<Reading<number>> {
    const added = await appendMember(join(this.#options.directory, file), text);
    if (added.ok) this.#book.wrote(added.value);
    return added;
  }

  async #endSegment(): Promise<Reading<unknown>> {
    const { current } = this.#book;
    if (current === undefined) return found(undefined);
    const ended = await this.#append(current.file, `{"end":${current.firstCycle + current.cycles}}\n`);
    this.#book.endSegment();
    return ended;
  }

  async #dropOldest(): Promise<Reading<unknown>> {
    for (let file = this.#book.dropOldest(); file !== undefined; file = this.#book.dropOldest()) {
      const removed = await removeFile(join(this.#options.directory, file));
      if (!removed.ok) return removed;
    }
    return this.#writeManifest(undefined);
  }

  async #writeManifest(endedAtUnixMs: number | undefined): Promise<Reading<unknown>> {
    const { segments, dropped } = this.#book;
    const text = manifestText(this.#options.head, { segments, dropped, endedAtUnixMs });
    return text.ok ? replaceFile(this.#options.directory, MANIFEST_NAME, text.value) : text;
  }
}
