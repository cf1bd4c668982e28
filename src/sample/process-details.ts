import type { ProcessReader } from '../kernel/proc/process-reader.ts';
import type { ProcStat, ProcStatus } from '../kernel/proc/types.ts';
import { initOf } from './init-process.ts';
import type { InitProcess } from './types.ts';

/** What changes slowly and costs more than one read to find out. */
export interface ProcessDetail {
  readonly openFiles: number | undefined;
  readonly init: InitProcess | undefined;
}

interface Kept {
  readonly detail: ProcessDetail;
  readonly looks: number;
}

/** A minute at the usual interval: descriptors leak over hours, and a handler of process 1 is set once. */
const LOOK_EVERY = 4;

/** Open files and process 1 of each Go process, found out anew every few looks, not for all processes in the same one. */
export class ProcessDetails {
  readonly #reader: ProcessReader;
  readonly #kept = new Map<string, Kept>();

  constructor(reader: ProcessReader) {
    this.#reader = reader;
  }

  /** `key` names the process for as long as it lives. */
  of(key: string, stat: ProcStat, status: ProcStatus | undefined): ProcessDetail {
    const kept = this.#kept.get(key);
    if (kept !== undefined && kept.looks % LOOK_EVERY !== 0) {
      this.#kept.set(key, { detail: kept.detail, looks: kept.looks + 1 });
      return kept.detail;
    }
    const openFiles = this.#reader.openFiles(stat.pid);
    const detail = {
      openFiles: openFiles.ok ? openFiles.value : undefined,
      init: initOf(this.#reader, stat, status),
    };
    // The first rest is shorter for some than for others, so that processes found together are not looked at together.
    this.#kept.set(key, { detail, looks: kept === undefined ? 1 + (stat.pid % (LOOK_EVERY - 1)) : kept.looks + 1 });
    return detail;
  }

  /** Forgets the processes that are not among these. */
  retain(keys: ReadonlySet<string>): void {
    for (const key of this.#kept.keys()) if (!keys.has(key)) this.#kept.delete(key);
  }
}
