import type { Clock } from '../../base/clock.ts';
import type { Reading } from '../../base/reading.ts';
import type { HeapProfile } from '../../go/memory/types.ts';
import type { TrackedProcess } from '../process-census.ts';
import type { MemorySample } from '../types.ts';
import { AddressBook } from './address-book.ts';
import type { MemoryAccess } from './attached-runtime.ts';
import type { AddressResolver } from './resolver.ts';
import { type MemoryPlan, MemoryTarget } from './target.ts';

export interface RuntimeMemoryOptions {
  readonly procRoot: string;
  readonly clock: Clock;
  readonly resolver: AddressResolver;
  readonly access: MemoryAccess;
  readonly plan: MemoryPlan;
  /** Processes read at once; each keeps a descriptor. Others wait until one has gone. */
  readonly maxProcesses: number;
}

const NOTHING = { snapshot: undefined, baseline: undefined, sites: undefined, together: undefined } as const;
/** The operator does not want it. */
const SWITCHED_OFF: MemorySample = { state: 'off', detail: 'reading memory is switched off', ...NOTHING };

const TOO_MANY: MemorySample = {
  state: 'failed',
  detail: 'too many Go processes for the open files of the agent',
  ...NOTHING,
};

/** Reads the runtimes of Go processes from their memory, one target each. */
export class RuntimeMemory {
  readonly #options: RuntimeMemoryOptions | undefined;
  readonly #book: AddressBook | undefined;
  readonly #targets = new Map<string, MemoryTarget>();

  /** @param options undefined: memory is not read at all */
  constructor(options: RuntimeMemoryOptions | undefined) {
    this.#options = options;
    this.#book = options === undefined ? undefined : new AddressBook(options.resolver);
  }

  /** Lets go of processes that are not in `keys`. */
  retain(keys: ReadonlySet<string>): void {
    for (const [key, target] of this.#targets) {
      if (keys.has(key)) continue;
      target.close();
      this.#targets.delete(key);
    }
  }

  /** Reads one process, or takes the next step towards it. `workloadAnon`: memory.stat anon, when it was read in this cycle. */
  *read(key: string, tracked: TrackedProcess, workloadAnon: number | undefined): Generator<void, MemorySample> {
    const target = this.#targetOf(key, tracked);
    if (target === undefined) return this.#options === undefined ? SWITCHED_OFF : TOO_MANY;
    yield* target.step();
    target.pairWith(workloadAnon);
    return target.sample;
  }

  /** The memory profile of a process that is read, for a person who asked. Undefined: its memory is not read. */
  heapProfile(key: string): Generator<void, Reading<HeapProfile>> | undefined {
    return this.#targets.get(key)?.heapProfile();
  }

  /** Settles when no executable is searched any more. */
  async settled(): Promise<void> {
    await this.#book?.settled();
  }

  close(): void {
    this.retain(new Set());
  }

  #targetOf(key: string, { pid, go }: TrackedProcess): MemoryTarget | undefined {
    if (this.#options === undefined || this.#book === undefined || go === undefined) return undefined;
    const known = this.#targets.get(key);
    if (known?.isFor(go.executable) === true) return known;
    if (known === undefined && this.#targets.size >= this.#options.maxProcesses) return undefined;
    known?.close();
    const { procRoot, access, clock, plan } = this.#options;
    const process = {
      pid,
      exe: `${procRoot}/${pid}/exe`,
      name: { executable: go.executable, buildId: go.buildId },
    };
    const target = new MemoryTarget(process, access, this.#book, clock, plan);
    this.#targets.set(key, target);
    return target;
  }
}
