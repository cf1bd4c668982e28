import { isStandard, packageRoot } from './standard-library.ts';
import { BARRIERS, FILES, LIBRARIES, PARKED, PRIMITIVES, PURPOSES, type WaitCause } from './wait-cause-table.ts';

/** Looks a function name up among exact names and beginnings. */
class Names<T> {
  readonly #exact = new Map<string, T>();
  readonly #starts: (readonly [start: string, value: T])[] = [];

  constructor(entries: Iterable<readonly [name: string, value: T]>) {
    for (const [name, value] of entries) {
      if (name.endsWith('*')) this.#starts.push([name.slice(0, -1), value]);
      else if (!this.#exact.has(name)) this.#exact.set(name, value);
    }
  }

  find(name: string): T | undefined {
    return this.#exact.get(name) ?? this.#starts.find(([start]) => name.startsWith(start))?.[1];
  }
}

const namesOf = (names: readonly string[]): Names<true> => new Names(names.map((name) => [name, true]));
const primitives = new Names(PRIMITIVES.flatMap(({ cause, frames }) => frames.map((name) => [name, cause] as const)));
const purposes = PURPOSES.map(({ cause, waits, frames }) => ({ cause, waits, names: namesOf(frames) }));
const files = namesOf(FILES);
const parked = namesOf(PARKED);
const libraries = namesOf(LIBRARIES);
const barriers = namesOf(BARRIERS);

/**
 * What a goroutine waits for, from the function names of its stack, innermost first. runtime.gopark need not be there; the frames of
 * channels and select must, as they are in debug=0 (Go 1.17 to 1.27). `running`: it runs or waits for a processor only. `other`: it is
 * parked and no known frame says for what, or the stack is empty or without names.
 *
 * No cause tells whether the wait can end without somebody else's act, save `sleep`: a select may hold a timer, a read a deadline.
 */
export function waitCauseOf(stack: readonly string[]): WaitCause {
  const wait = primitiveOf(stack);
  if (wait === undefined)
    return stack.every((name) => name === '') || stack.some((name) => parked.find(name) === true) ? 'other' : 'running';
  const library = libraryPart(stack);
  for (const { cause, waits, names } of purposes) {
    if (waits !== undefined && !waits.includes(wait)) continue;
    if (library.some((name) => names.find(name) === true)) return cause;
  }
  return wait;
}

/** What the innermost known frame says, unless a frame of the program comes before it. */
function primitiveOf(stack: readonly string[]): WaitCause | undefined {
  let found: WaitCause | undefined;
  let syscall = false;
  for (const name of stack) {
    if (found !== undefined && files.find(name) === true) return syscall ? 'syscall' : 'other';
    if (!isLibrary(name)) break;
    const cause = primitives.find(name);
    syscall ||= cause === 'syscall';
    // A system call on a socket does not block: it is a try before the wait.
    if (found === undefined || (found === 'syscall' && cause?.startsWith('network ') === true)) found = cause;
    if (found !== undefined && found !== 'syscall' && !found.startsWith('network ')) break;
  }
  return found;
}

/** The frames from the innermost up to the program's own, or to where a request is handled. */
function libraryPart(stack: readonly string[]): readonly string[] {
  const end = stack.findIndex((name) => barriers.find(name) === true || !isLibrary(name));
  return end < 0 ? stack : stack.slice(0, end);
}

function isLibrary(name: string): boolean {
  return (
    name === '' ||
    isStandard(packageRoot(name)) ||
    libraries.find(name) === true ||
    purposes.some(({ names }) => names.find(name) === true)
  );
}
