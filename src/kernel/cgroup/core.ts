import { FlatKeyed } from './flat-keyed.ts';
import { decimal, digitsEnd, LF, NO_NUMBER, type Parse, printableEnd, SPACE, wordEnd } from './scan.ts';
import type { CgroupEvents, CgroupStat } from './types.ts';

/** The members of a cgroup as this process sees them. */
export interface ProcessList {
  /** Process ids in the pid namespace of the reader, each once, in the order of the file. */
  readonly pids: readonly number[];
  /** Lines that are 0: processes the reader's pid namespace does not show. The file may repeat one. */
  readonly invisible: number;
}

const MAX_CONTROLLERS = 64;
/** Below this many, looking through the list is cheaper than a set; most cgroups hold one process. */
const SMALL_LIST = 16;

/** cgroup.events. Source: cgroup_events_show in kernel/cgroup/cgroup.c, Linux 6.12. */
export function cgroupEventsParser(): Parse<CgroupEvents> {
  const file = new FlatKeyed(['populated', 'frozen']);
  return (bytes, length) => {
    if (!file.scan(bytes, length)) return undefined;
    const populated = file.at(0);
    const frozen = file.at(1);
    if ((populated ?? 0) > 1 || (frozen ?? 0) > 1) return undefined;
    return {
      populated: populated === undefined ? undefined : populated === 1,
      frozen: frozen === undefined ? undefined : frozen === 1,
    };
  };
}

/** cgroup.stat. Source: cgroup_stat_show in kernel/cgroup/cgroup.c, Linux 6.12. */
export function cgroupStatParser(): Parse<CgroupStat> {
  const file = new FlatKeyed(['nr_descendants', 'nr_dying_descendants']);
  return (bytes, length) => {
    if (!file.scan(bytes, length)) return undefined;
    return { nrDescendants: file.at(0), nrDyingDescendants: file.at(1) };
  };
}

/**
 * cgroup.controllers: names with spaces between. With no controller the kernel writes nothing, not even a line end.
 * Source: cgroup_print_ss_mask in kernel/cgroup/cgroup.c, Linux 6.12.
 */
export function parseControllers(bytes: Uint8Array, length: number): readonly string[] | undefined {
  if (length === 0) return [];
  const end = printableEnd(bytes, 0, length);
  if (end !== length - 1 || bytes[end] !== LF) return undefined;
  const names: string[] = [];
  let at = 0;
  while (at < end) {
    const stop = wordEnd(bytes, at, end);
    if (stop === at || names.length === MAX_CONTROLLERS) return undefined;
    let name = '';
    for (let i = at; i < stop; i++) name += String.fromCharCode(bytes[i] ?? 0);
    names.push(name);
    at = stop < end && bytes[stop] === SPACE ? stop + 1 : stop;
  }
  return names;
}

/**
 * cgroup.procs or cgroup.threads: one id a line, unordered, and an id may come twice when its process moved during the read.
 * Source: "cgroup.procs" in Documentation/admin-guide/cgroup-v2.rst, Linux 6.12.
 */
export function parseProcs(bytes: Uint8Array, length: number): ProcessList | undefined {
  const pids: number[] = [];
  let seen: Set<number> | undefined;
  let invisible = 0;
  let at = 0;
  while (at < length) {
    const stop = digitsEnd(bytes, at, length);
    const pid = decimal(bytes, at, stop);
    if (pid === NO_NUMBER || stop === length || bytes[stop] !== LF) return undefined;
    at = stop + 1;
    if (pid === 0) {
      invisible += 1;
      continue;
    }
    if (pids.length === SMALL_LIST) seen ??= new Set(pids);
    if (seen === undefined ? pids.includes(pid) : seen.has(pid)) continue;
    seen?.add(pid);
    pids.push(pid);
  }
  return { pids, invisible };
}
