import { BrokenProfile, eachField, numberAt, type ProfileIndex, type Range, rangeOf } from './pprof-messages.ts';

/** One call: a physical frame or one that was inlined into it. */
export interface Frame {
  readonly function: string;
  readonly file: string;
  /** 1-based; 0 when the profile does not say. */
  readonly line: number;
}

const MAX_TEXT_BYTES = 1024;
const MAX_LINES = 32;
const MAX_REMEMBERED = 20_000;
const NOWHERE: readonly Frame[] = [];

/** Turns location ids of a profile into frames, each function's names decoded once. Unknown ids give no frames. */
export class FrameTable {
  readonly #profile: ProfileIndex;
  // By index, so that many functions that claim one long name share it.
  readonly #strings = new Map<number, string>();
  readonly #functions = new Map<number, Pick<Frame, 'function' | 'file'>>();
  readonly #locations = new Map<number, readonly Frame[]>();

  constructor(profile: ProfileIndex) {
    this.#profile = profile;
  }

  /** The type name of the sample value at `index` (`goroutine`); empty when there is none. */
  sampleTypeName(index: number): string {
    const range = this.#profile.sampleTypes[index];
    let name = '';
    if (range !== undefined)
      eachField(this.#profile.bytes, range, (field, reader) => {
        if (field === 1) name = this.#string(numberAt(reader));
      });
    return name;
  }

  /** Frames of a location, innermost first. At most 32. */
  framesAt(location: number): readonly Frame[] {
    const known = this.#locations.get(location);
    if (known !== undefined) return known;
    const range = this.#profile.locations.get(location);
    if (range === undefined) return NOWHERE;
    const frames: Frame[] = [];
    eachField(this.#profile.bytes, range, (field, reader, end) => {
      if (field !== 4) return;
      const line = rangeOf(reader, end);
      if (frames.length < MAX_LINES) frames.push(this.#frame(line));
    });
    if (this.#locations.size < MAX_REMEMBERED) this.#locations.set(location, frames);
    return frames;
  }

  #frame(range: Range): Frame {
    let [id, line] = [0, 0];
    eachField(this.#profile.bytes, range, (field, reader) => {
      if (field === 1) id = numberAt(reader);
      else if (field === 2) line = numberAt(reader, true);
    });
    return { ...this.#function(id), line: Number.isSafeInteger(line) && line > 0 ? line : 0 };
  }

  #function(id: number): Pick<Frame, 'function' | 'file'> {
    const known = this.#functions.get(id);
    if (known !== undefined) return known;
    const range = this.#profile.functions.get(id);
    const named = { function: '', file: '' };
    if (range !== undefined)
      eachField(this.#profile.bytes, range, (field, reader) => {
        if (field === 2) named.function = this.#string(numberAt(reader));
        else if (field === 4) named.file = this.#string(numberAt(reader));
      });
    this.#functions.set(id, named);
    return named;
  }

  #string(index: number): string {
    const known = this.#strings.get(index);
    if (known !== undefined) return known;
    const { bytes, strings } = this.#profile;
    const range = strings[index];
    if (range === undefined) throw new BrokenProfile('a string is not in the table');
    const length = Math.min(range.end - range.start, MAX_TEXT_BYTES);
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + range.start, length).toString('utf8');
    this.#strings.set(index, text);
    return text;
  }
}
