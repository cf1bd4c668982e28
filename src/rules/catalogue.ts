import { cpuThrottled } from './cpu-throttled.ts';
import { gcOffUnbounded } from './gc-off-unbounded.ts';
import { gomaxprocsAboveCpuLimit } from './gomaxprocs-above-cpu-limit.ts';
import { gomaxprocsMissesAncestorLimit } from './gomaxprocs-misses-ancestor-limit.ts';
import { gomaxprocsNotContainerAware } from './gomaxprocs-not-container-aware.ts';
import { gomemlimitAboveMemoryLimit } from './gomemlimit-above-memory-limit.ts';
import { gomemlimitMissing } from './gomemlimit-missing.ts';
import { nextGcBeyondMemoryLimit } from './next-gc-beyond-memory-limit.ts';
import { nodeNotUnifiedCgroupV2 } from './node-not-unified.ts';
import { oomKilled } from './oom-killed.ts';
import { pprofExposed } from './pprof-exposed.ts';
import type { Rule } from './types.ts';

/** Every rule there is, in the order people read them. */
export const catalogue: readonly Rule[] = [
  gomaxprocsAboveCpuLimit,
  gomaxprocsNotContainerAware,
  gomaxprocsMissesAncestorLimit,
  cpuThrottled,
  gomemlimitMissing,
  gomemlimitAboveMemoryLimit,
  nextGcBeyondMemoryLimit,
  gcOffUnbounded,
  oomKilled,
  pprofExposed,
  nodeNotUnifiedCgroupV2,
];
