import { ascii, DOT, LF, type Parse, printableEnd, SPACE } from './scan.ts';
import type { Pressure, PressureLine } from './types.ts';

const SOME = ascii('some avg10=');
const FULL = ascii('full avg10=');
/** What stands before the second and later numbers of a line. */
const GAPS = [' avg60=', ' avg300=', ' total='].map(ascii);
/** First byte of a `some` line. */
const LETTER_S = 0x73;
/** The kernel writes two; a run of digits must not reach a power of ten that is no longer finite. */
const MAX_PLACES = 6;
const BROKEN = -1;

/**
 * cpu.pressure, memory.pressure, io.pressure, irq.pressure. irq has only `full`; cpu has only `some` before Linux 5.13.
 * Text behind `total` is ignored; any other line, or no line, is malformed.
 * Source: psi_show in kernel/sched/psi.c, Linux 6.12.
 */
export function pressureParser(): Parse<Pressure> {
  const numbers = new Float64Array(4);
  return (bytes, length) => {
    let some: PressureLine | undefined;
    let full: PressureLine | undefined;
    let at = 0;
    while (at < length) {
      const isSome = bytes[at] === LETTER_S;
      if ((isSome ? some : full) !== undefined) return undefined;
      at = line(bytes, at, length, isSome ? SOME : FULL, numbers);
      if (at === BROKEN) return undefined;
      const values = pressureLine(numbers);
      if (isSome) some = values;
      else full = values;
    }
    return some === undefined && full === undefined ? undefined : { some, full };
  };
}

/** By index: taking a typed array apart goes through its iterator, which costs more than the rest of the line. */
function pressureLine(numbers: Float64Array): PressureLine {
  return { avg10: numbers[0] ?? 0, avg60: numbers[1] ?? 0, avg300: numbers[2] ?? 0, totalUsec: numbers[3] ?? 0 };
}

/** Reads a line's four numbers. Gives the start of the next line, or {@link BROKEN}. */
function line(bytes: Uint8Array, start: number, length: number, head: Uint8Array, numbers: Float64Array): number {
  let at = start;
  for (let field = 0; field < 4; field++) {
    const before = field === 0 ? head : GAPS[field - 1];
    if (before === undefined) return BROKEN;
    for (let i = 0; i < before.length; i++, at++) if (at >= length || bytes[at] !== before[i]) return BROKEN;
    const first = at;
    let value = 0;
    let byte = bytes[at] ?? 0;
    while (at < length && byte >= 0x30 && byte <= 0x39) {
      value = value * 10 + (byte - 0x30);
      byte = bytes[++at] ?? 0;
    }
    if (at === first) return BROKEN;
    if (byte === DOT && field < 3) {
      // The digits of both parts are joined before dividing, so the result is the double nearest to what is written.
      const places = at + 1;
      let scale = 1;
      byte = bytes[++at] ?? 0;
      while (at < length && byte >= 0x30 && byte <= 0x39) {
        value = value * 10 + (byte - 0x30);
        scale *= 10;
        byte = bytes[++at] ?? 0;
      }
      if (at === places || at - places > MAX_PLACES) return BROKEN;
      if (value > Number.MAX_SAFE_INTEGER) return BROKEN;
      value /= scale;
    }
    if (value > Number.MAX_SAFE_INTEGER) return BROKEN;
    numbers[field] = value;
  }
  if (at < length && bytes[at] === SPACE) at = printableEnd(bytes, at, length);
  return at < length && bytes[at] === LF ? at + 1 : BROKEN;
}
