import type { RuleAbout } from './types.ts';

/** What NextGcBeyondMemoryLimit says of itself. */
export const nextGcAbout: RuleAbout = {
  meaning:
    'The heap goal knows GOGC and GOMEMLIMIT, and nothing of `memory.max`. When the goal, the runtime beside the heap and the memory outside Go add up to more than the memory limit, the kernel kills before the collection that would have made room.',
  firesWhen:
    'predicted peak > 1.05 x memory limit. The collector starts between about 70 and 95 % of the way to its goal, so a hair over the limit is no proof. It fires at the first look when the limit is less than two looks away at the present growth, else at the second',
  severity:
    '`critical`; `warning` while the swap that `memory.swap.max` of the container and the node still give covers the excess: the program gets slow before it is killed',
  change:
    'as for GomemlimitMissing, with headroom of `thresholds.memory.headroomRatio`. The finding says how long it takes to the limit at the present growth of `memory.current`, when little of that memory is page cache',
  silentWhen: 'there is no memory limit; the collector is off; the predicted peak is within the bound',
  unknownWhen:
    "the heap goal is not known (the memory of the process is not read, and no endpoint answers); the process holds less than `thresholds.memory.attributionRatio` of the cgroup's memory (attribution)",
  sources: ['Go `runtime/mgcpacer.go` (`heapGoalInternal`; `minTriggerRatioNum` 45/64, `maxTriggerRatioNum` 61/64)'],
};
