import type { ThresholdsConfigBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import { neutral, thresholds } from './colours.ts';
import type { Section } from './layout.ts';
import { toWorkload } from './links.ts';
import { CONTAINER_LABELS, FLEET, rate } from './selectors.ts';
import { table } from './table.ts';
import { UNIT, type Unit } from './units.ts';

interface Offenders {
  readonly title: string;
  readonly description: string;
  /** One value for each container. */
  readonly expr: string;
  readonly column: string;
  readonly unit: Unit;
  readonly thresholds: ThresholdsConfigBuilder;
  readonly barUpTo?: number;
}

function worst({ title, description, expr, column, unit, thresholds: levels, barUpTo }: Offenders): PanelBuilder {
  return table({
    title,
    description,
    columns: [
      { label: 'namespace', title: 'Namespace', width: 110 },
      { label: 'pod', title: 'Pod', links: [toWorkload()] },
      { label: 'container', title: 'Container', width: 110 },
      {
        expr: `topk(10, ${expr})`,
        title: column,
        unit,
        thresholds: levels,
        width: 150,
        ...(barUpTo === undefined ? {} : { barUpTo }),
      },
    ],
    sortBy: column,
    hidden: ['cluster', 'node'],
    noValue: 'none',
  });
}

const sum = (inner: string): string => `sum by (${CONTAINER_LABELS}) (${inner})`;
const max = (inner: string): string => `max by (${CONTAINER_LABELS}) (${inner})`;
const MEMORY_LIMIT = max(`cgopher_container_memory_effective_max_bytes{${FLEET}}`);

const throttled = worst({
  title: 'CPU: most throttled',
  description:
    'Share of the enforcement periods in which the quota stopped the container. Requests wait meanwhile, often 100 ms at a time.',
  expr: `(${sum(rate('cgopher_container_cpu_throttled_periods_total', FLEET))} / ${sum(rate('cgopher_container_cpu_periods_total', FLEET))}) > 0`,
  column: 'Throttled',
  unit: UNIT.ratio,
  thresholds: thresholds([0.05, 'yellow'], [0.25, 'red']),
  barUpTo: 1,
});

const parallelism = worst({
  title: 'CPU: GOMAXPROCS against the limit',
  description:
    'GOMAXPROCS for each core of the CPU limit. Well above 1, the program uses up its quota early in each period and stands still for the rest.',
  expr: `(${max(`cgopher_go_gomaxprocs_threads{${FLEET}}`)} / ${max(`cgopher_container_cpu_effective_limit_cores{${FLEET}}`)}) > 1`,
  column: 'Threads per core',
  unit: UNIT.count,
  thresholds: thresholds([2, 'yellow'], [4, 'red']),
});

const collecting = worst({
  title: 'GC: most CPU',
  description: 'Share of the CPU time of a program that goes to the garbage collector, over the last minutes.',
  expr: max(`cgopher_go_gc_cpu_ratio{${FLEET}}`),
  column: 'GC share',
  unit: UNIT.ratio,
  thresholds: thresholds([0.1, 'yellow'], [0.25, 'red']),
  barUpTo: 0.5,
});

const memory = worst({
  title: 'Memory: nearest the limit',
  description:
    'Working set (memory.current less inactive page cache) as a share of the tightest memory.max of the container and its ancestors.',
  expr: `${max(`cgopher_container_memory_working_set_bytes{${FLEET}}`)} / ${MEMORY_LIMIT}`,
  column: 'Of the limit',
  unit: UNIT.ratio,
  thresholds: thresholds([0.8, 'yellow'], [0.95, 'red']),
  barUpTo: 1,
});

const goal = worst({
  title: 'Memory: heap goal against the limit',
  description:
    'Heap size that the collector lets the heap grow to, as a share of the memory limit. Near 1 or above, the kernel kills before the collector runs.',
  expr: `${sum(`cgopher_go_heap_goal_bytes{${FLEET}}`)} / ${MEMORY_LIMIT}`,
  column: 'Goal of the limit',
  unit: UNIT.ratio,
  thresholds: thresholds([0.7, 'yellow'], [0.9, 'red']),
  barUpTo: 1,
});

const growth = worst({
  title: 'Goroutines: most growth',
  description:
    'Change of the number of goroutines over the time range of the dashboard. Over hours of steady traffic growth is a leak.',
  expr: `${sum(`delta(cgopher_go_goroutines{${FLEET}}[$__range])`)} > 0`,
  column: 'More goroutines',
  unit: UNIT.count,
  thresholds: neutral(),
});

export const offenderSections: readonly Section[] = [
  {
    title: 'Worst offenders',
    strips: [
      {
        height: 9,
        panels: [
          [8, throttled],
          [8, parallelism],
          [8, collecting],
        ],
      },
      {
        height: 9,
        panels: [
          [8, memory],
          [8, goal],
          [8, growth],
        ],
      },
    ],
  },
];
