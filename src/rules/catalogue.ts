import { clockStepped } from './clock-stepped.ts';
import { containerRestartLoop } from './container-restart-loop.ts';
import { controllersMissing } from './controllers-missing.ts';
import { cpuThrottled } from './cpu-throttled.ts';
import { cpuThrottledByGc } from './cpu-throttled-by-gc.ts';
import { cpusetSpansNumaNodes } from './cpuset-spans-numa-nodes.ts';
import { fileDescriptorsNearLimit } from './file-descriptors-near-limit.ts';
import { fractionalCpuLimit } from './fractional-cpu-limit.ts';
import { gcDeathSpiral } from './gc-death-spiral.ts';
import { gcOffUnbounded } from './gc-off-unbounded.ts';
import { gcPauseStretchedByThrottling } from './gc-pause-stretched-by-throttling.ts';
import { gomaxprocsAboveCpuLimit } from './gomaxprocs-above-cpu-limit.ts';
import { gomaxprocsBelowCpuLimit } from './gomaxprocs-below-cpu-limit.ts';
import { gomaxprocsIgnoresCpuset } from './gomaxprocs-ignores-cpuset.ts';
import { gomaxprocsMissesAncestorLimit } from './gomaxprocs-misses-ancestor-limit.ts';
import { gomaxprocsNotContainerAware } from './gomaxprocs-not-container-aware.ts';
import { gomemlimitAboveMemoryHigh } from './gomemlimit-above-memory-high.ts';
import { gomemlimitAboveMemoryLimit } from './gomemlimit-above-memory-limit.ts';
import { gomemlimitMissing } from './gomemlimit-missing.ts';
import { goroutineBlocked } from './goroutine-blocked.ts';
import { goroutineGrowth } from './goroutine-growth.ts';
import { goroutineLeak } from './goroutine-leak.ts';
import { initIgnoresSigterm } from './init-ignores-sigterm.ts';
import { ioWeightDefaultUnderContention } from './io-weight-default-under-contention.ts';
import { ioWeightIneffective } from './io-weight-ineffective.ts';
import { memoryLowBelowWorkingSet } from './memory-low-below-working-set.ts';
import { memoryPressure } from './memory-pressure.ts';
import { nextGcBeyondMemoryLimit } from './next-gc-beyond-memory-limit.ts';
import { nodeNotUnifiedCgroupV2 } from './node-not-unified.ts';
import { nodeSysctls } from './node-sysctls.ts';
import { nonGoMemory } from './non-go-memory.ts';
import { oomKilled } from './oom-killed.ts';
import { oomKilledOutsidePods } from './oom-killed-outside-pods.ts';
import { pauseContainerAnomaly } from './pause-container-anomaly.ts';
import { pidsNearLimit } from './pids-near-limit.ts';
import { pprofExposed } from './pprof-exposed.ts';
import { requestFarBelowLimit } from './request-far-below-limit.ts';
import { runtimeRetainsFreedMemory } from './runtime-retains-freed-memory.ts';
import { schedulerLatencyHigh } from './scheduler-latency-high.ts';
import { specCgroupDrift } from './spec-cgroup-drift.ts';
import { stackMemory } from './stack-memory.ts';
import { staleCpuLimit } from './stale-cpu-limit.ts';
import { staleMemoryLimit } from './stale-memory-limit.ts';
import { stalledAfterSiblingExit } from './stalled-after-sibling-exit.ts';
import { swapUnderGc } from './swap-under-gc.ts';
import { thpInflatesRss } from './thp-inflates-rss.ts';
import { threadGrowth } from './thread-growth.ts';
import type { Rule } from './types.ts';

/** Every rule there is, in the order people read them. */
export const catalogue: readonly Rule[] = [
  gomaxprocsAboveCpuLimit,
  gomaxprocsNotContainerAware,
  gomaxprocsMissesAncestorLimit,
  gomaxprocsBelowCpuLimit,
  gomaxprocsIgnoresCpuset,
  staleCpuLimit,
  fractionalCpuLimit,
  cpuThrottled,
  cpuThrottledByGc,
  gcPauseStretchedByThrottling,
  cpusetSpansNumaNodes,
  schedulerLatencyHigh,
  gomemlimitMissing,
  gomemlimitAboveMemoryLimit,
  nextGcBeyondMemoryLimit,
  gcOffUnbounded,
  gcDeathSpiral,
  gomemlimitAboveMemoryHigh,
  nonGoMemory,
  runtimeRetainsFreedMemory,
  stackMemory,
  memoryPressure,
  staleMemoryLimit,
  memoryLowBelowWorkingSet,
  requestFarBelowLimit,
  swapUnderGc,
  thpInflatesRss,
  oomKilled,
  oomKilledOutsidePods,
  ioWeightDefaultUnderContention,
  ioWeightIneffective,
  goroutineGrowth,
  goroutineLeak,
  goroutineBlocked,
  stalledAfterSiblingExit,
  threadGrowth,
  pidsNearLimit,
  fileDescriptorsNearLimit,
  containerRestartLoop,
  initIgnoresSigterm,
  pprofExposed,
  specCgroupDrift,
  pauseContainerAnomaly,
  nodeNotUnifiedCgroupV2,
  controllersMissing,
  clockStepped,
  nodeSysctls,
];
