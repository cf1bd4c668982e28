import { latin1 } from './text.ts';
import type { ProcLimit, ProcLimits } from './types.ts';

/**
 * Parses /proc/PID/limits. A row that is not there is undefined; the whole is undefined when the heading is missing or a used
 * row is not of its form. Limits are 64-bit: above 2^53 the number is the nearest double.
 * Source: fs/proc/base.c proc_pid_limits, Linux 6.12.
 */
export function parseProcLimits(bytes: Uint8Array, length: number): ProcLimits | undefined {
  const text = latin1(bytes, 0, length);
  if (!text.startsWith('Limit ')) return undefined;
  const openFiles = row(text, 'Max open files');
  const processes = row(text, 'Max processes');
  const addressSpace = row(text, 'Max address space');
  if (openFiles === 'malformed' || processes === 'malformed' || addressSpace === 'malformed') return undefined;
  return { openFiles, processes, addressSpace };
}

function row(text: string, name: string): ProcLimit | 'malformed' | undefined {
  const at = text.indexOf(`\n${name} `);
  if (at < 0) return undefined;
  const start = at + 1 + name.length;
  const values = /^ +(unlimited|\d{1,20}) +(unlimited|\d{1,20})(?: |\n|$)/.exec(text.slice(start, start + 120));
  const soft = values?.[1];
  const hard = values?.[2];
  if (soft === undefined || hard === undefined) return 'malformed';
  return { soft: limit(soft), hard: limit(hard) };
}

function limit(text: string): number | 'unlimited' {
  return text === 'unlimited' ? text : Number(text);
}
