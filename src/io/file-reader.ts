import { closeSync, openSync, readSync } from 'node:fs';
import type { MissKind } from '../base/reading.ts';
import { errorCode, missKindOf } from './errno.ts';

/** A file that is read again and again. `fd` is undefined while closed or while the reader is over its descriptor budget. */
export interface KeptFile {
  readonly path: string;
  fd: number | undefined;
}

/** Why the last read of a {@link FileReader} gave nothing. */
export interface ReadFailure {
  kind: MissKind;
  code: string;
}

/** What {@link FileReader} needs to know. */
export interface FileReaderOptions {
  /** A file longer than this is a failure, not a truncated value. */
  readonly maxBytes: number;
  /** Descriptors held at most. On cgroup2 each costs about 4.8 KB of kernel memory charged to the reader. */
  readonly maxKept: number;
}

/**
 * Reads small kernel files without making garbage: every read lands in one shared buffer, and a failure is told by -1 and
 * {@link failure}. A kept file costs one pread(2) (about 2 microseconds); any other open, read and close (about 9).
 * `stat` says size 0 for kernel files, so a read goes on until it gives nothing.
 */
export class FileReader {
  /** The last read's bytes, valid up to its length and until the next read. */
  readonly bytes: Buffer;
  /** Why the last read returned -1. */
  readonly failure: ReadFailure = { kind: 'failed', code: '' };
  #kept = 0;
  readonly #maxBytes: number;
  readonly #maxKept: number;

  constructor(options: FileReaderOptions) {
    this.#maxBytes = options.maxBytes;
    this.#maxKept = options.maxKept;
    // Zeroed: what is left in it is asked about by those who must leave nothing there, and malloc gives back what others freed.
    this.bytes = Buffer.alloc(options.maxBytes + 1);
  }

  /** Descriptors held now. */
  get keptCount(): number {
    return this.#kept;
  }

  /** Descriptors held at most. */
  get maxKept(): number {
    return this.#maxKept;
  }

  /** Opens, reads and closes. Returns the length, or -1 with {@link failure} set. */
  read(path: string): number {
    let fd: number;
    try {
      fd = openSync(path, 'r');
    } catch (error) {
      return this.#fail(error);
    }
    try {
      return this.#readSequentially(fd);
    } finally {
      closeSync(fd);
    }
  }

  /**
   * Reads a kept file from its start, opening it first when need be. A failed read closes it: a removed cgroup's descriptor
   * gives ENODEV for ever, also after a cgroup of the same name is made.
   * For files that the kernel writes as one piece. A list it writes in pieces (cgroup.procs, most of /proc) gives 4 KB to a
   * single read, so it needs {@link read}.
   */
  readKept(file: KeptFile): number {
    if (file.fd === undefined) {
      if (this.#kept >= this.#maxKept) return this.read(file.path);
      try {
        file.fd = openSync(file.path, 'r');
        this.#kept += 1;
      } catch (error) {
        return this.#fail(error);
      }
    }
    const length = this.#readAgain(file.fd);
    if (length < 0) this.release(file);
    return length;
  }

  /** Closes a kept file. Safe to call twice. */
  release(file: KeptFile): void {
    const { fd } = file;
    if (fd === undefined) return;
    file.fd = undefined;
    this.#kept -= 1;
    try {
      closeSync(fd);
    } catch {
      // Linux has given the number back whatever close(2) says, and nothing was written that could be lost.
    }
  }

  #readSequentially(fd: number): number {
    let length = 0;
    try {
      for (;;) {
        const count = readSync(fd, this.bytes, length, this.bytes.length - length, null);
        if (count === 0) return length;
        length += count;
        if (length > this.#maxBytes) return this.#tooLong();
      }
    } catch (error) {
      return this.#fail(error);
    }
  }

  #readAgain(fd: number): number {
    try {
      // A cgroup file is made whole by one read when the buffer is large enough, and a read at a later offset would make it
      // all over again only to find the end: one call is both right and half the price.
      const length = readSync(fd, this.bytes, 0, this.bytes.length, 0);
      return length > this.#maxBytes ? this.#tooLong() : length;
    } catch (error) {
      return this.#fail(error);
    }
  }

  #tooLong(): -1 {
    this.failure.kind = 'failed';
    this.failure.code = `over ${this.#maxBytes} bytes`;
    return -1;
  }

  #fail(error: unknown): -1 {
    this.failure.kind = missKindOf(error);
    this.failure.code = errorCode(error);
    return -1;
  }
}
