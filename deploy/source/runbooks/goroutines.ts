import type { RuleId } from '../../../src/rules/types.ts';
import type { Runbook, Step } from './types.ts';

const sites: Step = {
  say: 'Goroutines by the place they are at, with what they wait for and since when. On the node, with the pid of the finding:',
  sh: 'cgopher go PID --goroutines',
};
const count: Step = {
  say: 'The count, and goroutines added per hour.',
  promql: [
    'container:cgopher_go_goroutines:sum{SUBJECT}',
    'deriv(container:cgopher_go_goroutines:sum{SUBJECT}[1h]) * 3600',
  ],
};
const restart: Step = {
  say: 'A restart frees them all and buys as long as it took to get here. Save the goroutines first (above): after the restart the evidence is gone.',
  sh: 'kubectl -n NAMESPACE rollout restart deployment/WORKLOAD',
};

/** Goroutines that wait. */
export const goroutines = {
  GoroutineGrowth: {
    impact:
      'Memory and collection time grow with the count until the memory limit ends the program; the finding says in how long. Often a pool is exhausted before that: connections, files, locks.',
    diagnosis: [
      count,
      sites,
      {
        say: 'Since when? Compare with rollouts and with what the program depends on.',
        sh: 'kubectl -n NAMESPACE rollout history deployment/WORKLOAD',
      },
      {
        say: 'Memory against the limit.',
        promql: 'container:cgopher_container_memory_current_per_effective_max:ratio{SUBJECT}',
      },
    ],
    mitigation: [
      { say: 'It began with a rollout: go back.', sh: 'kubectl -n NAMESPACE rollout undo deployment/WORKLOAD' },
      restart,
      {
        say: 'A dependency that does not answer: mend or switch it off; goroutines that have a deadline end by themselves then.',
      },
      {
        say: 'For good, in the program: give the wait at the place that grew an end. A context with a deadline on calls, room in the channel or a `select` with `ctx.Done()` on sends, `resp.Body.Close()` on answers, `Stop` on tickers.',
      },
    ],
  },
  GoroutineLeak: {
    impact:
      'Each leaked goroutine keeps its stack and all it refers to until the program ends. At a steady rate of leaks the memory limit is a matter of days. Where the finding rests on a leak profile, the runtime has proved that nobody can wake them; where it rests on counts, look at the place first.',
    diagnosis: [
      {
        say: 'How many by the last leak profile, and the count of all. No series of the first: no such profile is read, and the finding rests on counts by place.',
        promql: ['cgopher_go_leaked_goroutines{SUBJECT}', 'container:cgopher_go_goroutines:sum{SUBJECT}'],
      },
      {
        say: 'The places are in the finding, with file and line. The full profile is among the evidence of the agent (`/evidence/`).',
      },
      sites,
    ],
    mitigation: [
      restart,
      {
        say: 'A channel nobody receives from any more: give it room for one value (`make(chan T, 1)`), so that the sender can end.',
      },
      {
        say: 'A receiver nobody sends to any more: close the channel in the sender, or `select` on a context as well.',
      },
      {
        say: 'A lock that is held for ever: `defer mu.Unlock()` right after `Lock`; look for a return or a panic in between.',
      },
    ],
  },
  GoroutineBlocked: {
    impact:
      'Requests wait for one another. Throughput no longer rises with CPU or replicas of Ps; latency rises with load far below the CPU limit.',
    diagnosis: [
      {
        say: 'Waiting for locks and channels, and for mutexes alone.',
        promql: ['cgopher_go_blocking_delay_p99_seconds{SUBJECT}', 'cgopher_go_mutex_delay_p99_seconds{SUBJECT}'],
      },
      {
        say: 'Is it CPU after all? A holder of a lock that is throttled makes all others wait.',
        promql: 'container:cgopher_container_cpu_throttled_periods_per_periods:ratio_rate5m{SUBJECT}',
      },
      {
        say: 'The place with most waiting is in the finding. What else waits there now, on the node:',
        sh: 'cgopher go PID --goroutines',
      },
    ],
    mitigation: [
      {
        say: 'Less load on one process: more replicas.',
        sh: 'kubectl -n NAMESPACE scale deployment/WORKLOAD --replicas=COUNT',
      },
      { say: 'Throttled: mend that first, as in the runbook of [CgopherCpuThrottled](CgopherCpuThrottled.md).' },
      {
        say: 'In the program: do input and output outside of the lock, split the lock by key, `sync.RWMutex` or a copy where most only read, and a bounded queue in front of a slow consumer.',
      },
    ],
  },
  StalledAfterSiblingExit: {
    impact:
      'Requests that need the other container never end. The service still answers what does not need it, and its probes may stay green, while goroutines and memory grow until the limit.',
    diagnosis: [
      {
        say: 'Which container ended, and how.',
        sh: `kubectl -n NAMESPACE get pod POD -o jsonpath='{range .status.containerStatuses[*]}{.name} {.restartCount} {.state} {.lastState.terminated}{"\\n"}{end}'`,
      },
      { say: 'Its last words.', sh: 'kubectl -n NAMESPACE logs POD -c OTHER_CONTAINER --previous --tail=100' },
      count,
      sites,
    ],
    mitigation: [
      {
        say: 'The other container is not back: see why it ended and get it running; it may need the pod anew.',
        sh: 'kubectl -n NAMESPACE delete pod POD',
      },
      {
        say: 'It is back, and the goroutines still wait: they hold dead connections. Restart the program that waits.',
        sh: 'kubectl -n NAMESPACE delete pod POD',
      },
      {
        say: 'For good: a deadline on calls to the other container, TCP keep-alive on its connections, and a readiness probe that needs it. A helper that must live as long as the program belongs in a sidecar (`initContainers` with `restartPolicy: Always`).',
      },
    ],
  },
} as const satisfies Partial<Record<RuleId, Runbook>>;
