import { found, type Miss, missed, type Reading } from '../base/reading.ts';
import { readBuildInfo } from '../go/build-info.ts';
import { readElf } from '../go/elf.ts';
import { searchLinkedHandlers } from '../go/linked-handlers.ts';
import { readBuildId } from '../go/memory/build-id.ts';
import type { BuildInfo, LinkedHandlers } from '../go/types.ts';
import { openRandomAccess, type RandomAccessFile, readingFailed, stampKey, stampOf } from '../io/random-access.ts';

/** What is known of one executable. `build` undefined: it is no Go program. */
export interface Executable {
  /** Names this version of this file: equal only for the same bytes. */
  readonly identity: string;
  readonly build: BuildInfo | undefined;
  readonly handlers: LinkedHandlers | undefined;
  /** The Go build ID; undefined when the file has none. */
  readonly buildId: string | undefined;
  /** Why the build info of a Go program could not be read. */
  readonly miss: Miss | undefined;
}

const NOT_GO = { build: undefined, handlers: undefined, buildId: undefined, miss: undefined } as const;

/** Executables remembered; more than this many distinct ones on a node are read again when met again. */
const REMEMBERED = 1024;

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
    const key = stampKey(stamp.value);
    const known = this.#known.get(key);
    if (known !== undefined) {
      // Most recently used last: the first is the one to drop.
      this.#known.delete(key);
      this.#known.set(key, known);
      return found(known);
    }
    const executable = yield* read(exe, key);
    if (!executable.ok) return executable;
    this.#known.set(key, executable.value);
    if (this.#known.size > REMEMBERED) {
      const oldest = this.#known.keys().next();
      if (oldest.done !== true) this.#known.delete(oldest.value);
    }
    return executable;
  }
}

/** Reads a file from one descriptor, and makes sure that it is still the one the path leads to when it is done. */
function* read(exe: string, key: string): Generator<void, Reading<Executable>> {
  const file = openRandomAccess(exe, 'proc.exe');
  if (!file.ok) return file;
  try {
    const executable = yield* describe(file.value, exe, key);
    const after = stampOf(exe, 'proc.exe');
    const same = stampKey(file.value.stamp) === key && after.ok && stampKey(after.value) === key;
    return same ? executable : missed('absent', 'proc.exe', exe, 'the process ended or runs another program by now');
  } catch (error) {
    return readingFailed(error, 'build_info', exe);
  } finally {
    file.value.close();
  }
}

function* describe(
  { readAt, stamp }: RandomAccessFile,
  exe: string,
  identity: string,
): Generator<void, Reading<Executable>> {
  const build = readBuildInfo(readAt, stamp.size, exe);
  yield;
  if (!build.ok) {
    if (build.miss.kind === 'absent') return found({ ...NOT_GO, identity });
    return build.miss.kind === 'malformed' ? found({ ...NOT_GO, identity, miss: build.miss }) : build;
  }
  const handlers = yield* searchLinkedHandlers(readAt, stamp.size, exe);
  return found({
    identity,
    build: build.value,
    buildId: buildIdOf(readAt, stamp.size, exe),
    handlers: handlers.ok ? handlers.value : undefined,
    miss: handlers.ok ? undefined : handlers.miss,
  });
}

function buildIdOf(readAt: RandomAccessFile['readAt'], size: number, exe: string): string | undefined {
  const elf = readElf(readAt, size, 'build_info', exe);
  return elf.ok ? readBuildId(elf.value) : undefined;
}
