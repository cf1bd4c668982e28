import type { Section } from './layout.ts';
import { WORKLOAD } from './selectors.ts';
import { graph } from './time-series.ts';
import { UNIT } from './units.ts';

const ofProcess = (metric: string): string => `max by (container, process) (cgopher_go_${metric}{${WORKLOAD}})`;
const PROCESS = '{{container}}/{{process}}';
const delay = { unit: UNIT.seconds, label: 'p99 delay' } as const;

const againstDelays = graph({
  title: 'Goroutines against p99 blocking and scheduler latency',
  description:
    'Goroutines on the left, delays on the right. Both up: the program is stuck behind a lock, a channel or a slow dependency. Goroutines up alone: ' +
    'a leak. Scheduler latency up alone: too little CPU. Blocking and mutex delays are there only where the program records such profiles.',
  unit: UNIT.count,
  label: 'goroutines',
  lines: [
    { expr: ofProcess('goroutines'), legend: `goroutines ${PROCESS}`, colour: 'blue' },
    { expr: ofProcess('blocking_delay_p99_seconds'), legend: `p99 blocking ${PROCESS}`, colour: 'red', right: delay },
    { expr: ofProcess('mutex_delay_p99_seconds'), legend: `p99 mutex ${PROCESS}`, colour: 'purple', right: delay },
    {
      expr: ofProcess('scheduler_latency_p99_seconds'),
      legend: `p99 scheduler latency ${PROCESS}`,
      colour: 'orange',
      right: delay,
    },
  ],
});

const states = graph({
  title: 'Runnable and leaked goroutines, threads',
  description:
    'Goroutines that wait for a processor, goroutines that can never run on (only with leak profiles switched on), kernel threads, and the limit of tasks. ' +
    'Runnable goroutines far above GOMAXPROCS mean that CPU is short. Threads far above GOMAXPROCS mean blocking system calls.',
  unit: UNIT.count,
  lines: [
    { expr: ofProcess('runnable_goroutines'), legend: `runnable ${PROCESS}`, colour: 'orange' },
    { expr: ofProcess('leaked_goroutines'), legend: `leaked ${PROCESS}`, colour: 'red' },
    { expr: ofProcess('process_threads'), legend: `threads ${PROCESS}`, colour: 'blue' },
    { expr: ofProcess('gomaxprocs_threads'), legend: `GOMAXPROCS ${PROCESS}`, colour: 'green', as: 'limit' },
    {
      expr: `max by (container) (cgopher_container_pids_max{${WORKLOAD}})`,
      legend: 'pids.max {{container}}',
      colour: 'dark-red',
      as: 'limit',
    },
  ],
});

export const goroutineSections: readonly Section[] = [
  {
    title: 'Goroutines',
    strips: [
      {
        height: 10,
        panels: [
          [14, againstDelays],
          [10, states],
        ],
      },
    ],
  },
];
