import { found, type Miss, missed, type Reading } from '../base/reading.ts';
import { readBuildInfo } from '../go/build-info.ts';
import { searchLinkedHandlers } from '../go/linked-handlers.ts';
import type { BuildInfo, LinkedHandlers } from '../go/types.ts';
import { type FileStamp, type ReadAt, stampOf, withRandomAccess } from '../io/random-access.ts';

/** What is known of one executable. `build` undefined: it is no Go program. */
export interface Executable {
  readonly build: BuildInfo | undefined;
  readonly handlers: LinkedHandlers | undefined;
  /** Why the build info of a Go program could not be read. */
  readonly miss: Miss | undefined;
}

const NOT_GO: Executable = { build: undefined, handlers: undefined, miss: undefined };

/** Executables remembered; more than this many distinct ones on a node are read again when met again. */
const REMEMBERED = 1024;

const keyOf = (stamp: FileStamp): string => `${stamp.device}:${stamp.inode}:${stamp.mtimeMs}:${stamp.size}`;

/** Reads executables through /proc/PID/exe, each version of a file once. */
export class ExecutableCache {
  readonly #known = new Map<string, Executable>();

  /**
   * Looks at the executable of a process, giving way between slices of a large file. Needs CAP_SYS_PTRACE for processes of other users
   * (`denied` otherwise). The path stays good when the file was deleted or lies in another mount namespace.
   */
  *inspect(exe: string): Generator<void, Reading<Executable>> {
    const stamp = stampOf(exe, 'proc.exe');
    if (!stamp.ok) return stamp;
    const key = keyOf(stamp.value);
    const known = this.#known.get(key);
    if (known !== undefined) {
      // Most recently used last: the first is the one to drop.
      this.#known.delete(key);
      this.#known.set(key, known);
      return found(known);
    }
    const build = withRandomAccess(exe, 'build_info', (readAt, { size }) => readBuildInfo(readAt, size, exe));
    yield;
    const executable = yield* this.#describe(exe, stamp.value, build);
    if (!executable.ok) return executable;
    this.#known.set(key, executable.value);
    if (this.#known.size > REMEMBERED) {
      const oldest = this.#known.keys().next();
      if (oldest.done !== true) this.#known.delete(oldest.value);
    }
    return executable;
  }

  *#describe(exe: string, stamp: FileStamp, build: Reading<BuildInfo>): Generator<void, Reading<Executable>> {
    if (!build.ok) {
      if (build.miss.kind === 'absent') return found(NOT_GO);
      return build.miss.kind === 'malformed' ? found({ ...NOT_GO, miss: build.miss }) : build;
    }
    const file = reopening(exe, keyOf(stamp));
    const handlers = yield* searchLinkedHandlers(file.readAt, stamp.size, exe);
    if (file.lost())
      return missed('absent', 'linked_handlers', exe, 'the process ended or runs another program by now');
    return found({
      build: build.value,
      handlers: handlers.ok ? handlers.value : undefined,
      miss: handlers.ok ? undefined : handlers.miss,
    });
  }
}

/**
 * Opens the file for each slice, so that nothing is held while other work runs in between. The process may end or execute another
 * program meanwhile: then there are no bytes, and what was found so far says nothing about the file.
 */
function reopening(exe: string, key: string): { readonly readAt: ReadAt; readonly lost: () => boolean } {
  let lost = false;
  const readAt: ReadAt = (offset, length) => {
    const bytes = withRandomAccess(exe, 'linked_handlers', (read, stamp) => {
      if (keyOf(stamp) !== key) return missed('absent', 'linked_handlers', exe, 'another file by now');
      return found(read(offset, length));
    });
    lost ||= !bytes.ok;
    return bytes.ok ? bytes.value : new Uint8Array(0);
  };
  return { readAt, lost: () => lost };
}
