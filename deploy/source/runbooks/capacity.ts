import type { RuleId } from '../../../src/rules/types.ts';
import { setGodebug } from './godebug.ts';
import type { Runbook } from './types.ts';

/** Hard limits that are no memory and no CPU. */
export const capacity = {
  ThreadGrowth: {
    impact:
      'Threads never end in a Go program. Each costs kernel memory and counts against the limit of tasks of the pod; at 10,000 the runtime ends the program with `thread exhaustion`.',
    diagnosis: [
      {
        say: 'Threads, and their growth per hour.',
        promql: ['cgopher_go_process_threads{SUBJECT}', 'deriv(cgopher_go_process_threads{SUBJECT}[1h]) * 3600'],
      },
      {
        say: 'Tasks of the container against its limit.',
        promql: ['cgopher_container_pids_current{SUBJECT}', 'cgopher_container_pids_max{SUBJECT}'],
      },
      {
        say: 'What they do: goroutines in a system call, by place. On the node, with the pid of the finding:',
        sh: 'cgopher go PID --goroutines',
      },
    ],
    mitigation: [
      {
        say: 'Threads go only with the process: restart it when the limit is near.',
        sh: 'kubectl -n NAMESPACE rollout restart deployment/WORKLOAD',
      },
      { say: 'A slow disk or network file system blocks reads in the kernel: mend it, the growth stops.' },
      ...setGodebug('netdns=go', 'Name resolution through C (`cgo`): use Go’s own resolver.'),
      { say: 'For good: a semaphore around blocking file access and C calls, as wide as the disk can serve.' },
    ],
  },
  PidsNearLimit: {
    impact:
      'At the limit no thread and no process can be started anywhere below it: a Go program ends with `failed to create new OS thread`, `kubectl exec` and exec probes fail. In Kubernetes the limit is the pod’s, so all its containers are hit.',
    diagnosis: [
      {
        say: 'Tasks against the limit, for each container of the pod. A limit above the container is in the finding only.',
        promql: [
          'cgopher_container_pids_current{namespace="NAMESPACE",pod="POD"}',
          'cgopher_container_pids_max{namespace="NAMESPACE",pod="POD"}',
        ],
      },
      { say: 'Threads of the Go programs among them.', promql: 'cgopher_go_process_threads{SUBJECT}' },
      {
        say: 'Many processes instead? Zombies that nobody waits for have state Z. On the node, with the cgroup path of the finding:',
        sh: 'xargs ps -o pid,ppid,stat,nlwp,comm -p < /sys/fs/cgroup/CGROUP/cgroup.procs',
      },
    ],
    mitigation: [
      {
        say: 'Raise the limit while it runs. It holds until the kubelet or systemd writes it again. On the node, at the level of the finding:',
        sh: 'echo VALUE > /sys/fs/cgroup/CGROUP/pids.max',
      },
      { say: 'Threads of a Go program: the runbook of [CgopherThreadGrowth](CgopherThreadGrowth.md).' },
      {
        say: 'Zombies: an init as process 1 (`shareProcessNamespace: true`, tini), or a program that waits for its children.',
      },
      {
        say: 'For good: `podPidsLimit` in the kubelet’s configuration, `TasksMax=` of the unit.',
        sh: 'systemctl set-property UNIT TasksMax=VALUE',
      },
    ],
  },
  FileDescriptorsNearLimit: {
    impact:
      'At the limit no connection is accepted or made and no file opened: `too many open files`. What is open goes on, so probes over kept connections may stay green.',
    diagnosis: [
      {
        say: 'Count and limit are in the finding. What they are, on the node with its pid:',
        sh: `ls -l /proc/PID/fd | awk '{print $NF}' | sed 's/[0-9:\\[].*//' | sort | uniq -c | sort -rn | head`,
      },
      {
        say: 'Sockets by state. Many in CLOSE-WAIT: answers that are never closed.',
        sh: "nsenter -t PID -n ss -tan state all | awk '{print $1}' | sort | uniq -c",
      },
      {
        say: 'Do goroutines grow with them? Then it is a leak of requests.',
        promql: 'container:cgopher_go_goroutines:sum{SUBJECT}',
      },
    ],
    mitigation: [
      {
        say: 'Raise the soft limit of the running process, as root on the node:',
        sh: 'prlimit --pid PID --nofile=VALUE:VALUE',
      },
      {
        say: 'A leak: restart it, and close what is opened. In Go: `defer resp.Body.Close()`, `rows.Close()`, `MaxIdleConnsPerHost` and `IdleConnTimeout` of the transport.',
        sh: 'kubectl -n NAMESPACE rollout restart deployment/WORKLOAD',
      },
      {
        say: 'No leak, but load: `LimitNOFILE=` of the unit, or of the container runtime’s unit for containers. Go raises its soft limit to the hard one at its start.',
      },
    ],
  },
} as const satisfies Partial<Record<RuleId, Runbook>>;
