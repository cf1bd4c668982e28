import { found, missed, type Reading } from '../../base/reading.ts';
import type { ProcessMemory } from '../../io/process-memory.ts';
import { type Attestation, attest, failedChecks } from './attest.ts';
import { heapCountsAgree } from './attest-heap.ts';
import { RuntimeBlocks } from './blocks.ts';
import { heapMinimumHolds } from './gc-settings.ts';
import { type CensusOptions, goroutineCensus } from './goroutine-census.ts';
import { type HeapProfileOptions, heapProfile } from './heap-profile.ts';
import { type Layout, layoutsFor, type OffsetTables } from './layout.ts';
import { RUNTIME_OFFSETS } from './offsets.ts';
import { PauseRing } from './pause-ring.ts';
import { type SettledAddresses, settle } from './settle.ts';
import { snapshotOf } from './snapshot.ts';
import type { GoroutineCensus, HeapProfile, RuntimeAddresses, RuntimeSnapshot } from './types.ts';

const READER = 'runtime_memory';
/** The program does not stop while it is read. */
const POLL_TRIES = 3;

/** What {@link attach} may be told besides. */
export interface AttachOptions {
  /** Where the memory is from, for misses: `/proc/PID/mem`. */
  readonly source: string;
  /** Tables of offsets other than those of this release, for tests. */
  readonly tables?: OffsetTables;
}

/** The runtime of one process, found and proven. It holds buffers of about 25 KB and no descriptor of its own. */
export interface AttachedRuntime {
  /** What proved the layout when the process was attached. */
  readonly attestation: Attestation;
  /**
   * The state now, in 12 reads and about 20 microseconds, and a read (0.8 microseconds) more for each P beyond two. Absent: the process has gone or runs
   * another program. Failed: the memory could not be read, or no longer makes sense: attach again.
   */
  snapshot(): Reading<RuntimeSnapshot>;
  /** Checks the identities again. About 100 microseconds, 2 ms with 10,000 goroutines. */
  attest(): Attestation;
  /** Counts goroutines by where they were started, in steps. See {@link goroutineCensus}. */
  goroutines(options: CensusOptions): Generator<undefined, Reading<GoroutineCensus>, undefined>;
  /** Reads the memory profile, in steps. See {@link heapProfile}. */
  heapProfile(options: HeapProfileOptions): Generator<undefined, Reading<HeapProfile>, undefined>;
}

/**
 * Finds the runtime in a process's memory and proves that the layout fits. `bias` is what the loader added to link-time addresses: 0
 * for executables that are not relocatable. A Go version newer than the tables is tried with the newest table.
 * Unsupported: no table, a variable that was not found, or a layout that does not fit (the detail says which identities failed).
 * Absent: the process has gone.
 */
export function attach(
  addresses: RuntimeAddresses,
  memory: ProcessMemory,
  bias: number,
  options: AttachOptions,
): Reading<AttachedRuntime> {
  const { source, tables = RUNTIME_OFFSETS } = options;
  const refuse = (detail: string): Reading<never> =>
    memory.gone
      ? missed('absent', READER, source, 'the process has gone')
      : missed('unsupported', READER, source, detail);
  const { goVersion } = addresses;
  const reasons: string[] = [];
  for (const layout of layoutsFor(goVersion, tables)) {
    const settled = settle(addresses, memory, bias, layout);
    if (typeof settled === 'string') {
      reasons.push(`${settled} not found`);
      continue;
    }
    const attestation = attest(memory, settled, layout);
    if (attestation.accepted) return found(new Attached(memory, settled, layout, addresses, attestation, source));
    reasons.push(`it is not laid out as Go ${layout.name}: ${failedChecks(attestation)}`);
  }
  return refuse(`${goVersion.text}: ${reasons.length === 0 ? 'no layout for this version' : reasons.join('; ')}`);
}

class Attached implements AttachedRuntime {
  readonly attestation: Attestation;
  readonly #memory: ProcessMemory;
  readonly #settled: SettledAddresses;
  readonly #layout: Layout;
  readonly #method: RuntimeAddresses['method'];
  readonly #source: string;
  readonly #blocks: RuntimeBlocks;
  readonly #pauses: PauseRing;

  constructor(
    memory: ProcessMemory,
    settled: SettledAddresses,
    layout: Layout,
    addresses: RuntimeAddresses,
    attestation: Attestation,
    source: string,
  ) {
    this.attestation = attestation;
    this.#memory = memory;
    this.#settled = settled;
    this.#layout = layout;
    this.#method = addresses.method;
    this.#source = source;
    this.#blocks = new RuntimeBlocks(memory, settled, layout);
    this.#pauses = new PauseRing(layout);
  }

  snapshot(): Reading<RuntimeSnapshot> {
    // GOGC and GOMAXPROCS are set word by word: a poll at that very moment finds them apart, the next one does not.
    for (let tries = 0; tries < POLL_TRIES; tries++) {
      const failure = this.#blocks.read();
      if (failure !== undefined) return this.#miss();
      if (this.#isConsistent()) return found(snapshotOf(this.#blocks, this.#method, this.#pauses));
    }
    return missed('failed', READER, this.#source, 'the runtime contradicts itself: attach again');
  }

  attest(): Attestation {
    return attest(this.#memory, this.#settled, this.#layout);
  }

  goroutines(options: CensusOptions): Generator<undefined, Reading<GoroutineCensus>, undefined> {
    return goroutineCensus(this.#memory, this.#layout, this.#settled.allgs, this.#source, options);
  }

  heapProfile(options: HeapProfileOptions): Generator<undefined, Reading<HeapProfile>, undefined> {
    return heapProfile(this.#memory, this.#layout, this.#settled.mbuckets, this.#source, options);
  }

  #isConsistent(): boolean {
    const { sums, processors, gomaxprocs } = this.#blocks;
    if (processors !== gomaxprocs || (sums !== undefined && !sums.consistent)) return false;
    return heapMinimumHolds(this.#blocks.gcController, this.#layout) && heapCountsAgree(this.#blocks);
  }

  #miss(): Reading<never> {
    return this.#memory.gone
      ? missed('absent', READER, this.#source, 'the process has gone')
      : missed('failed', READER, this.#source, 'the runtime is not where it was: attach again');
  }
}
