import { closeSync, openSync, readSync } from 'node:fs';
import { found, missed, type Reading } from '../base/reading.ts';
import { errorCode, missKindOf } from './errno.ts';

/** Bytes read at once at most: no count in another process's memory can ask for more. */
export const MAX_MEMORY_READ = 1024 * 1024;

/** User space ends below this on amd64 and arm64 with four-level page tables. */
const ADDRESS_END = 2 ** 47;

/**
 * The memory of one process, read-only. The kernel ties the descriptor to the address space the process had when it was opened: after
 * exit or exec every read gives nothing and {@link gone} is true, so that a later program under the same PID is never read by mistake.
 * Source: proc(5) /proc/PID/mem, fs/proc/base.c mem_rw, Linux 6.12.
 */
export interface ProcessMemory {
  /** The address space no longer exists. Known after a read has failed. */
  readonly gone: boolean;
  /**
   * A fresh Buffer with all `length` bytes at `address`. Undefined: not all of it is mapped, the process has gone, or the request is out
   * of bounds (over {@link MAX_MEMORY_READ}, or not in user space).
   */
  read(address: number, length: number): Buffer | undefined;
  /** Fills `target[0..length)`. False for the reasons {@link read} gives undefined; `target` then holds anything. */
  readInto(target: Buffer, address: number, length: number): boolean;
  /** Gives the descriptor back. Reads after that give nothing. Safe to call twice. */
  close(): void;
}

/** Opens the memory of a process: `/proc/PID/mem`. It is never written to. Denied: needs the right to trace the process (ptrace(2)). */
export function openProcessMemory(path: string): Reading<ProcessMemory> {
  try {
    return found(new OpenMemory(openSync(path, 'r')));
  } catch (error) {
    return missed(missKindOf(error), 'process_memory', path, errorCode(error));
  }
}

class OpenMemory implements ProcessMemory {
  gone = false;
  #descriptor: number | undefined;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  read(address: number, length: number): Buffer | undefined {
    if (!isReadable(address, length)) return undefined;
    const bytes = Buffer.allocUnsafe(length);
    return this.readInto(bytes, address, length) ? bytes : undefined;
  }

  readInto(target: Buffer, address: number, length: number): boolean {
    if (this.#descriptor === undefined || target.length < length || !isReadable(address, length)) return false;
    try {
      // A read that runs into an unmapped page comes back short, and one that starts there is an EIO.
      const count = readSync(this.#descriptor, target, 0, length, address);
      if (count === 0) this.gone = true;
      return count === length;
    } catch (error) {
      if (missKindOf(error) === 'absent') this.gone = true;
      return false;
    }
  }

  close(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor === undefined) return;
    try {
      closeSync(descriptor);
    } catch {
      // Linux has given the number back whatever close(2) says, and nothing was written that could be lost.
    }
  }
}

function isReadable(address: number, length: number): boolean {
  // Page 0 is never mapped; pointers of nil structs lead there.
  return (
    Number.isSafeInteger(address) &&
    Number.isSafeInteger(length) &&
    address >= 4096 &&
    length > 0 &&
    length <= MAX_MEMORY_READ &&
    address + length <= ADDRESS_END
  );
}
