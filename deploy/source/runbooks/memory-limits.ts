import type { RuleId } from '../../../src/rules/types.ts';
import { limitAndGomemlimitInTemplate, limitInTemplate, resize, restartContainer } from './resize.ts';
import type { Runbook, Step } from './types.ts';

const picture: Step = {
  say: 'The whole picture in bytes: live heap, heap goal, what GOMEMLIMIT governs, memory charged, limit.',
  promql: [
    'cgopher_go_heap_live_bytes{SUBJECT}',
    'cgopher_go_heap_goal_bytes{SUBJECT}',
    'cgopher_go_managed_memory_bytes{SUBJECT}',
    'cgopher_container_memory_current_bytes{SUBJECT}',
    'cgopher_container_memory_effective_max_bytes{SUBJECT}',
  ],
};
const gomemlimit: Step = {
  say: 'GOMEMLIMIT in force and where it comes from (`from`). No series: none is set.',
  promql: 'cgopher_go_gomemlimit_bytes{SUBJECT}',
};
const outside: Step = {
  say: 'Memory of the container that Go does not manage and GOMEMLIMIT does not count.',
  promql: 'cgopher_go_unmanaged_memory_bytes{SUBJECT}',
};
const setGomemlimit: Step = {
  say: 'Set GOMEMLIMIT to the value in the finding, in Go’s own grammar: `900MiB`, not `900Mi`, which ends the program at its start. This rolls the workload.',
  sh: 'kubectl -n NAMESPACE set env deployment/WORKLOAD -c CONTAINER GOMEMLIMIT=VALUE',
};
const raiseMemory = resize(
  'memory',
  'No time for a rollout: raise the memory limit in place (Kubernetes 1.33 or newer). It takes effect at once and needs no restart.',
);

/** GOMEMLIMIT, GOGC and the bounds of the cgroup. */
export const memoryLimits = {
  GomemlimitMissing: {
    impact:
      'None yet. With the next peak of load the heap may grow to twice its live size and the kernel kills the container: requests in flight are lost, and the restart brings load to the others.',
    diagnosis: [
      picture,
      outside,
      {
        say: 'How near it came already: the largest memory.current against the limit.',
        promql:
          'cgopher_container_memory_peak_bytes{SUBJECT} / ignoring (level) cgopher_container_memory_effective_max_bytes{SUBJECT}',
      },
      { say: 'Kills so far.', promql: 'cgopher_container_memory_events_total{SUBJECT,event="oom_kill"}' },
    ],
    mitigation: [
      setGomemlimit,
      {
        say: 'When the finding says that the live heap would not fit: raise the memory limit first. A GOMEMLIMIT near the live heap makes the collector run all the time.',
        sh: 'kubectl -n NAMESPACE set resources deployment/WORKLOAD -c CONTAINER --limits=memory=VALUE',
      },
      {
        say: 'For good: GOMEMLIMIT beside the limit in the same manifest, at about 90 % of it, so that both change together.',
      },
    ],
  },
  GomemlimitAboveMemoryLimit: {
    impact:
      'GOMEMLIMIT protects nothing: the kernel kills before the collector begins to try. People believe that the container is safe because a GOMEMLIMIT is set.',
    diagnosis: [
      gomemlimit,
      { say: 'The memory limit and its level.', promql: 'cgopher_container_memory_effective_max_bytes{SUBJECT}' },
      outside,
      {
        say: 'Where the value comes from. `resourceFieldRef: limits.memory` on a container without a limit gives the memory of the whole node.',
        sh: `kubectl -n NAMESPACE get pod POD -o jsonpath='{.spec.containers[*].env}'`,
      },
    ],
    mitigation: [
      setGomemlimit,
      raiseMemory,
      limitInTemplate('memory'),
      {
        say: 'A value far above the limit: give the container a memory limit, or write GOMEMLIMIT as a number in place of the downward API. The downward API gives the whole limit, without room for what is not Go.',
      },
    ],
  },
  NextGcBeyondMemoryLimit: {
    impact:
      'The container is killed when its heap has grown to the limit, before the collection that would have freed memory. The finding says in how long, at the present growth. All requests in flight are lost; in a service with equal replicas the next ones follow.',
    diagnosis: [
      picture,
      {
        say: 'How fast it grows: bytes per minute over the last quarter of an hour.',
        promql: 'deriv(cgopher_container_memory_current_bytes{SUBJECT}[15m]) * 60',
      },
      outside,
      { say: 'Did it grow by goroutines?', promql: 'container:cgopher_go_goroutines:sum{SUBJECT}' },
    ],
    mitigation: [
      raiseMemory,
      limitAndGomemlimitInTemplate('Then the GOMEMLIMIT that the finding names for the raised limit.'),
      {
        say: 'The limit stays as it is: set the GOMEMLIMIT of the finding alone.',
        sh: 'kubectl -n NAMESPACE set env deployment/WORKLOAD -c CONTAINER GOMEMLIMIT=VALUE',
      },
      {
        say: 'Without either: a lower GOGC brings the goal down at the cost of CPU. GOGC=50 makes the goal one and a half times the live heap.',
        sh: 'kubectl -n NAMESPACE set env deployment/WORKLOAD -c CONTAINER GOGC=50',
      },
      {
        say: 'When the live heap alone is near the limit, no setting helps: raise the limit, and look for a leak with `cgopher go PID --heap`.',
      },
    ],
  },
  GcOffUnbounded: {
    impact:
      'Memory only grows, at the rate of allocation. With a memory limit the container is killed again and again, at regular times; without one the node runs short and others are killed or evicted.',
    diagnosis: [
      {
        say: 'Growth in bytes per minute, and the limit it runs to.',
        promql: [
          'deriv(cgopher_container_memory_anon_bytes{SUBJECT}[15m]) * 60',
          'cgopher_container_memory_effective_max_bytes{SUBJECT}',
        ],
      },
      {
        say: 'Does the program collect by itself? Then it may be meant.',
        promql: 'rate(cgopher_go_gc_forced_cycles_total{SUBJECT}[15m])',
      },
      {
        say: 'Is GOGC=off in the manifest, or is it a call of `debug.SetGCPercent(-1)`?',
        sh: `kubectl -n NAMESPACE get pod POD -o jsonpath='{.spec.containers[*].env}'`,
      },
    ],
    mitigation: [
      {
        say: 'With a memory limit: set GOMEMLIMIT to the value in the finding. The collector then runs only when memory gets short, which is what GOGC=off is meant for.',
        sh: 'kubectl -n NAMESPACE set env deployment/WORKLOAD -c CONTAINER GOMEMLIMIT=VALUE',
      },
      {
        say: 'Without one: put the collector back on.',
        sh: 'kubectl -n NAMESPACE set env deployment/WORKLOAD -c CONTAINER GOGC-',
      },
      {
        say: 'A call in the program must change in the program. Until then restart it before it reaches its limit.',
        sh: 'kubectl -n NAMESPACE rollout restart deployment/WORKLOAD',
      },
    ],
  },
  GomemlimitAboveMemoryHigh: {
    impact:
      'Nothing is killed and nothing is logged, but each thread that allocates is made to wait, up to two seconds at a time. The program seems to hang under load; probes fail and the kubelet may restart it.',
    diagnosis: [
      {
        say: 'memory.high of the container, memory charged, and GOMEMLIMIT.',
        promql: [
          'cgopher_container_memory_high_bytes{SUBJECT}',
          'cgopher_container_memory_current_bytes{SUBJECT}',
          'cgopher_go_gomemlimit_bytes{SUBJECT}',
        ],
      },
      {
        say: 'How often it was slowed down.',
        promql: 'rate(cgopher_container_memory_events_total{SUBJECT,event="high"}[5m])',
      },
      {
        say: 'Time lost: some task, and all of them.',
        promql: 'container:cgopher_container_pressure_stalled_seconds:rate5m{SUBJECT,resource="memory"}',
      },
      {
        say: 'Who set memory.high: the kubelet’s MemoryQoS (`memoryThrottlingFactor`), or MemoryHigh= of a unit.',
        sh: 'systemctl show -p MemoryHigh UNIT',
      },
    ],
    mitigation: [
      {
        say: 'Raise memory.high, or take it away, while users wait. For a unit:',
        sh: 'systemctl set-property --runtime UNIT MemoryHigh=VALUE',
      },
      setGomemlimit,
      {
        say: 'With MemoryQoS: a higher memory request or limit moves memory.high up; so does a `memoryThrottlingFactor` nearer to 1 in the kubelet’s configuration.',
      },
    ],
  },
  StaleMemoryLimit: {
    impact:
      'After a smaller limit the kernel kills before the collector tries harder. After a larger one the memory added is not used and the collector works as hard as before: the resize looks as if it had not helped.',
    diagnosis: [
      gomemlimit,
      {
        say: 'When the limit changed, and to what.',
        promql: [
          'changes(cgopher_container_memory_effective_max_bytes{SUBJECT}[6h])',
          'cgopher_container_memory_effective_max_bytes{SUBJECT}',
        ],
      },
      { say: 'Who resizes.', sh: 'kubectl -n NAMESPACE get events --field-selector involvedObject.name=POD' },
    ],
    mitigation: [
      limitAndGomemlimitInTemplate(
        'The limit that is in force now shall stay: set it, and the GOMEMLIMIT of the finding.',
      ),
      restartContainer('Where GOMEMLIMIT comes from the downward API or automemlimit, a restart is enough.'),
      {
        say: 'For workloads that are resized often: `resizePolicy: [{resourceName: memory, restartPolicy: RestartContainer}]`, or a program that calls `debug.SetMemoryLimit` when its limit changes.',
      },
    ],
  },
  MemoryLowBelowWorkingSet: {
    impact:
      'When the node runs short, pages of this container are taken and read back, over and over. It slows down together with its disk. On a node with free memory nothing happens.',
    diagnosis: [
      {
        say: 'What is protected against what it works with.',
        promql: ['cgopher_container_memory_low_bytes{SUBJECT}', 'cgopher_container_memory_working_set_bytes{SUBJECT}'],
      },
      {
        say: 'Page faults that wait for the disk, per second.',
        promql: 'rate(cgopher_container_memory_major_page_faults_total{SUBJECT}[5m])',
      },
      {
        say: 'Is the node short of memory?',
        promql: 'cgopher_node_memory_available_bytes{node="NODE"} / cgopher_node_memory_total_bytes{node="NODE"}',
      },
    ],
    mitigation: [
      {
        say: 'Raise memory.low to the value in the finding. For a unit:',
        sh: 'systemctl set-property UNIT MemoryLow=VALUE',
      },
      {
        say: 'In Kubernetes memory.low and memory.min come from the memory request with MemoryQoS: raise the request.',
        sh: 'kubectl -n NAMESPACE set resources deployment/WORKLOAD -c CONTAINER --requests=memory=VALUE',
      },
      {
        say: 'What is protected at one place is missing at another: the sum over the node must stay well below its memory.',
      },
    ],
  },
  RequestFarBelowLimit: {
    impact:
      'None while the node has memory. When it runs short, this pod is among the first that the kubelet evicts and the kernel kills, because it uses more than it asked for. Several such pods on one node make it run short.',
    diagnosis: [
      {
        say: 'Working set now and its largest of a day. The request is in the finding.',
        promql: 'max_over_time(cgopher_container_memory_working_set_bytes{SUBJECT}[1d])',
      },
      {
        say: 'Request and limit as they were asked for.',
        sh: `kubectl -n NAMESPACE get pod POD -o jsonpath='{.spec.containers[*].resources}'`,
      },
      {
        say: 'How short the node is.',
        promql: 'cgopher_node_memory_available_bytes{node="NODE"} / cgopher_node_memory_total_bytes{node="NODE"}',
      },
    ],
    mitigation: [
      {
        say: 'Raise the memory request to the value in the finding. The scheduler may then place the pod elsewhere.',
        sh: 'kubectl -n NAMESPACE set resources deployment/WORKLOAD -c CONTAINER --requests=memory=VALUE',
      },
      {
        say: 'Do not press the program under its request with GOMEMLIMIT: near the live heap and what lies beside it the collector runs all the time (GcDeathSpiral). What a value would cost, before anybody sets it, with that value for 512MiB. On the node:',
        sh: 'cgopher whatif --namespace NAMESPACE --pod POD --container CONTAINER --gomemlimit 512MiB',
      },
      { say: 'For what must not be evicted: request = limit for CPU and memory of all containers (Guaranteed).' },
    ],
  },
} as const satisfies Partial<Record<RuleId, Runbook>>;
