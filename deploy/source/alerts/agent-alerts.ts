import { runbookUrl } from '../../../src/rules/runbook.ts';
import type { Severity } from '../../../src/rules/types.ts';
import type { AlertOptions, AlertRule } from './types.ts';

interface AgentAlert {
  /** One line: what it means when it fires. */
  readonly title: string;
  readonly expr: string;
  readonly for: string;
  readonly keepFiringFor?: string;
  readonly severity: Severity;
  /** Prometheus template. */
  readonly description: string;
}

const AGENT = 'The agent at {{ $labels.instance }}{{ with $labels.node }} on node {{ . }}{{ end }}';

/** Alerts about the agent itself: what it cannot tell, nobody tells. */
export const agentAlertTable = {
  CgopherDown: {
    title: 'An agent cannot be scraped',
    // By our own series, whatever the job is called; by the job, so that an agent that never came up is seen too.
    expr: [
      'up{job=~".*cgopher.*"} == 0',
      'or',
      'up == 0 and on (job, instance) last_over_time(cgopher_build_info[1h])',
    ].join('\n'),
    // A rollout of the agent takes a minute or two a node, an image pull some more.
    for: '10m',
    severity: 'warning',
    description: `${AGENT} has not answered for 10 minutes. Nothing is known of the workloads there, and their alerts have ended or end now.`,
  },
  CgopherAbsent: {
    title: 'No agent is scraped at all',
    expr: 'absent(cgopher_build_info)',
    for: '15m',
    severity: 'warning',
    description:
      'Prometheus has had no series of any cgopher agent for 15 minutes: none runs, or none is selected for scraping. No alert about a workload can fire.',
  },
  CgopherStaleData: {
    title: 'An agent answers with old data',
    // Twenty times the usual interval; with a long one, four looks that were due. An agent that does not tell its interval has the usual one.
    expr: [
      'time() - cgopher_last_cycle_timestamp_seconds > 300',
      'unless',
      'time() - cgopher_last_cycle_timestamp_seconds <= 4 * cgopher_cycle_interval_seconds',
    ].join('\n'),
    for: '5m',
    severity: 'warning',
    description: `${AGENT} answers, but its last look at the node ended {{ $value | humanizeDuration }} ago. What it exports is as of then.`,
  },
  CgopherCollectorFailed: {
    title: 'A part of the agent cannot read what it should',
    // One failed read in one cycle is nothing: all samples of the time must say so.
    expr: 'cgopher_collector_success == 0',
    for: '15m',
    keepFiringFor: '5m',
    severity: 'warning',
    description: `${AGENT} has failed for 15 minutes in its collector {{ $labels.collector }}: something is there and could not be read or understood. Rules that need it are unknown.`,
  },
  CgopherConfigReloadFailed: {
    title: 'The configuration file on disk is refused',
    expr: 'cgopher_config_last_reload_successful == 0',
    for: '5m',
    keepFiringFor: '5m',
    severity: 'warning',
    description: `${AGENT} refuses its changed configuration file and goes on with the one before. Its log names the line. It would not start again with this file.`,
  },
  CgopherBudget: {
    title: 'An agent leaves series out because there are too many',
    expr: 'sum without (collector) (cgopher_dropped_series) > 0',
    for: '15m',
    keepFiringFor: '5m',
    severity: 'warning',
    description: `${AGENT} leaves out {{ $value | humanize }} series: there would be more than metrics.maxSeries. Findings are all there; figures of some collectors are not.`,
  },
  CgopherCannotSee: {
    title: 'An agent may not look at some processes',
    expr: 'sum by (cluster, job, instance, node) (cgopher_container_unseen_processes) > 0',
    for: '1h',
    keepFiringFor: '15m',
    severity: 'info',
    description: `${AGENT} may not read the executables of {{ $value | humanize }} processes, so whether they are Go is not known, and no rule about Go judges them.`,
  },
} as const satisfies Readonly<Record<`Cgopher${string}`, AgentAlert>>;

export type AgentAlertName = keyof typeof agentAlertTable;

export const AGENT_ALERTS = Object.keys(agentAlertTable) as AgentAlertName[];

export function agentAlerts({ runbookBase }: AlertOptions): AlertRule[] {
  return AGENT_ALERTS.map((name) => {
    const row: AgentAlert = agentAlertTable[name];
    return {
      alert: name,
      expr: row.expr,
      for: row.for,
      ...(row.keepFiringFor === undefined ? {} : { keep_firing_for: row.keepFiringFor }),
      labels: { severity: row.severity },
      annotations: {
        summary: `${row.title}.`,
        description: row.description,
        runbook_url: runbookUrl(name, runbookBase),
      },
    };
  });
}
