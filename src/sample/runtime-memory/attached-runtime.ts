import type { Reading } from '../../base/reading.ts';
import type { GoroutineCensus, HeapProfile, RuntimeAddresses, RuntimeSnapshot } from '../../go/memory/types.ts';

/** A runtime whose layout has proved itself. */
export interface AttachedRuntime {
  /** For people: `layout 1.26, addresses decoded`. */
  readonly description: string;
  /** `absent`: the process has gone or runs another program. `failed`: what was read contradicts itself. */
  snapshot(): Reading<RuntimeSnapshot>;
  /** Proves the layout again. */
  attest(): Reading<true>;
  /** Counts goroutines by site, in steps. */
  goroutines(): Generator<void, Reading<GoroutineCensus>>;
  /** The memory profile, in steps. `absent` when the program cannot profile memory. */
  heapProfile(): Generator<void, Reading<HeapProfile>>;
  close(): void;
}

/** The way to processes' memory, as an argument. */
export interface MemoryAccess {
  /** Whether the memory may be read at all: asked before an executable is searched for nothing. */
  permitted(pid: number): Reading<true>;
  /** `unsupported`: no layout proved itself. */
  attach(pid: number, addresses: RuntimeAddresses): Reading<AttachedRuntime>;
}
