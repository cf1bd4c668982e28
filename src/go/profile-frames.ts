import type { ProfileStream } from './pprof-profile.ts';

/** One call: a physical frame or one that was inlined into it. */
export interface Frame {
  readonly function: string;
  readonly file: string;
  /** 1-based; 0 when the profile does not say. */
  readonly line: number;
}

const COMMA = 0x2c;
const ZERO = 0x30;
const MAX_REMEMBERED = 20_000;
const NOWHERE: readonly Frame[] = [];

/** Turns location ids of a profile that has come to its end into frames. Unknown ids give no frames. */
export class FrameTable {
  readonly #profile: ProfileStream;
  readonly #locations = new Map<number, readonly Frame[]>();

  constructor(profile: ProfileStream) {
    this.#profile = profile;
  }

  /** The type name of the sample value at `index` (`goroutine`); empty when there is none. */
  sampleTypeName(index: number): string {
    const name = this.#profile.sampleTypes[index];
    return name === undefined ? '' : this.#profile.text.at(name);
  }

  /** Whether the profile has such a location. */
  knows(location: number): boolean {
    return (this.#profile.lineStarts[location] ?? -1) >= 0;
  }

  /** Frames of a location, innermost first. At most 32. */
  framesAt(location: number): readonly Frame[] {
    const known = this.#locations.get(location);
    if (known !== undefined) return known;
    const { lines, lineStarts, lineEnds } = this.#profile;
    const [start = -1, end = -1] = [lineStarts[location], lineEnds[location]];
    if (start < 0) return NOWHERE;
    const frames: Frame[] = [];
    for (let at = start; at < end; at += 2) frames.push(this.#frame(lines[at] ?? 0, lines[at + 1] ?? 0));
    if (this.#locations.size < MAX_REMEMBERED) this.#locations.set(location, frames);
    return frames;
  }

  /** Frames of a whole stack, its location ids given as digits with commas. */
  framesOf(locations: string): Frame[] {
    return idsOf(locations).flatMap((location) => this.framesAt(location));
  }

  #frame(id: number, line: number): Frame {
    const { functionNames, functionFiles, text } = this.#profile;
    const [name = -1, file = -1] = [functionNames[id], functionFiles[id]];
    return { function: name < 0 ? '' : text.at(name), file: file < 0 ? '' : text.at(file), line };
  }
}

/** The numbers of a list kept as digits with commas. */
export function idsOf(list: string): number[] {
  return list === '' ? [] : list.split(',').map(Number);
}

/** Whether one of the numbers of such a list passes. Makes no array of it: a profile may hold tens of thousands. */
export function someId(list: string, test: (id: number) => boolean): boolean {
  if (list === '') return false;
  let id = 0;
  for (let at = 0; at < list.length; at++) {
    const code = list.charCodeAt(at);
    if (code !== COMMA) id = id * 10 + code - ZERO;
    else if (test(id)) return true;
    else id = 0;
  }
  return test(id);
}
