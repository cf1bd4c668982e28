import type { IPrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule';
import { stringify } from 'yaml';
import { RUNBOOK_BASE } from '../../../src/rules/runbook.ts';
import { agentAlerts } from './agent-alerts.ts';
import { findingAlerts } from './finding-alerts.ts';
import { findingRecordings } from './finding-recordings.ts';
import { recordings } from './recordings.ts';
import type { AlertOptions, RuleGroup } from './types.ts';

const USUAL: AlertOptions = { runbookBase: RUNBOOK_BASE };

/** Alerts, and in their group before them the series they read, so that both are of the same moment. */
export function alertGroups(options: AlertOptions = USUAL): RuleGroup[] {
  return [
    { name: 'cgopher-findings', rules: [...findingRecordings, ...findingAlerts(options)] },
    { name: 'cgopher-agent', rules: agentAlerts(options) },
  ];
}

export function recordingGroups(): RuleGroup[] {
  return [{ name: 'cgopher-recording', rules: recordings }];
}

/** All of it as an object of the Prometheus operator. Labels are what an operator selects by: add yours. */
export function prometheusRule(options: AlertOptions = USUAL): IPrometheusRule {
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'cgopher', labels: { 'app.kubernetes.io/name': 'cgopher' } },
    spec: {
      groups: [...recordingGroups(), ...alertGroups(options)].map(({ name, rules }) => ({
        name,
        rules: rules.map((rule) => ({ ...rule })),
      })),
    },
  };
}

/** Generated YAML with its header. */
export function generatedYaml(content: object, about: readonly string[], source: string): string {
  const header = [
    ...about,
    '',
    `Generated from ${source}. Do not edit: change the source and run`,
    '  UPDATE_DEPLOY=1 npx vitest run --config .config/vitest.config.ts test/deploy',
  ];
  const comment = header.map((line) => (line === '' ? '#' : `# ${line}`)).join('\n');
  return `${comment}\n${stringify(content, { lineWidth: 140, blockQuote: 'literal' })}`;
}

const SOURCE = 'src/rules/catalogue.ts and deploy/source/alerts';

/** The files of deploy/prometheus by name. */
export function ruleFiles(): Readonly<Record<string, string>> {
  return {
    'cgopher-alerts.yaml': generatedYaml(
      { groups: alertGroups() },
      ['Alerting rules of cgopher for a rule file of Prometheus 2.42 or newer. See docs/alerts.md.'],
      SOURCE,
    ),
    'cgopher-recording.yaml': generatedYaml(
      { groups: recordingGroups() },
      ['Recording rules of cgopher for a rule file of Prometheus. Dashboards and runbooks ask for them.'],
      SOURCE,
    ),
    'prometheusrule.yaml': generatedYaml(
      prometheusRule(),
      [
        'Alerting and recording rules of cgopher for the Prometheus operator. Its Prometheus may select rules by a label such as',
        '`release: kube-prometheus-stack`: add that one. See docs/alerts.md.',
      ],
      SOURCE,
    ),
  };
}
