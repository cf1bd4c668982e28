import { found, missed, type Reading } from '../base/reading.ts';
import type { ReadAt } from '../io/random-access.ts';
import { readElf } from './elf.ts';
import { findFunctionNames } from './pclntab.ts';
import type { LinkedHandlers } from './types.ts';

const READER = 'linked_handlers';
const SLICE_BYTES = 1024 * 1024;
const MAX_SEARCH_BYTES = 512 * 1024 * 1024;

/**
 * Function names as the linker writes them: each one whole, between zero bytes, so the leading zero keeps out names that only end
 * alike. `promhttp` may sit under a vendor directory and is known by its Handler constructors; its client-side wrappers do not count.
 */
const NAMES: readonly (readonly [keyof LinkedHandlers, Buffer])[] = [
  ['pprof', Buffer.from('\0net/http/pprof.Index\0')],
  ['expvar', Buffer.from('\0expvar.expvarHandler\0')],
  ['promhttp', Buffer.from('github.com/prometheus/client_golang/prometheus/promhttp.Handler')],
];
const OVERLAP_BYTES = Math.max(...NAMES.map(([, name]) => name.length)) - 1;

/**
 * Which debug handlers are linked into the executable of `size` bytes, by function name in the Go function table, which
 * stripping keeps. Linked does not mean served. Yields after each slice of at most 1 MiB so that the caller can spread
 * the work; a large program has some 10 MB of names.
 *
 * `absent`: no Go function table. `malformed`: not a well-formed ELF file, or the table lies outside it.
 * Source: Go net/http/pprof init, expvar init (names equal in go1.19 and go1.26 binaries), cmd/link/internal/ld/pcln.go.
 */
export function* searchLinkedHandlers(
  readAt: ReadAt,
  size: number,
  source = 'executable',
): Generator<undefined, Reading<LinkedHandlers>, undefined> {
  const elf = readElf(readAt, size, READER, source);
  if (!elf.ok) return elf;
  const names = yield* findFunctionNames(elf.value);
  if (names === undefined) return missed('absent', READER, source, 'no Go function table');
  const handlers = { pprof: false, expvar: false, promhttp: false };
  const end = names.offset + Math.min(names.length, MAX_SEARCH_BYTES);
  for (let start = names.offset; start < end; start += SLICE_BYTES) {
    const slice = elf.value.read(start, Math.min(SLICE_BYTES + OVERLAP_BYTES, end - start));
    if (slice === undefined) return missed('malformed', READER, source, 'the function table lies outside the file');
    for (const [handler, name] of NAMES) handlers[handler] ||= slice.includes(name);
    if (handlers.pprof && handlers.expvar && handlers.promhttp) break;
    yield undefined;
  }
  return found(handlers);
}

/** {@link searchLinkedHandlers} in one go, for command lines and tests. */
export function findLinkedHandlers(readAt: ReadAt, size: number, source?: string): Reading<LinkedHandlers> {
  const search = searchLinkedHandlers(readAt, size, source);
  for (;;) {
    const step = search.next();
    if (step.done === true) return step.value;
  }
}
