import { isBroken } from './pprof-messages.ts';
import { ProfileStream } from './pprof-profile.ts';

/** Reads a profile, debug=0, as it is inflated: hand it the pieces in order, then ask for the end. */
export class ProfileReader<T> {
  readonly #profile = new ProfileStream();
  readonly #finish: (profile: ProfileStream) => T | undefined;

  /** @param finish makes the result of the whole; undefined: it is a profile of something else */
  constructor(finish: (profile: ProfileStream) => T | undefined) {
    this.#finish = finish;
  }

  /** Takes the next piece. False: it is no profile, and more of it is of no use. */
  write(piece: Uint8Array): boolean {
    return (
      this.#guard(() => {
        this.#profile.write(piece);
        return true;
      }) === true
    );
  }

  /** Undefined when the bytes were cut off, are no profile, or are a profile of something else. */
  end(): T | undefined {
    return this.#guard(() => {
      this.#profile.end();
      return this.#finish(this.#profile);
    });
  }

  #guard<R>(read: () => R): R | undefined {
    try {
      return read();
    } catch (error) {
      if (isBroken(error)) return undefined;
      throw error;
    }
  }
}
