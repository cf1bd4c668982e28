import type { RuleId } from '../../../src/rules/types.ts';
import { limitInTemplate, resize } from './resize.ts';
import type { Runbook } from './types.ts';

/** The kernel ended something, or something ends again and again. */
export const kills = {
  OomKilled: {
    impact:
      'A process was ended without warning: requests in flight are lost, what was not written is gone. A killed process 1 restarts the container; another process may be missing from then on without anybody noticing.',
    diagnosis: [
      {
        say: 'What the Go runtime looked like in the last sample before the kill is in the finding: heap, goal, GOMEMLIMIT, goroutines, pressure. Read that first; the container that runs now has an empty heap.',
      },
      {
        say: 'How it ended, and how often.',
        sh: `kubectl -n NAMESPACE get pod POD -o jsonpath='{range .status.containerStatuses[*]}{.name} {.restartCount} {.lastState.terminated.reason}{"\\n"}{end}'`,
      },
      {
        say: 'The hours before the kill: slow growth is a leak or a cache, a spike is load, a flat line below the limit is memory that ran out above the pod.',
        promql: [
          'cgopher_container_memory_current_bytes{SUBJECT}',
          'cgopher_container_memory_effective_max_bytes{SUBJECT}',
        ],
      },
      {
        say: 'Did the heap follow, or memory outside Go?',
        promql: ['cgopher_go_heap_live_bytes{SUBJECT}', 'cgopher_go_unmanaged_memory_bytes{SUBJECT}'],
      },
      {
        say: 'Was it the node? Little available at that time means so.',
        promql: 'cgopher_node_memory_available_bytes{node="NODE"}',
      },
    ],
    mitigation: [
      resize(
        'memory',
        'It must not happen again in the next minutes: raise the memory limit in place (Kubernetes 1.33 or newer).',
      ),
      limitInTemplate('memory'),
      {
        say: 'No GOMEMLIMIT, and the live heap fits: set it about 10 % below the limit of the template.',
        sh: 'kubectl -n NAMESPACE set env deployment/WORKLOAD -c CONTAINER GOMEMLIMIT=VALUE',
      },
      {
        say: 'The live heap does not fit: a leak or a larger working set. `cgopher go PID --heap` after some hours shows who holds it.',
      },
      { say: 'Memory outside Go: as in the runbook of [CgopherNonGoMemory](CgopherNonGoMemory.md).' },
      {
        say: 'No limit in the pod was reached: give the pod a memory request near what it uses, and look for what filled the node.',
        promql: 'topk(10, cgopher_container_memory_anon_bytes{node="NODE"})',
      },
    ],
  },
  OomKilledOutsidePods: {
    impact:
      'A service of the node, or a container that Kubernetes does not know, was ended. Node services (the runtime, log shippers, agents) take features of every pod with them.',
    diagnosis: [
      {
        say: 'What the kernel says of it. On the node:',
        sh: 'journalctl -k --since -1h | grep -iE "out of memory|oom-kill|killed process"',
      },
      {
        say: 'Is the unit back?',
        sh: 'systemctl status UNIT && systemctl show -p MemoryMax,MemoryHigh,NRestarts UNIT',
      },
      {
        say: 'Was it its own limit or the node?',
        promql: 'cgopher_node_memory_available_bytes{node="NODE"} / cgopher_node_memory_total_bytes{node="NODE"}',
      },
    ],
    mitigation: [
      {
        say: 'Its own limit: raise it, and set GOMEMLIMIT about 10 % below in the unit (`Environment=GOMEMLIMIT=900MiB`).',
        sh: 'systemctl set-property UNIT MemoryMax=VALUE',
      },
      { say: 'Docker and Podman: `--memory` higher, `--env GOMEMLIMIT=` with it.' },
      {
        say: 'The node: reserve memory for its services (`systemReserved` and `kubeReserved` of the kubelet), and protect what must live with `OOMScoreAdjust=-900` or `MemoryLow=`.',
      },
    ],
  },
  ContainerRestartLoop: {
    impact:
      'The workload is there for part of the time only. The kubelet waits longer before each start, up to five minutes. What it was doing is lost each time; a service with few replicas answers errors.',
    diagnosis: [
      {
        say: 'How it ended last: reason and exit code. `OOMKilled` or 137 is memory, 2 a Go panic, 143 a SIGTERM, 1 its own error.',
        sh: `kubectl -n NAMESPACE get pod POD -o jsonpath='{range .status.containerStatuses[*]}{.name} {.restartCount} {.lastState.terminated}{"\\n"}{end}'`,
      },
      { say: 'Its last words.', sh: 'kubectl -n NAMESPACE logs POD -c CONTAINER --previous --tail=100' },
      {
        say: 'Probes that failed, images that could not be pulled.',
        sh: 'kubectl -n NAMESPACE get events --field-selector involvedObject.name=POD',
      },
      { say: 'Findings of the same pod.', promql: 'cgopher_finding{SUBJECT}' },
    ],
    mitigation: [
      { say: 'After a rollout: go back.', sh: 'kubectl -n NAMESPACE rollout undo deployment/WORKLOAD' },
      { say: 'Killed for memory: the runbook of [CgopherOomKilled](CgopherOomKilled.md).' },
      {
        say: 'Killed by a liveness probe while throttled or waiting for memory: mend that first (`cgopher_finding` of the pod says so); a longer `timeoutSeconds` buys time.',
      },
      {
        say: 'A panic or its own error: the previous log goes to the team that owns it. Scale to zero what does harm by starting.',
        sh: 'kubectl -n NAMESPACE scale deployment/WORKLOAD --replicas=0',
      },
    ],
  },
} as const satisfies Partial<Record<RuleId, Runbook>>;
