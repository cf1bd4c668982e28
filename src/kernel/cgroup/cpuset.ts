import { COMMA, DASH, decimal, digitsEnd, LF, NO_NUMBER } from './scan.ts';

/** More CPUs than any kernel is built for (NR_CPUS is at most 8192 on x86 and arm64). Bounds what one line can expand to. */
const MAX_CPUS = 8192;

/**
 * A list of CPUs or memory nodes, `0-4,6`, ascending as the kernel writes it: cpuset.cpus, cpuset.mems and their `.effective`.
 * An empty file gives an empty list. More than 8192 members, or members out of order, are malformed.
 * Source: `%*pbl` in lib/vsprintf.c and cpuset_common_seq_show in kernel/cgroup/cpuset.c, Linux 6.12.
 */
export function parseCpuList(bytes: Uint8Array, length: number): readonly number[] | undefined {
  if (length === 0) return [];
  if (bytes[length - 1] !== LF) return undefined;
  const members: number[] = [];
  const end = length - 1;
  let at = 0;
  let next = 0;
  while (at < end) {
    const firstEnd = digitsEnd(bytes, at, end);
    const first = decimal(bytes, at, firstEnd);
    let last = first;
    let stop = firstEnd;
    if (stop < end && bytes[stop] === DASH) {
      stop = digitsEnd(bytes, firstEnd + 1, end);
      last = decimal(bytes, firstEnd + 1, stop);
    }
    if (first === NO_NUMBER || last === NO_NUMBER || first < next || last < first) return undefined;
    if (last - first >= MAX_CPUS - members.length) return undefined;
    for (let cpu = first; cpu <= last; cpu++) members.push(cpu);
    next = last + 1;
    if (stop === end) return members;
    at = stop + 1;
    if (bytes[stop] !== COMMA || at === end) return undefined;
  }
  return members;
}
