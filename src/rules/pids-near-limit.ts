import { isShared } from './memory-inputs.ts';
import { percent } from './quantity.ts';
import type { ContainerContext, Evidence, Rule, Verdict } from './types.ts';
import { clear, unknown } from './verdict.ts';

const ANCESTOR = 'pids.current and pids.max of an ancestor';

function detect({ container, processes, thresholds }: ContainerContext): Verdict {
  const { nearest, current, max, complete = true } = container.pids;
  if (nearest === undefined) {
    if (max === undefined || current === undefined) return unknown('pids.current and pids.max');
    return complete ? clear('no limit of tasks at any level') : unknown(ANCESTOR);
  }
  const ratio = nearest.current / nearest.max;
  const evidence: Evidence[] = [
    {
      signal: `tasks of the ${nearest.level}`,
      value: nearest.current,
      unit: 'count',
      bound: nearest.max,
      source: `pids.current and pids.max of ${nearest.cgroupPath}`,
    },
  ];
  if (ratio < thresholds.capacity.warningRatio)
    return complete
      ? clear(`${percent(ratio)} of the tasks the ${nearest.level} may have`, evidence)
      : unknown(ANCESTOR);
  const most = processes.toSorted((a, b) => (b.threads ?? 0) - (a.threads ?? 0))[0];
  if (most?.threads !== undefined)
    evidence.push({
      signal: `threads of ${most.name}`,
      value: most.threads,
      unit: 'threads',
      source: `/proc/${most.pid}/stat num_threads`,
    });
  const shared = isShared(nearest.level);
  const inPod = nearest.level === 'pod';
  return {
    outcome: 'holds',
    // Every container below a shared level has the same finding: a word to each, and no alarm for each.
    severity: shared ? 'info' : ratio >= thresholds.capacity.criticalRatio ? 'critical' : 'warning',
    summary: `${shared ? `all that is below the ${nearest.level} level shares its limit of tasks: ` : ''}the ${nearest.level} has ${nearest.current} of the ${nearest.max} tasks it may have (${percent(ratio)}): at the limit no thread can be made, and a Go program that needs one ends`,
    evidence,
    remedy: {
      text: `See whether threads or processes grow (ThreadGrowth names the places)${inPod ? '; the limit is the kubelet’s podPidsLimit, for every pod of the node' : '; else raise the limit (TasksMax of the unit, or the pids limit of the container)'}: twice what it has now would be ${2 * nearest.current}.`,
    },
  };
}

/** pids.max counts threads; clone fails with EAGAIN at it (cgroup-v2.rst, PID), upon which Go throws "failed to create new OS thread" (runtime/os_linux.go, newosproc). */
export const pidsNearLimit: Rule = {
  id: 'PidsNearLimit',
  title: 'A pod or container is near its limit of processes and threads',
  subject: 'container',
  forSeconds: 60,
  about: {
    meaning:
      'The kernel counts every thread of a cgroup against pids.max. At the limit no thread can be started. The Go runtime starts threads when goroutines block in system calls, and ends the program when it cannot. In Kubernetes the limit is at the pod, so one container can use up another’s.',
    firesWhen: 'At some level, the container or above, tasks reach `capacity.warningRatio` of pids.max, for 60 s.',
    severity:
      'warning; critical from `capacity.criticalRatio` on; info when the limit is of a level that others share (a slice, kubepods).',
    change: 'Find what makes threads or processes; else raise podPidsLimit of the kubelet, or TasksMax of the unit.',
    silentWhen: 'There is no limit, or it is far.',
    unknownWhen: 'pids.current or pids.max of the container or of a level above could not be read.',
    sources: ['cgroup-v2.rst, PID', 'runtime/os_linux.go newosproc, Go 1.26'],
  },
  detect,
};
