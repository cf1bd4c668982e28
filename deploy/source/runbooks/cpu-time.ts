import type { RuleId } from '../../../src/rules/types.ts';
import { limitInTemplate, resize } from './resize.ts';
import type { Runbook, Step } from './types.ts';

const throttledRatio: Step = {
  say: 'Share of the periods that were cut short. From 5 % on it shows in the tail, from 25 % on in the median.',
  promql: 'container:cgopher_container_cpu_throttled_periods_per_periods:ratio_rate5m{SUBJECT}',
};
const processors: Step = {
  say: 'GOMAXPROCS against the limit. When GOMAXPROCS is above the limit rounded up, begin with it.',
  promql: ['cgopher_go_gomaxprocs_threads{SUBJECT}', 'cgopher_container_cpu_effective_limit_cores{SUBJECT}'],
};
const raiseLimit: readonly Step[] = [
  resize('cpu', 'Raise the CPU limit at the level the finding names; in place on Kubernetes 1.33 or newer.'),
  limitInTemplate('cpu'),
];

/** What the program gets of the CPU, and what the collector makes of it. */
export const cpuTime = {
  CpuThrottled: {
    impact:
      'Each request that meets a stop waits for up to one period (100 ms as a rule). Timeouts between services, failed probes and retries follow, and retries bring more load. Replicas with the same limit behave alike, so it often hits the whole service at once.',
    diagnosis: [
      throttledRatio,
      processors,
      {
        say: 'Is it load? Cores used against the hours before.',
        promql: 'container:cgopher_container_cpu_usage_seconds:rate5m{SUBJECT}',
      },
      {
        say: 'Does the collector use the CPU? Above 10 % of the CPU time, look at memory settings first.',
        promql: 'container:cgopher_go_gc_cpu_per_process_cpu:ratio_rate5m{SUBJECT}',
      },
    ],
    mitigation: [
      {
        say: 'When GOMAXPROCS is above the limit, set it to the value in the finding; nothing else is needed then.',
        sh: 'kubectl -n NAMESPACE set env deployment/WORKLOAD -c CONTAINER GOMAXPROCS=VALUE',
      },
      ...raiseLimit,
      {
        say: 'Under a load that does not end: more replicas.',
        sh: 'kubectl -n NAMESPACE scale deployment/WORKLOAD --replicas=COUNT',
      },
      {
        say: 'For good, where policy allows: a CPU request and no CPU limit. The request still bounds what neighbours can take away.',
      },
    ],
  },
  CpuThrottledByGc: {
    impact:
      'Latency rises in step with collections: every few seconds, for one or two periods. Averages hide it. The program itself would fit its limit.',
    diagnosis: [
      throttledRatio,
      {
        say: 'Share of the CPU time spent on collecting, and collections per minute.',
        promql: [
          'container:cgopher_go_gc_cpu_per_process_cpu:ratio_rate5m{SUBJECT}',
          'rate(cgopher_go_gc_cycles_total{SUBJECT}[5m]) * 60',
        ],
      },
      {
        say: 'Collections the program asks for itself. More than none are calls of `runtime.GC` or `debug.FreeOSMemory`.',
        promql: 'rate(cgopher_go_gc_forced_cycles_total{SUBJECT}[15m]) * 60',
      },
      processors,
    ],
    mitigation: [
      {
        say: 'GOMAXPROCS first, when it is above the limit: idle Ps take part in each collection.',
        sh: 'kubectl -n NAMESPACE set env deployment/WORKLOAD -c CONTAINER GOMAXPROCS=VALUE',
      },
      {
        say: 'Then collect less often, where memory has room: GOGC=200 halves the number of collections and lets the heap grow to three times its live size. Set GOMEMLIMIT with it, so that it cannot grow past the limit.',
        sh: 'kubectl -n NAMESPACE set env deployment/WORKLOAD -c CONTAINER GOGC=200 GOMEMLIMIT=VALUE',
      },
      ...raiseLimit,
      {
        say: 'For good: fewer allocations. Take an allocation profile and look at what is at the top.',
        sh: 'cgopher go PID --heap',
      },
    ],
  },
  GcPauseStretchedByThrottling: {
    impact:
      'Every goroutine of the program stops for tens of milliseconds, twice a collection at worst. Users see it as rare, long answers; leader elections and heartbeats with tight deadlines can fail.',
    diagnosis: [
      {
        say: 'Pauses at the 99th percentile. Without throttling they are below a millisecond.',
        promql: 'cgopher_go_gc_pause_p99_seconds{SUBJECT}',
      },
      throttledRatio,
      processors,
    ],
    mitigation: [
      {
        say: 'Mend the throttling; the pauses follow. GOMAXPROCS to the limit first.',
        sh: 'kubectl -n NAMESPACE set env deployment/WORKLOAD -c CONTAINER GOMAXPROCS=VALUE',
      },
      ...raiseLimit,
      { say: 'Do not change GOGC for this: it makes pauses rarer, not shorter.' },
    ],
  },
  SchedulerLatencyHigh: {
    impact:
      'Every answer waits that much longer, also those that need no CPU to speak of: a goroutine that is ready does not run. Timeouts set to a few milliseconds fire without reason.',
    diagnosis: [
      {
        say: 'How long goroutines wait, at the 99th percentile.',
        promql: 'cgopher_go_scheduler_latency_p99_seconds{SUBJECT}',
      },
      {
        say: 'Goroutines in the queue now. More than GOMAXPROCS for long: too few Ps, or too much work.',
        promql: 'cgopher_go_runnable_goroutines{SUBJECT}',
      },
      throttledRatio,
      {
        say: 'Waiting for CPU without throttling: neighbours, or a full node.',
        promql: [
          'container:cgopher_container_pressure_stalled_seconds:rate5m{SUBJECT,resource="cpu",extent="some"}',
          'rate(cgopher_node_pressure_stalled_seconds_total{node="NODE",resource="cpu",extent="some"}[5m])',
        ],
      },
    ],
    mitigation: [
      { say: 'Its own limit (throttled): as in the runbook of [CgopherCpuThrottled](CgopherCpuThrottled.md).' },
      {
        say: 'Too few Ps: set GOMAXPROCS to the value in the finding.',
        sh: 'kubectl -n NAMESPACE set env deployment/WORKLOAD -c CONTAINER GOMAXPROCS=VALUE',
      },
      {
        say: 'Neighbours: a CPU request near what it uses. The kernel shares CPU by requests when the node is full.',
        sh: 'kubectl -n NAMESPACE set resources deployment/WORKLOAD -c CONTAINER --requests=cpu=VALUE',
      },
      {
        say: 'A full node: move the pod, or add nodes. All its own work: more replicas.',
        sh: 'kubectl cordon NODE && kubectl -n NAMESPACE delete pod POD',
      },
    ],
  },
  CpusetSpansNumaNodes: {
    impact:
      'Memory accesses to the other node take half as long again or twice as long, and more so in collections, which touch the whole heap. The program is slower by some per cent up to a third than with all its CPUs on one node. Nothing fails.',
    diagnosis: [
      {
        say: 'Which CPUs belong to which node, and where the memory is. On the node, with the cgroup path of the finding:',
        sh: 'lscpu --extended=CPU,NODE && cat /sys/fs/cgroup/CGROUP/cpuset.cpus.effective /sys/fs/cgroup/CGROUP/memory.numa_stat',
      },
      {
        say: 'Is it busy enough to matter? Cores used.',
        promql: 'container:cgopher_container_cpu_usage_seconds:rate5m{SUBJECT}',
      },
      {
        say: 'What the kubelet is told to do.',
        sh: `kubectl get --raw /api/v1/nodes/NODE/proxy/configz | jq '.kubeletconfig | {cpuManagerPolicy, topologyManagerPolicy, memoryManagerPolicy}'`,
      },
    ],
    mitigation: [
      { say: 'Nothing at 3 am: this is a note. Put it on the list of the team that runs the nodes.' },
      {
        say: 'Kubelet configuration: `topologyManagerPolicy: single-numa-node` (or `restricted`) and `memoryManagerPolicy: Static`. Drain the node, remove the kubelet’s `cpu_manager_state` and `memory_manager_state`, and start it again.',
      },
      { say: 'A container that asks for more CPUs than one node has cannot fit: split it into replicas that do.' },
      {
        say: 'Elsewhere: `cpuset.cpus` and `cpuset.mems` of one node, `AllowedCPUs=` and `AllowedMemoryNodes=` in systemd.',
      },
    ],
  },
} as const satisfies Partial<Record<RuleId, Runbook>>;
