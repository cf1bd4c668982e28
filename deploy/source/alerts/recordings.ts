import type { RecordingRule } from './types.ts';

/** Target labels that say who scraped, not what was measured. */
const WITHOUT = 'without (job, endpoint, service, instance)';

/**
 * What dashboards and runbooks ask again and again. Names are `level:metric:operations`. Ratios are made from sums, never from ratios.
 * `cluster` is kept where it is a label of the series, as with one Prometheus for several clusters.
 */
export const recordings: readonly RecordingRule[] = [
  // Findings.
  {
    record: 'namespace_severity:cgopher_finding:count',
    expr: 'count by (cluster, namespace, severity) ({__name__=~"(container|pod|node):cgopher_finding:max"} == 1)',
  },
  {
    record: 'rule_severity:cgopher_finding:count',
    expr: 'count by (cluster, rule, severity) ({__name__=~"(container|pod|node):cgopher_finding:max"} == 1)',
  },
  // Containers.
  {
    record: 'container:cgopher_container_cpu_usage_seconds:rate5m',
    expr: `max ${WITHOUT} (rate(cgopher_container_cpu_usage_seconds_total[5m]))`,
  },
  {
    record: 'container:cgopher_container_cpu_throttled_periods_per_periods:ratio_rate5m',
    expr: [
      '(',
      `  max ${WITHOUT} (rate(cgopher_container_cpu_throttled_periods_total[5m]))`,
      '  /',
      `  max ${WITHOUT} (rate(cgopher_container_cpu_periods_total[5m]))`,
      ') >= 0',
    ].join('\n'),
  },
  {
    record: 'container:cgopher_container_pressure_stalled_seconds:rate5m',
    expr: `max ${WITHOUT} (rate(cgopher_container_pressure_stalled_seconds_total[5m]))`,
  },
  {
    record: 'container:cgopher_container_memory_current_per_effective_max:ratio',
    expr: [
      `max ${WITHOUT} (cgopher_container_memory_current_bytes)`,
      '/',
      'max without (job, endpoint, service, instance, level) (cgopher_container_memory_effective_max_bytes)',
    ].join('\n'),
  },
  // Go programs of a container.
  {
    record: 'container:cgopher_go_goroutines:sum',
    expr: 'sum without (job, endpoint, service, instance, process) (cgopher_go_goroutines)',
  },
  {
    record: 'container:cgopher_go_gc_cpu_per_process_cpu:ratio_rate5m',
    expr: [
      '(',
      '  sum without (job, endpoint, service, instance, process) (',
      '    cgopher_go_gc_cpu_ratio * rate(cgopher_go_process_cpu_seconds_total[5m])',
      '  )',
      '  /',
      '  sum without (job, endpoint, service, instance, process) (',
      '    rate(cgopher_go_process_cpu_seconds_total[5m]) and cgopher_go_gc_cpu_ratio',
      '  )',
      ') >= 0',
    ].join('\n'),
  },
  // The fleet.
  {
    record: 'go_version:cgopher_go_info:count',
    expr: 'count by (cluster, go_version) (cgopher_go_info)',
  },
  { record: 'cluster:cgopher_go_info:count', expr: 'count by (cluster) (cgopher_go_info)' },
  {
    record: 'cluster:cgopher_rule_unknown_subjects:sum',
    expr: 'sum by (cluster) (cgopher_rule_unknown_subjects)',
  },
  {
    record: 'cluster:cgopher_container_unseen_processes:sum',
    expr: 'sum by (cluster) (cgopher_container_unseen_processes)',
  },
];
