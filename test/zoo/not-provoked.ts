import type { RuleId } from '../../src/rules/types.ts';

/** Why the zoo has no case that fires for a rule, and what stands in its place. */
export const NOT_PROVOKED: Partial<Record<RuleId, string>> = {
  GcPauseStretchedByThrottling:
    'pauses on an emulated CPU are as long as those that throttling stretches, so a case there would prove nothing; built models in `test/rules`',
  SchedulerLatencyHigh:
    'needs the histogram `go_sched_latencies_seconds`, which the programs of the zoo do not export; built models in `test/rules`',
  CpusetSpansNumaNodes: 'the guest has one memory node; made-up trees in `test/sample`',
  MemoryLowBelowWorkingSet: 'needs the whole node to be short of memory; built models in `test/rules`',
  ThpInflatesRss: 'the kernel of the guest gives huge pages on request only; built models in `test/rules`',
  RuntimeRetainsFreedMemory:
    'tried with 1200 MiB that were used once: the scavenger of Go 1.26 gave all of it back before the rule’s five minutes were over, as it should; built models in `test/rules`',
  GoroutineLeak:
    'needs a goroutineleak profile (Go 1.27, asked for by setting), or a quarter of an hour of growth at one place; `test/targets` reads the profile of a real program',
  NodeNotUnifiedCgroupV2: 'the guest mounts cgroup v2 only; `test/guest` shows the agent a made-up v1 tree',
  ControllersMissing: 'all controllers of the guest are there; made-up trees in `test/sample`',
  GoroutineGrowth:
    'not yet: the detector waits for about twenty minutes of growth, and the guest was ended before; a thousand series in [goroutine-growth.md](goroutine-growth.md)',
  StalledAfterSiblingExit: 'not yet: waits for the same as GoroutineGrowth',
  FileDescriptorsNearLimit:
    'the kernel of the guest (6.1) does not tell how many files a process has open, later ones do; built models in `test/rules`',
  SpecCgroupDrift: 'needs the Kubernetes API; answers of a real API server are replayed in `test/kube`',
  RequestFarBelowLimit: 'needs the Kubernetes API; answers of a real API server are replayed in `test/kube`',
};
