import { found, missed, type Reading } from '../../base/reading.ts';
import { attach, type AttachedRuntime as Runtime } from '../../go/memory/attach.ts';
import { failedChecks } from '../../go/memory/attest.ts';
import type { NameAt } from '../../go/memory/goroutine-census.ts';
import { findSourceLines, type SourceLines } from '../../go/memory/source-lines.ts';
import type { GoroutineCensus, HeapProfile, RuntimeAddresses } from '../../go/memory/types.ts';
import { linkTarget } from '../../io/directory.ts';
import { openProcessMemory, type ProcessMemory } from '../../io/process-memory.ts';
import { openRandomAccess, readingFailed, stampKey } from '../../io/random-access.ts';
import { readMappingStart } from '../../kernel/proc/maps.ts';
import type { AttachedRuntime, MemoryAccess } from './attached-runtime.ts';

const READER = 'runtime_memory';
/** Stacks of the memory profile handed on. */
const HEAP_SITES = 50;
/** Executables whose names are kept at hand. */
const MAX_NAMED_FILES = 64;

/** Times as arguments: what a census measures waits and its own steps by. */
export interface Ticks {
  /** CLOCK_MONOTONIC in nanoseconds. */
  readonly monotonicNs: () => number;
  readonly nowMs: () => number;
}

/**
 * Reads processes under this /proc. Needs CAP_SYS_PTRACE and, for `mem` of other
 * users, CAP_DAC_READ_SEARCH; of the same user nothing, where yama allows it. Opens `mem` for reading only, and
 * asks the process for nothing.
 */
export function processMemoryAccess(procRoot: string, ticks: Ticks): MemoryAccess {
  const lines = new Map<string, SourceLines>();
  const memoryPath = (pid: number): string => `${procRoot}/${pid}/mem`;
  return {
    permitted: (pid) => {
      const memory = openProcessMemory(memoryPath(pid));
      if (!memory.ok) return memory;
      memory.value.close();
      return found(true);
    },
    attach: (pid, addresses) => {
      const memory = openProcessMemory(memoryPath(pid));
      if (!memory.ok) return memory;
      const bias = loadBias(`${procRoot}/${pid}`, addresses);
      const runtime = bias.ok ? attach(addresses, memory.value, bias.value, { source: memoryPath(pid) }) : bias;
      if (runtime.ok && bias.ok)
        return found(
          new AttachedProcess(
            runtime.value,
            memory.value,
            addresses,
            bias.value,
            `${procRoot}/${pid}/exe`,
            lines,
            ticks,
          ),
        );
      memory.value.close();
      return runtime.ok ? missed('failed', READER, memoryPath(pid), 'no load bias') : runtime;
    },
  };
}

/** What the loader added to the link-time addresses of an executable that may lie anywhere. */
function loadBias(process: string, { relocatable, firstLoad }: RuntimeAddresses): Reading<number> {
  if (!relocatable) return found(0);
  const executable = linkTarget(`${process}/exe`, READER);
  if (!executable.ok) return executable;
  const start = readMappingStart(`${process}/maps`, executable.value, firstLoad.offset);
  return start.ok ? found(start.value - firstLoad.address) : start;
}

class AttachedProcess implements AttachedRuntime {
  readonly description: string;
  readonly #runtime: Runtime;
  readonly #memory: ProcessMemory;
  readonly #addresses: RuntimeAddresses;
  readonly #bias: number;
  readonly #exe: string;
  readonly #lines: Map<string, SourceLines>;
  readonly #ticks: Ticks;

  constructor(
    runtime: Runtime,
    memory: ProcessMemory,
    addresses: RuntimeAddresses,
    bias: number,
    exe: string,
    lines: Map<string, SourceLines>,
    ticks: Ticks,
  ) {
    this.#runtime = runtime;
    this.#memory = memory;
    this.#addresses = addresses;
    this.#bias = bias;
    this.#exe = exe;
    this.#lines = lines;
    this.#ticks = ticks;
    const how = addresses.method === 'symbols' ? 'symbol table' : 'machine code';
    this.description = `layout of Go ${runtime.attestation.layout}, addresses from the ${how}`;
  }

  snapshot(): ReturnType<AttachedRuntime['snapshot']> {
    return this.#runtime.snapshot();
  }

  attest(): Reading<true> {
    const attestation = this.#runtime.attest();
    if (attestation.accepted) return found(true);
    return this.#memory.gone
      ? missed('absent', READER, this.#exe, 'the process has gone')
      : missed('unsupported', READER, this.#exe, `the layout no longer fits: ${failedChecks(attestation)}`);
  }

  goroutines(): Generator<void, Reading<GoroutineCensus>> {
    const { monotonicNs, nowMs } = this.#ticks;
    return this.#named((nameAt) => this.#runtime.goroutines({ nameAt, nowMs, monotonicNs: monotonicNs() }));
  }

  heapProfile(): Generator<void, Reading<HeapProfile>> {
    const { nowMs } = this.#ticks;
    return this.#named((nameAt) => this.#runtime.heapProfile({ nameAt, nowMs, maxSites: HEAP_SITES }));
  }

  close(): void {
    this.#memory.close();
  }

  /** Runs work that needs names of functions, with the executable open as long as it takes. */
  *#named<T>(work: (nameAt: NameAt) => Generator<undefined, Reading<T>, undefined>): Generator<void, Reading<T>> {
    const file = openRandomAccess(this.#exe, READER);
    if (!file.ok) return file;
    try {
      const { readAt, stamp } = file.value;
      // By the file that is open, never by build ID: a copy with other names in it must not name anything elsewhere.
      const key = stampKey(stamp);
      const known = this.#lines.get(key);
      const lines = known ?? (yield* findSourceLines(readAt, stamp.size, this.#addresses.goVersion));
      if (lines === undefined) return missed('unsupported', READER, this.#exe, 'no function table');
      this.#lines.delete(key);
      this.#lines.set(key, lines);
      const oldest = this.#lines.size > MAX_NAMED_FILES ? this.#lines.keys().next() : undefined;
      if (oldest?.done === false) this.#lines.delete(oldest.value);
      const lookUp = lines.open(readAt);
      return yield* work((pc) => lookUp(pc - this.#bias));
    } catch (error) {
      return readingFailed(error, READER, this.#exe);
    } finally {
      file.value.close();
    }
  }
}
