import type { Reading } from '../../base/reading.ts';
import type { RuntimeAddresses } from '../../go/memory/types.ts';
import type { AddressResolver } from './resolver.ts';

/** What names an executable: the file, and what its linker called it. */
export interface ExecutableName {
  readonly executable: string;
  /** The Go build ID, the same for every copy: pods of one image share what was found. Undefined: the file has none. */
  readonly buildId: string | undefined;
}

interface Entry {
  readonly reading: Reading<RuntimeAddresses> | undefined;
  /** Monotonic milliseconds; from then on it is searched again. */
  readonly untilMs: number;
}

/** Executables remembered; more than this many distinct ones on a node are resolved again when met again. */
const REMEMBERED = 1024;
/** A search that failed is made again this much later. */
const AGAIN_AFTER_MS = 300_000;

/** Finds the addresses of each executable once, however many processes run it. */
export class AddressBook {
  readonly #resolver: AddressResolver;
  readonly #entries = new Map<string, Entry>();
  readonly #distrusted = new Set<string>();
  readonly #underWay = new Set<Promise<void>>();

  constructor(resolver: AddressResolver) {
    this.#resolver = resolver;
  }

  /** What was found, or undefined while it is looked for. The first question starts the search in the file at `exe`. */
  find(name: ExecutableName, exe: string, nowMs: number): Reading<RuntimeAddresses> | undefined {
    const key = this.#keyOf(name);
    const known = this.#entries.get(key);
    if (known !== undefined && nowMs < known.untilMs) {
      // Most recently used last: the first is the one to drop.
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return known.reading;
    }
    this.#remember(key, undefined);
    const search = this.#resolver.resolve({ exe, executable: name.executable }).then((reading) => {
      this.#underWay.delete(search);
      // The process may have gone before its file was opened: another one with the same file may do better.
      if (!reading.ok && reading.miss.kind === 'absent') this.#entries.delete(key);
      // One that took too long would take as long again.
      else
        this.#remember(
          key,
          reading,
          !reading.ok && reading.miss.kind === 'failed' ? nowMs + AGAIN_AFTER_MS : undefined,
        );
    });
    this.#underWay.add(search);
    return undefined;
  }

  /**
   * What was found by build ID did not prove itself in a process that runs this very file. Anybody can write a build ID into a file, so
   * from now on the file stands for itself. Returns whether that leaves something to try.
   */
  distrust(name: ExecutableName): boolean {
    if (name.buildId === undefined || this.#distrusted.has(name.executable)) return false;
    if (this.#distrusted.size >= REMEMBERED) this.#distrusted.clear();
    this.#distrusted.add(name.executable);
    return true;
  }

  /** Settles when nothing is looked for any more. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  #keyOf({ executable, buildId }: ExecutableName): string {
    return buildId === undefined || this.#distrusted.has(executable) ? executable : `build ${buildId}`;
  }

  #remember(key: string, reading: Reading<RuntimeAddresses> | undefined, untilMs = Number.POSITIVE_INFINITY): void {
    this.#entries.delete(key);
    this.#entries.set(key, { reading, untilMs });
    if (this.#entries.size <= REMEMBERED) return;
    const oldest = this.#entries.keys().next();
    if (oldest.done !== true) this.#entries.delete(oldest.value);
  }
}
