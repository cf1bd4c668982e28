import { ascii, startsWith } from '../cgroup/scan.ts';
import { utf8 } from './text.ts';

/** The Go variables of a process's environment at exec. Undefined: not set; an empty text: set to nothing. */
export interface GoVariables {
  readonly GOGC: string | undefined;
  readonly GOMEMLIMIT: string | undefined;
  readonly GOMAXPROCS: string | undefined;
  readonly GODEBUG: string | undefined;
  /** Read by the module github.com/KimMachineGun/automemlimit, not by the runtime. */
  readonly AUTOMEMLIMIT: string | undefined;
}

const NAMES = ['GOGC', 'GOMEMLIMIT', 'GOMAXPROCS', 'GODEBUG', 'AUTOMEMLIMIT'] as const;
const KEYS = NAMES.map((name) => ({ name, bytes: ascii(`${name}=`) }));
const MAX_VALUE_BYTES = 4096;

/**
 * Takes the Go variables out of /proc/PID/environ. An environment holds secrets: no text is ever made of any other variable.
 * The first of several wins, as in the Go runtime (runtime/env_posix.go gogetenv). Values longer than 4096 bytes are cut.
 * The file is what exec was given: a later os.Setenv is not in it, and a process may overwrite it, so any bytes are well formed.
 */
export function parseGoEnvironment(bytes: Uint8Array, length: number): GoVariables {
  const values: Partial<Record<(typeof NAMES)[number], string>> = {};
  let start = 0;
  while (start < length) {
    const nul = bytes.indexOf(0, start);
    const end = nul < 0 || nul > length ? length : nul;
    const key = keyAt(bytes, start, end);
    if (key !== undefined && values[key.name] === undefined) {
      const from = start + key.bytes.length;
      values[key.name] = utf8(bytes, from, Math.min(end, from + MAX_VALUE_BYTES));
    }
    start = end + 1;
  }
  const { GOGC, GOMEMLIMIT, GOMAXPROCS, GODEBUG, AUTOMEMLIMIT } = values;
  return { GOGC, GOMEMLIMIT, GOMAXPROCS, GODEBUG, AUTOMEMLIMIT };
}

function keyAt(bytes: Uint8Array, start: number, end: number): (typeof KEYS)[number] | undefined {
  for (const key of KEYS) if (startsWith(bytes, start, end, key.bytes)) return key;
  return undefined;
}
