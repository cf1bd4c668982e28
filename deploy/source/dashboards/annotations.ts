import { AnnotationQueryBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { DATASOURCE } from './datasource.ts';
import { WORKLOAD, WORKLOAD_AND_POD } from './selectors.ts';

/** Marks over every graph of the workload dashboard. */
export const workloadAnnotations = (): AnnotationQueryBuilder[] => [
  // The cgroup of a killed container is gone with its counters, so the finding of the pod is what usually tells.
  mark(
    'OOM kills',
    'red',
    `cgopher_finding{${WORKLOAD_AND_POD}, rule="OomKilled"}`,
    'OOM killed',
    '{{pod}} {{container}}',
  ),
  mark(
    'OOM kills in a running container',
    'dark-red',
    `increase(cgopher_container_memory_events_total{${WORKLOAD}, event="oom_kill"}[$__rate_interval]) > 0`,
    'OOM kill in a running container',
    '{{container}}',
  ),
  mark(
    'Restarts',
    'purple',
    `resets(cgopher_go_process_cpu_seconds_total{${WORKLOAD}}[$__rate_interval]) > 0`,
    'restarted',
    '{{process}} in {{container}}',
  ),
];

function mark(name: string, colour: string, expr: string, title: string, text: string): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name(name)
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor(colour)
    .expr(expr)
    .titleFormat(title)
    .textFormat(text)
    .tagKeys('container');
}
