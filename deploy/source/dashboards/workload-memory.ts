import type { Section } from './layout.ts';
import { rate, WORKLOAD } from './selectors.ts';
import { graph, type Line } from './time-series.ts';
import { UNIT } from './units.ts';

const PROCESS = '{{container}}/{{process}}';
const ofProcess = (metric: string): string => `max by (container, process) (cgopher_go_${metric}{${WORKLOAD}})`;
const ofContainer = (metric: string, also = ''): string =>
  `max by (container${also}) (cgopher_container_memory_${metric}{${WORKLOAD}})`;

const limits: readonly Line[] = [
  { expr: ofProcess('gomemlimit_bytes'), legend: `GOMEMLIMIT ${PROCESS}`, colour: 'purple', as: 'limit' },
  { expr: ofContainer('high_bytes'), legend: 'memory.high {{container}}', colour: 'orange', as: 'limit' },
  {
    expr: ofContainer('effective_max_bytes', ', level'),
    legend: 'memory.max {{container}} (set by {{level}})',
    colour: 'red',
    as: 'limit',
  },
];

const picture = graph({
  title: 'Heap, GOMEMLIMIT and the limits of the kernel',
  description:
    'What should stand from bottom to top: live heap, heap goal, all that the runtime manages, GOMEMLIMIT, memory.high, memory.max, with memory.current below the last two. ' +
    'A goal above GOMEMLIMIT or memory.max means that the kernel acts before the collector does.',
  unit: UNIT.bytes,
  lines: [
    { expr: ofProcess('heap_live_bytes'), legend: `heap live ${PROCESS}`, colour: 'green' },
    { expr: ofProcess('heap_goal_bytes'), legend: `heap goal ${PROCESS}`, colour: 'yellow' },
    { expr: ofProcess('managed_memory_bytes'), legend: `Go runtime ${PROCESS}`, colour: 'light-blue' },
    { expr: ofContainer('current_bytes'), legend: 'memory.current {{container}}', colour: 'dark-blue' },
    ...limits,
  ],
});

const composition = graph({
  title: 'What memory.current is made of',
  description:
    'Heap, stacks and bookkeeping of the runtime, heap it keeps without using it, anonymous memory that is not of Go (cgo, mmap, other processes), and page cache. ' +
    'GOMEMLIMIT governs only the first four. The sum may differ a little from memory.current: not all figures are of the same moment.',
  unit: UNIT.bytes,
  stacked: true,
  lines: [
    { expr: ofProcess('heap_inuse_bytes'), legend: `heap in use ${PROCESS}` },
    { expr: ofProcess('stack_inuse_bytes'), legend: `stacks ${PROCESS}` },
    { expr: ofProcess('metadata_bytes'), legend: `runtime bookkeeping ${PROCESS}` },
    {
      expr: `${ofProcess('heap_idle_bytes')} - ${ofProcess('heap_released_bytes')}`,
      legend: `idle heap not returned ${PROCESS}`,
    },
    { expr: ofProcess('unmanaged_memory_bytes'), legend: `not of Go ${PROCESS}` },
    { expr: ofContainer('file_bytes'), legend: 'page cache {{container}}' },
    { expr: ofContainer('kernel_bytes'), legend: 'kernel {{container}}' },
    { expr: ofContainer('current_bytes'), legend: 'memory.current {{container}}', colour: 'dark-blue', as: 'limit' },
  ],
});

const events = graph({
  title: 'Memory events and major faults',
  description:
    'Times a second that the cgroup ran into memory.high (it is slowed down), memory.max (it reclaims) or was killed, and page faults that waited for I/O.',
  unit: UNIT.perSecond,
  lines: [
    {
      expr: `sum by (container, event) (${rate('cgopher_container_memory_events_total', `${WORKLOAD}, event=~"high|max|oom|oom_kill|oom_group_kill"`)})`,
      legend: '{{event}} {{container}}',
    },
    {
      expr: `sum by (container) (${rate('cgopher_container_memory_major_page_faults_total', WORKLOAD)})`,
      legend: 'major faults {{container}}',
    },
  ],
});

export const memorySections: readonly Section[] = [
  {
    title: 'Memory',
    strips: [
      { height: 11, panels: [[24, picture]] },
      {
        height: 10,
        panels: [
          [14, composition],
          [10, events],
        ],
      },
    ],
  },
];
