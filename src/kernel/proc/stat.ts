import { decimal, LF, NO_NUMBER, SPACE } from '../cgroup/scan.ts';
import { utf8 } from './text.ts';
import type { ProcStat } from './types.ts';

const OPEN = 0x28;
const CLOSE = 0x29;

/* Field numbers of proc_pid_stat(5); the fields after the name start at 3. */
const PPID = 4;
const UTIME = 14;
const STIME = 15;
const NUM_THREADS = 20;
const START_TIME = 22;
const RSS = 24;

/**
 * Parses /proc/PID/stat (also /proc/PID/task/TID/stat). Undefined when it is not of that form or cut short.
 * The name may hold blanks and parentheses, so it ends at the LAST `)`; nothing after it can hold one.
 * Source: fs/proc/array.c do_task_stat, Linux 6.12.
 */
export function parseProcStat(bytes: Uint8Array, length: number): ProcStat | undefined {
  const open = bytes.indexOf(OPEN);
  const close = lastClose(bytes, length);
  if (bytes[length - 1] !== LF) return undefined;
  if (open < 2 || close < open || bytes[open - 1] !== SPACE || bytes[close + 1] !== SPACE) return undefined;
  const pid = decimal(bytes, 0, open - 1);
  const state = bytes[close + 2];
  if (pid === NO_NUMBER || state === undefined || close + 3 >= length || bytes[close + 3] !== SPACE) return undefined;

  let ppid = NO_NUMBER;
  let utimeTicks = NO_NUMBER;
  let stimeTicks = NO_NUMBER;
  let numThreads = NO_NUMBER;
  let startTimeTicks = NO_NUMBER;
  let rssPages = NO_NUMBER;
  let start = close + 4;
  for (let field = PPID; field <= RSS && start < length; field += 1) {
    let end = start;
    while (end < length && bytes[end] !== SPACE && bytes[end] !== LF) end += 1;
    if (field === PPID) ppid = decimal(bytes, start, end);
    else if (field === UTIME) utimeTicks = decimal(bytes, start, end);
    else if (field === STIME) stimeTicks = decimal(bytes, start, end);
    else if (field === NUM_THREADS) numThreads = decimal(bytes, start, end);
    else if (field === START_TIME) startTimeTicks = decimal(bytes, start, end);
    else if (field === RSS) rssPages = decimal(bytes, start, end);
    start = end + 1;
  }
  if (ppid === NO_NUMBER || utimeTicks === NO_NUMBER || stimeTicks === NO_NUMBER) return undefined;
  if (numThreads === NO_NUMBER || startTimeTicks === NO_NUMBER || rssPages === NO_NUMBER) return undefined;
  const comm = utf8(bytes, open + 1, close);
  const letter = String.fromCharCode(state);
  return { pid, comm, state: letter, ppid, utimeTicks, stimeTicks, numThreads, startTimeTicks, rssPages };
}

function lastClose(bytes: Uint8Array, length: number): number {
  for (let index = length - 1; index >= 0; index -= 1) if (bytes[index] === CLOSE) return index;
  return -1;
}
