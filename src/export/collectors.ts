import type { ContainerModel } from '../model/container-types.ts';
import type { GoProcessModel } from '../model/go-process-types.ts';
import { containerFamilies } from './container-metrics.ts';
import type { Metric } from './metric.ts';
import { nodeFamilies, type Snapshot } from './node-metrics.ts';
import { processFamilies } from './process-metrics.ts';

/** Families that are switched on and off together. */
export type Collector = {
  readonly name: string;
  readonly about: string;
  /** Written whatever the number of series: few, and the last one may do without. */
  readonly always?: true;
} & (
  | { readonly subject: 'node'; readonly metrics: readonly Metric<Snapshot>[] }
  | { readonly subject: 'container'; readonly metrics: readonly Metric<ContainerModel>[] }
  | { readonly subject: 'process'; readonly metrics: readonly Metric<GoProcessModel>[] }
);

/** In the order they are written, what matters most first: where there are too many series, the last ones are left out. */
export const COLLECTORS: readonly Collector[] = [
  {
    name: 'findings',
    about: 'what fires, and what could not be judged',
    always: true,
    subject: 'node',
    metrics: nodeFamilies.findings,
  },
  {
    name: 'node',
    about: 'CPUs, memory and pressure of the node',
    always: true,
    subject: 'node',
    metrics: nodeFamilies.node,
  },
  {
    name: 'container',
    about: 'what the workload is, and how many Go processes it has',
    subject: 'container',
    metrics: containerFamilies.about,
  },
  {
    name: 'kubernetes',
    about: 'owners of pods, where the Kubernetes API is asked',
    subject: 'node',
    metrics: nodeFamilies.kubernetes,
  },
  { name: 'cpu', about: 'CPU time, throttling and limits', subject: 'container', metrics: containerFamilies.cpu },
  { name: 'memory', about: 'memory, its limits and events', subject: 'container', metrics: containerFamilies.memory },
  { name: 'go', about: 'Go version, settings in force, goroutines', subject: 'process', metrics: processFamilies.go },
  {
    name: 'go_memory',
    about: 'heap, stacks and what GOMEMLIMIT governs',
    subject: 'process',
    metrics: processFamilies.goMemory,
  },
  { name: 'go_gc', about: 'the garbage collector', subject: 'process', metrics: processFamilies.goGc },
  {
    name: 'pressure',
    about: 'time waited for CPU, memory and I/O',
    subject: 'container',
    metrics: containerFamilies.pressure,
  },
  { name: 'pids', about: 'tasks and their limit', subject: 'container', metrics: containerFamilies.pids },
  {
    name: 'process',
    about: 'CPU time, memory and threads of Go processes',
    subject: 'process',
    metrics: processFamilies.process,
  },
  {
    name: 'go_latency',
    about: 'waiting for a processor, on channels and locks',
    subject: 'process',
    metrics: processFamilies.goLatency,
  },
  { name: 'io', about: 'bytes and operations by device', subject: 'container', metrics: containerFamilies.io },
];

/** All names, as flags and `collect[]` take them. */
export const COLLECTOR_NAMES: readonly string[] = COLLECTORS.map(({ name }) => name);
