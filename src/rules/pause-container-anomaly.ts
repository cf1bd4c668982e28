import { humanBytes } from './quantity.ts';
import type { Evidence, PodContext, Rule, Verdict } from './types.ts';
import { clear, unknown } from './verdict.ts';

const PAUSE = 'pause';
const NOT_PRINTABLE = /[^\x20-\x7e]/g;

/** Names of processes are other people's text. */
function namesText(names: readonly string[]): string {
  return names.map((name) => name.replace(NOT_PRINTABLE, '?')).join(', ');
}

function detect({ pod, thresholds }: PodContext): Verdict {
  const { sandbox } = pod;
  if (sandbox === undefined) return clear('no pause container is seen in the pod');
  const { tasks, anonBytes, processes, cgroupPath } = sandbox;
  if (processes === undefined) return unknown('processes of the pause container');
  if (processes.length === 0) return clear('the pause container has no process');
  if (!processes.includes(PAUSE))
    return clear(`its sandbox holds no pause process but ${namesText(processes)}: a runtime with a sandbox of its own`);
  const bounds = thresholds.sandbox;
  const tooMany = tasks !== undefined && tasks > bounds.taskCount;
  const tooLarge = anonBytes !== undefined && anonBytes > bounds.memoryBytes;
  const evidence: Evidence[] = [];
  if (tasks !== undefined)
    evidence.push({
      signal: 'tasks of the pause container',
      value: tasks,
      unit: 'count',
      bound: bounds.taskCount,
      source: `pids.current of ${cgroupPath}`,
    });
  if (anonBytes !== undefined)
    evidence.push({
      signal: 'anonymous memory of the pause container',
      value: anonBytes,
      unit: 'bytes',
      bound: bounds.memoryBytes,
      source: `memory.stat anon of ${cgroupPath}`,
    });
  if (!tooMany && !tooLarge) {
    if (tasks === undefined) return unknown('pids.current of the pause container');
    if (anonBytes === undefined) return unknown('memory.stat of the pause container');
    return clear(
      `${tasks} task${tasks === 1 ? '' : 's'} and ${humanBytes(anonBytes)}, as of a pause process`,
      evidence,
    );
  }
  evidence.push({ signal: 'processes there', value: namesText(processes), unit: '', source: 'cgroup.procs and comm' });
  const what = [
    ...(tooMany ? [`${tasks} tasks`] : []),
    ...(tooLarge ? [`${humanBytes(anonBytes)} of memory of its own`] : []),
  ].join(' and ');
  return {
    outcome: 'holds',
    severity: 'info',
    summary: `the pause container has ${what}, where a pause process has one task and some KiB`,
    evidence,
    remedy: {
      text: `See what runs there: the processes in cgroup.procs of ${cgroupPath} (${namesText(processes)}), and the sandbox image the runtime is configured with. A process that was put there by hand belongs into a container of its own.`,
    },
  };
}

/** The pause process waits for signals for ever: one thread, tens of KiB (kubernetes/build/pause/linux/pause.c). */
export const pauseContainerAnomaly: Rule = {
  id: 'PauseContainerAnomaly',
  title: 'The pause container of a pod holds more than a pause process',
  subject: 'pod',
  forSeconds: 60,
  about: {
    meaning:
      'Each pod has a sandbox container that only keeps its namespaces. Its one process sleeps. No probe, log or metric of Kubernetes looks into it, and nothing limits it but the pod’s own limits. More tasks or memory there are a changed sandbox image, a process that somebody put into its cgroup, or a program that calls itself pause.',
    firesWhen:
      'A process called `pause` is in the sandbox’s cgroup, and it has more than `sandbox.taskCount` tasks, or its anonymous memory is above `sandbox.memoryBytes`, for 60 s.',
    severity: 'info.',
    change: 'Look at the processes named; compare the sandbox image with what the runtime is configured to use.',
    silentWhen:
      'It has the tasks and memory of a pause process; the pod has no sandbox cgroup (CRI-O can go without); or no process in it is called pause: runtimes with a sandbox of their own (gVisor, Kata) keep the whole pod there. Page cache does not count: the runtime’s own files stay behind in it.',
    unknownWhen: 'Tasks, memory or processes of the sandbox could not be read.',
    sources: [
      'kubernetes/build/pause/linux/pause.c: sigaction, pause() and wait, one thread',
      'Kubernetes, Container Runtime Interface: RunPodSandbox',
    ],
  },
  detect,
};
