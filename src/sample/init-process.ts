import type { ProcessReader } from '../kernel/proc/process-reader.ts';
import type { ProcStat, ProcStatus } from '../kernel/proc/types.ts';
import type { InitProcess } from './types.ts';

/** A program is rarely more than a shell and an init away from process 1. */
const MAX_STEPS = 8;

/**
 * Process 1 of the PID namespace of a process: itself, or the ancestor that is. Undefined for a process that is in no namespace of its own, and
 * for one whose ancestors lead out of it (a PID namespace shared by a pod, where process 1 is the sandbox's).
 */
export function initOf(reader: ProcessReader, stat: ProcStat, status: ProcStatus | undefined): InitProcess | undefined {
  if (status === undefined || status.nsPids.length < 2) return undefined;
  const depth = status.nsPids.length;
  if (status.nsPids.at(-1) === 1) return initProcess(stat.pid, status);
  let parent = stat.ppid;
  for (let step = 0; step < MAX_STEPS && parent > 1; step++) {
    const above = reader.status(parent);
    if (!above.ok || above.value.nsPids.length !== depth) return undefined;
    if (above.value.nsPids.at(-1) === 1) return initProcess(parent, above.value);
    const next = reader.stat(parent);
    if (!next.ok) return undefined;
    parent = next.value.ppid;
  }
  return undefined;
}

function initProcess(pid: number, { name, sigCgt, sigBlk }: ProcStatus): InitProcess {
  return { pid, name, sigCgt, sigBlk };
}
