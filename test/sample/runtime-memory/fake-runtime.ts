import { found, type Reading } from '../../../src/base/reading.ts';
import type { GoroutineCensus, HeapProfile, RuntimeAddresses, RuntimeSnapshot } from '../../../src/go/memory/types.ts';
import { parseGoVersion } from '../../../src/go/version.ts';
import type { AttachedRuntime } from '../../../src/sample/runtime-memory/attached-runtime.ts';

/* Stand-ins for what is found in executables and memory: the real ones are tested on real programs in test/go/memory. */

export function addressesOf(version: string): RuntimeAddresses {
  return {
    goVersion: parseGoVersion(version)!,
    architecture: 'amd64',
    method: 'decoded',
    buildId: undefined,
    relocatable: false,
    firstLoad: { offset: 0, address: 0x400000 },
    gcController: 0x1000,
    memstats: 0x2000,
    sched: 0x3000,
    gcCpuLimiter: 0x4000,
    cpuStats: 0x5000,
    gomaxprocs: [0x6000],
    ncpu: [0x6004],
    allp: [0x7000],
    allgs: [0x8000],
    allglen: [0x8018],
    mbuckets: [],
  };
}

/** A snapshot in which nothing was found but what the test names. */
export function snapshot(over: Partial<RuntimeSnapshot> = {}): RuntimeSnapshot {
  return {
    layout: '1.26',
    method: 'decoded',
    gomaxprocs: undefined,
    ncpu: undefined,
    gomaxprocsCustom: undefined,
    gogc: undefined,
    gomemlimit: undefined,
    heapLive: undefined,
    heapMarked: undefined,
    heapGoal: undefined,
    heapTrigger: undefined,
    goalSetBy: undefined,
    stackScan: undefined,
    globalsScan: undefined,
    heapInUse: undefined,
    heapFree: undefined,
    heapReleased: undefined,
    mappedReady: undefined,
    totalAlloc: undefined,
    totalFree: undefined,
    stacksInUse: undefined,
    stacksSys: undefined,
    mspanSys: undefined,
    mcacheSys: undefined,
    buckHashSys: undefined,
    gcSys: undefined,
    otherSys: undefined,
    numGc: undefined,
    numForcedGc: undefined,
    pauseTotalNs: undefined,
    lastGcUnixMs: undefined,
    recentPauses: [],
    gcCpuFraction: undefined,
    cpuClasses: undefined,
    limiterLastEnabledCycle: undefined,
    goroutines: undefined,
    goroutinesCreated: undefined,
    idlePs: undefined,
    runnable: undefined,
    threads: undefined,
    schedulerLatency: undefined,
    ...over,
  };
}

export const census = (total: number): GoroutineCensus => ({
  total,
  examined: total,
  sampled: false,
  sites: [],
  otherGoroutines: total,
});

/** An attached runtime that says what its fields hold. */
export class FakeRuntime implements AttachedRuntime {
  readonly description = 'layout 1.26';
  reading: Reading<RuntimeSnapshot> = found(snapshot());
  proof: Reading<true> = found(true);
  goroutineCount = 0;
  attests = 0;
  censuses = 0;
  closed = false;

  snapshot(): Reading<RuntimeSnapshot> {
    return this.reading;
  }

  attest(): Reading<true> {
    this.attests += 1;
    return this.proof;
  }

  *goroutines(): Generator<void, Reading<GoroutineCensus>> {
    this.censuses += 1;
    return found(census(this.goroutineCount));
  }

  *heapProfile(): Generator<void, Reading<HeapProfile>> {
    return found({ inUseObjects: 0, inUseBytes: 0, allocObjects: 0, allocBytes: 0, sites: [] });
  }

  close(): void {
    this.closed = true;
  }
}
