import { type FSWatcher, watch } from 'node:fs';
import { errorCode } from './errno.ts';

/** Several entries of a directory come and go together when a pod starts; one hint stands for all of them. */
const DEBOUNCE_MS = 5;

/** Starts a watch that calls `onEvent` with the kind of each event. Throws as `fs.watch` does. */
export type StartWatch = (directory: string, onEvent: (kind: string) => void) => Pick<FSWatcher, 'close' | 'on'>;

interface Watched {
  readonly watcher: Pick<FSWatcher, 'close' | 'on'>;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Tells that entries of a directory have come or gone, about 5 ms after the first of them.
 *
 * Only a hint: the kernel's queue can overflow without a word, entries made before the watch are not told, and inotify may be
 * used up. List the directory after each {@link add}, and all of them now and then. Changes to files are not told.
 * On cgroupfs a directory's own removal raises nothing on its watch, and the watch stays until {@link remove}.
 */
export class DirectoryWatch {
  readonly #watched = new Map<string, Watched>();
  readonly #onChange: (directory: string) => void;
  readonly #limit: number;
  readonly #start: StartWatch;
  #exhausted = false;

  /** `limit` bounds the directories watched at once. */
  constructor(onChange: (directory: string) => void, limit: number, start: StartWatch = startWatch) {
    this.#onChange = onChange;
    this.#limit = limit;
    this.#start = start;
  }

  /** Directories watched now. */
  get count(): number {
    return this.#watched.size;
  }

  /** True once inotify instances or watches were used up (EMFILE, ENOSPC), until a watch is given back. */
  get exhausted(): boolean {
    return this.#exhausted;
  }

  /** Watches `directory`. False, and never an error, when that cannot be: not there, over the limit, inotify used up. */
  add(directory: string): boolean {
    if (this.#watched.has(directory)) return true;
    if (this.#exhausted || this.#watched.size >= this.#limit) return false;
    try {
      const watcher = this.#start(directory, (kind) => {
        if (kind === 'rename') this.#note(directory);
      });
      watcher.on('error', () => {
        this.remove(directory);
      });
      this.#watched.set(directory, { watcher, timer: undefined });
      return true;
    } catch (error) {
      const code = errorCode(error);
      if (code === 'EMFILE' || code === 'ENFILE' || code === 'ENOSPC') this.#exhausted = true;
      return false;
    }
  }

  /** Stops watching `directory`. A hint that was on its way is dropped. */
  remove(directory: string): void {
    const entry = this.#watched.get(directory);
    if (entry === undefined) return;
    this.#watched.delete(directory);
    clearTimeout(entry.timer);
    entry.watcher.close();
    this.#exhausted = false;
  }

  /** Stops watching everything. */
  close(): void {
    for (const directory of [...this.#watched.keys()]) this.remove(directory);
  }

  #note(directory: string): void {
    const entry = this.#watched.get(directory);
    if (entry === undefined || entry.timer !== undefined) return;
    entry.timer = setTimeout(() => {
      entry.timer = undefined;
      this.#onChange(directory);
    }, DEBOUNCE_MS);
    entry.timer.unref();
  }
}

function startWatch(directory: string, onEvent: (kind: string) => void): FSWatcher {
  return watch(directory, { persistent: false }, onEvent);
}
