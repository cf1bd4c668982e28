import type { RuleAbout } from './types.ts';

/** What OomKilled says of itself. */
export const oomKilledAbout: RuleAbout = {
  meaning:
    "The kernel ended a process because memory ran out under a limit, or on the node. It is read at the pod, because a container's counters die with its cgroup. A new kill fires at once and the finding is kept for ten minutes, long enough to be scraped and to alert.",
  firesWhen:
    '`oom_kill` in `memory.events` of the pod grew in the window; or, the first time the pod is seen, it is not zero',
  severity: '`critical` when seen to happen; `warning` when it happened some time since the pod was made',
  change:
    'a GOMEMLIMIT if the Go program in the container has none; else a comparison of live heap and memory outside Go with the limit. When no limit in the pod was ever reached (`oom` is 0), memory ran out above it: a memory request, and a look at what filled the node',
  silentWhen: 'the count did not grow',
  unknownWhen: '`memory.events` of the pod could not be read, now or in the cycle before',
  sources: [
    'Linux `Documentation/admin-guide/cgroup-v2.rst` (`memory.events`, hierarchical unless mounted with `memory_localevents`)',
  ],
};
