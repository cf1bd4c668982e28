import type { RuleId } from '../../src/rules/types.ts';

/** Why the zoo has no case that fires for a rule, and what stands in its place. */
export const NOT_PROVOKED: Partial<Record<RuleId, string>> = {
  SchedulerLatencyHigh:
    'it fired in three runs (GOMAXPROCS=1 under three busy goroutines), but the CPUs of an emulated machine wait themselves: it came back after GOMAXPROCS=3, which proves nothing either way; built models in `test/rules`',
  CpusetSpansNumaNodes: 'the guest has one memory node; made-up trees in `test/sample`',
  RuntimeRetainsFreedMemory:
    'tried with 1200 MiB that were used once: the scavenger of Go 1.26 gave all of it back before the rule’s five minutes were over, as it should; built models in `test/rules`',
  NodeNotUnifiedCgroupV2: 'the guest mounts cgroup v2 only; `test/guest` shows the agent a made-up v1 tree',
  ControllersMissing: 'all controllers of the guest are there; made-up trees in `test/sample`',
  SpecCgroupDrift: 'needs the Kubernetes API; answers of a real API server are replayed in `test/kube`',
  RequestFarBelowLimit: 'needs the Kubernetes API; answers of a real API server are replayed in `test/kube`',
};
