import type { Limit } from '../../base/limit.ts';
import { ascii, decimal, LF, NO_NUMBER, startsWith } from './scan.ts';

const MAX = ascii('max');

/**
 * A file that is one number: memory.current, pids.current, cpu.weight, cpu.idle. The file's own unit.
 * Source: "single value" files in Documentation/admin-guide/cgroup-v2.rst, Linux 6.12.
 */
export function parseNumber(bytes: Uint8Array, length: number): number | undefined {
  if (length === 0 || bytes[length - 1] !== LF) return undefined;
  const value = decimal(bytes, 0, length - 1);
  return value === NO_NUMBER ? undefined : value;
}

/** A file that is one number or `max`: memory.max, memory.high, pids.max. The file's own unit. */
export function parseLimit(bytes: Uint8Array, length: number): Limit | undefined {
  if (length === 0 || bytes[length - 1] !== LF) return undefined;
  return limitIn(bytes, 0, length - 1);
}

/** The number or `max` that fills `bytes[at..stop)`. */
export function limitIn(bytes: Uint8Array, at: number, stop: number): Limit | undefined {
  const value = decimal(bytes, at, stop);
  if (value !== NO_NUMBER) return value;
  return stop - at === MAX.length && startsWith(bytes, at, stop, MAX) ? 'max' : undefined;
}
