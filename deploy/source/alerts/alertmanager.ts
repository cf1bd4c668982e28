import { Document, type YAMLMap, type YAMLSeq } from 'yaml';
import { alertName } from '../../../src/export/alertmanager/labels.ts';
import type { Severity } from '../../../src/rules/types.ts';
import { AGENT_ALERTS } from './agent-alerts.ts';
import { type Inhibition, inhibitions } from './inhibitions.ts';
import { levelOf, SUBJECT_LABELS } from './levels.ts';
import { generatedYaml } from './rule-files.ts';
import { severitiesOf } from './severities.ts';
import { ruleOf } from './timing.ts';

/** One entry of `inhibit_rules`. */
export interface InhibitRule {
  readonly source_matchers: readonly string[];
  readonly target_matchers: readonly string[];
  readonly equal: readonly string[];
}

/** Labels that may tell one place from another, besides those of the subject. Labels missing on both sides are equal. */
const PLACE = ['cluster', 'instance'];

const oneOf = (values: readonly string[]): string =>
  values.length === 1 ? `="${values.join()}"` : `=~"${values.join('|')}"`;

/** Severities that a cause of this severity may hold back: none that is graver than itself. */
const UP_TO: Readonly<Record<Severity, readonly Severity[]>> = {
  critical: ['critical', 'warning', 'info'],
  warning: ['warning', 'info'],
  info: ['info'],
};

/** One entry for each severity the cause can have: a symptom that is more severe than its cause is always told. */
export function inhibitRulesOf({ cause, symptoms }: Inhibition): InhibitRule[] {
  const source = ruleOf(cause);
  const targets = symptoms.map(ruleOf);
  // A pod's kill says nothing of one container, so the labels of the wider of the two must be equal.
  const equal = targets.reduce(
    (labels, target) => labels.filter((label) => SUBJECT_LABELS[levelOf(target)].includes(label)),
    SUBJECT_LABELS[levelOf(source)],
  );
  return severitiesOf(source)
    .filter((severity) => targets.some((target) => severitiesOf(target).some((own) => UP_TO[severity].includes(own))))
    .map((severity) => ({
      source_matchers: [`alertname="${alertName(cause)}"`, `severity="${severity}"`],
      target_matchers: [
        `alertname${oneOf(symptoms.map(alertName))}`,
        ...(severity === 'critical' ? [] : [`severity${oneOf(UP_TO[severity])}`]),
      ],
      equal: [...PLACE, ...equal],
    }));
}

/** Something got worse: the milder alert of the same name and subject says nothing new. */
const worse: readonly InhibitRule[] = (['critical', 'warning'] as const).map((severity) => ({
  source_matchers: ['alertname=~"Cgopher.+"', `severity="${severity}"`],
  target_matchers: ['alertname=~"Cgopher.+"', `severity${oneOf(UP_TO[severity].slice(1))}`],
  equal: ['alertname', ...PLACE, ...SUBJECT_LABELS.container],
}));

const absent: InhibitRule = {
  source_matchers: ['alertname="CgopherAbsent"'],
  target_matchers: ['alertname="CgopherDown"'],
  equal: ['cluster'],
};

const webhook = (path: string) => ({
  webhook_configs: [{ url: `http://alert-receiver.monitoring.svc:8080/${path}`, send_resolved: true, max_alerts: 50 }],
});

/** Routes and receivers, and what holds back what. */
export function alertmanagerConfig() {
  return {
    route: {
      receiver: 'tickets',
      group_by: ['cluster', 'node', 'namespace', 'pod'],
      group_wait: '30s',
      group_interval: '5m',
      repeat_interval: '12h',
      routes: [
        {
          matchers: [`alertname=~"${AGENT_ALERTS.join('|')}"`, 'severity!="info"'],
          receiver: 'tickets',
          group_by: ['cluster', 'alertname'],
        },
        { matchers: ['severity="critical"'], receiver: 'pager', group_wait: '10s', repeat_interval: '1h' },
        { matchers: ['severity="warning"'], receiver: 'tickets' },
        { matchers: ['severity="info"'], receiver: 'nobody' },
      ],
    },
    receivers: [{ name: 'pager', ...webhook('pager') }, { name: 'tickets', ...webhook('tickets') }, { name: 'nobody' }],
    inhibit_rules: [...worse, absent, ...inhibitions.flatMap(inhibitRulesOf)],
  };
}

/** Says beside each part why it is so. */
function commented(): Document {
  const document = new Document(alertmanagerConfig());
  const at = (path: readonly (string | number)[], comment: string): void => {
    const node = document.getIn(path, true) as YAMLMap | YAMLSeq;
    node.commentBefore = ` ${comment}`;
  };
  for (const list of ['source_matchers', 'target_matchers', 'equal', 'matchers', 'group_by'])
    for (const path of pathsOf(document, list)) (document.getIn(path, true) as YAMLSeq).flow = true;
  at(
    ['route', 'group_by'],
    'One workload is one notification, whatever is wrong with it. What is not in a pod goes by its node.',
  );
  at(['route', 'routes', 0], 'The agents: one notification for all nodes, not one a node.');
  at(['route', 'routes', 3], 'Seen on the pages of Alertmanager and in dashboards; nobody is told.');
  at(['inhibit_rules', 0], 'The same alert, worse.');
  at(['inhibit_rules', worse.length], 'None at all explains each.');
  let index = worse.length + 1;
  for (const inhibition of inhibitions) {
    at(['inhibit_rules', index], `${inhibition.cause} over ${inhibition.symptoms.join(', ')}: ${inhibition.why}.`);
    index += inhibitRulesOf(inhibition).length;
  }
  return document;
}

/** Paths of all values under a key. */
function pathsOf(document: Document, key: string): (string | number)[][] {
  const found: (string | number)[][] = [];
  const walk = (value: unknown, path: readonly (string | number)[]): void => {
    if (Array.isArray(value)) {
      value.forEach((item, index) => {
        walk(item, [...path, index]);
      });
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, inner] of Object.entries(value)) {
        if (name === key) found.push([...path, name]);
        else walk(inner, [...path, name]);
      }
    }
  };
  walk(document.toJS(), []);
  return found;
}

/** deploy/alertmanager/alertmanager.yaml. */
export function alertmanagerFile(): string {
  return generatedYaml(
    commented(),
    [
      'An example for Alertmanager 0.22 or newer: routes by severity, and causes over symptoms. The receivers are placeholders; take the routes and',
      '`inhibit_rules` into your own configuration. See docs/alerts.md.',
    ],
    'deploy/source/alerts/alertmanager.ts and inhibitions.ts',
  );
}
