import type { RuleId } from '../../../src/rules/types.ts';
import { limitInTemplate, resize, restartContainer } from './resize.ts';
import type { Runbook, Step } from './types.ts';

const SET_GOMAXPROCS: Step = {
  say: 'Set GOMAXPROCS to the value in the finding. This rolls the workload.',
  sh: 'kubectl -n NAMESPACE set env deployment/WORKLOAD -c CONTAINER GOMAXPROCS=VALUE',
};

const limitAndProcessors: Step = {
  say: 'GOMAXPROCS against the CPU limit, and the level that sets the limit (`level`).',
  promql: ['cgopher_go_gomaxprocs_threads{SUBJECT}', 'cgopher_container_cpu_effective_limit_cores{SUBJECT}'],
};

const throttledRatio: Step = {
  say: 'Does it throttle? Below 1 % the setting is wrong but does no harm yet.',
  promql: 'container:cgopher_container_cpu_throttled_periods_per_periods:ratio_rate5m{SUBJECT}',
};

/** GOMAXPROCS and the CPU limit. */
export const cpuSettings = {
  GomaxprocsAboveCpuLimit: {
    impact:
      'Latency. When all Ps run, the quota of a period (100 ms as a rule) is gone early and every request in the container waits for the rest of it. Users see tail latency in steps of the period; health checks with short timeouts may fail. Mean CPU use looks low all the while.',
    diagnosis: [
      limitAndProcessors,
      throttledRatio,
      {
        say: 'What does the runtime of this Go version choose by itself? When this is lower than what is in force, something sets GOMAXPROCS.',
        promql: 'cgopher_go_gomaxprocs_expected_threads{SUBJECT}',
      },
    ],
    mitigation: [
      SET_GOMAXPROCS,
      resize(
        'cpu',
        'When latency must come down before a rollout can go out, raise the CPU limit in place (Kubernetes 1.33 or newer). Go 1.25 and newer follow it within a second; older programs keep their GOMAXPROCS, which then fits better.',
      ),
      limitInTemplate('cpu'),
      {
        say: 'For good: build with Go 1.25 or newer and `go 1.25` in go.mod, and remove GOMAXPROCS and calls of `runtime.GOMAXPROCS`. Then the runtime follows the limit.',
      },
    ],
  },
  GomaxprocsNotContainerAware: {
    impact:
      'As with GomaxprocsAboveCpuLimit: throttling and tail latency under load. It comes back with each new service that is built the same way, because the cause is in go.mod or in an image-wide GODEBUG.',
    diagnosis: [
      limitAndProcessors,
      {
        say: 'Which switch it is: the finding names `go` line or GODEBUG. Is GODEBUG in the manifest?',
        sh: `kubectl -n NAMESPACE get pod POD -o jsonpath='{.spec.containers[*].env}'`,
      },
      {
        say: 'Other programs of the same Go versions, to see how far it goes.',
        promql:
          'count by (go_version) (cgopher_go_info) and on (go_version) count by (go_version) (cgopher_go_info{SUBJECT})',
      },
    ],
    mitigation: [
      {
        say: 'Now: set GOMAXPROCS to the value in the finding, or take `containermaxprocs=0` out of GODEBUG when it is set in the manifest.',
        sh: 'kubectl -n NAMESPACE set env deployment/WORKLOAD -c CONTAINER GOMAXPROCS=VALUE',
      },
      {
        say: 'For good: raise the `go` line in go.mod and build anew. A `godebug` line that says `containermaxprocs=0` must go too.',
        sh: 'go mod edit -go=1.25 && go mod tidy',
      },
      {
        say: 'Then take GOMAXPROCS out of the manifest again, so that the runtime follows later changes of the limit.',
      },
    ],
  },
  GomaxprocsMissesAncestorLimit: {
    impact:
      'Throttling of all containers below the limit together: the pod or slice stops as one. The container itself shows no limit, so dashboards made of container limits show nothing.',
    diagnosis: [
      {
        say: 'Where the limit is: `level` is pod, qos or slice.',
        promql: 'cgopher_container_cpu_effective_limit_cores{SUBJECT}',
      },
      {
        say: 'Does the container have a limit of its own? No series means none.',
        promql: 'cgopher_container_cpu_limit_cores{SUBJECT}',
      },
      {
        say: 'A limit at the pod is in `spec.resources` of the pod (Kubernetes 1.34 or newer), one at a slice in systemd.',
        sh: `kubectl -n NAMESPACE get pod POD -o jsonpath='{.spec.resources}'`,
      },
    ],
    mitigation: [
      {
        say: 'Give the container a CPU limit no higher than that of its pod; the runtime finds it by itself within a second of the change.',
        sh: 'kubectl -n NAMESPACE set resources deployment/WORKLOAD -c CONTAINER --limits=cpu=2',
      },
      SET_GOMAXPROCS,
      { say: 'For a unit: `systemctl set-property UNIT CPUQuota=200%` on the unit itself in place of its slice.' },
    ],
  },
  GomaxprocsBelowCpuLimit: {
    impact:
      'Requests queue inside the program while CPU that is paid for stays unused. Adding replicas helps, and hides it. With GOMAXPROCS 1 each collection also stops the program for longer.',
    diagnosis: [
      limitAndProcessors,
      {
        say: 'CPU use in cores: near GOMAXPROCS means that it is saturated.',
        promql: 'container:cgopher_container_cpu_usage_seconds:rate5m{SUBJECT}',
      },
      { say: 'How long goroutines wait for a P.', promql: 'cgopher_go_scheduler_latency_p99_seconds{SUBJECT}' },
    ],
    mitigation: [
      SET_GOMAXPROCS,
      {
        say: 'Where the value was meant (a licence by core, a cgo library that is not thread-safe): lower CPU request and limit to it, and switch the rule off for this workload with an [override](../rules.md#rules-and-numbers-for-some-workloads).',
      },
      {
        say: 'A GOMAXPROCS of 1 under no limit often comes from a CPU request below one core that a start script turned into GOMAXPROCS: remove that.',
      },
    ],
  },
  GomaxprocsIgnoresCpuset: {
    impact:
      'Threads take turns on too few CPUs. A goroutine that holds a lock may be the one that waits, so latency varies more the busier the program is; collections take longer than the runtime plans for.',
    diagnosis: [
      {
        say: 'GOMAXPROCS against the CPUs the container may use.',
        promql: ['cgopher_go_gomaxprocs_threads{SUBJECT}', 'cgopher_container_cpuset_cpus{SUBJECT}'],
      },
      {
        say: 'The mask of the process. On the node, with the pid of the finding:',
        sh: 'grep Cpus_allowed_list /proc/PID/status',
      },
      {
        say: 'Does it wait for CPU?',
        promql: 'container:cgopher_container_pressure_stalled_seconds:rate5m{SUBJECT,resource="cpu",extent="some"}',
      },
    ],
    mitigation: [
      {
        say: 'Remove GOMAXPROCS from the environment and the call of `runtime.GOMAXPROCS`: by itself the runtime takes no more than the mask has at its start.',
        sh: 'kubectl -n NAMESPACE set env deployment/WORKLOAD -c CONTAINER GOMAXPROCS-',
      },
      {
        say: 'When the cpuset shrank while it ran (static CPU manager, an edited `cpuset.cpus`): restart the container. Go 1.25 and newer look again by themselves.',
      },
    ],
  },
  StaleCpuLimit: {
    impact:
      'After a smaller limit: throttling under load, at once. After a larger one: the CPU that was added is not used, and the resize looks as if it had not helped.',
    diagnosis: [
      { say: 'When the limit changed.', promql: 'changes(cgopher_container_cpu_effective_limit_cores{SUBJECT}[6h])' },
      limitAndProcessors,
      {
        say: 'Who resizes: a vertical autoscaler, or a person.',
        sh: 'kubectl -n NAMESPACE get events --field-selector involvedObject.name=POD',
      },
    ],
    mitigation: [
      restartContainer('Restart the container; the program then reads the limit that its pod has now.'),
      {
        say: 'The limit in force shall stay: write it into the template as well, and GOMAXPROCS with it where the manifest sets that. This rolls the workload. Guaranteed: `--requests=cpu=VALUE` with it.',
        sh: 'kubectl -n NAMESPACE set resources deployment/WORKLOAD -c CONTAINER --limits=cpu=VALUE',
      },
      {
        say: 'For workloads that are resized in place: build with Go 1.25 or newer, which looks again, or ask for a restart on CPU resizes: `resizePolicy: [{resourceName: cpu, restartPolicy: RestartContainer}]`.',
      },
    ],
  },
  FractionalCpuLimit: {
    impact:
      'A stall at the end of each busy period: with 2.5 cores and GOMAXPROCS 3 up to a sixth of the period. It is a cost of the number chosen, and smaller than most other throttling.',
    diagnosis: [limitAndProcessors, throttledRatio],
    mitigation: [
      {
        say: 'Take the next whole number of cores as limit. The finding tells what each of the two neighbours costs.',
        sh: 'kubectl -n NAMESPACE set resources deployment/WORKLOAD -c CONTAINER --limits=cpu=3',
      },
      { say: 'Or keep the cost: set GOMAXPROCS to the limit rounded down, and lower the limit to it.' },
      { say: 'Or run without a CPU limit and with a CPU request: then there is no quota to use up.' },
    ],
  },
} as const satisfies Partial<Record<RuleId, Runbook>>;
