import { alertName } from '../../../src/export/alertmanager/labels.ts';
import { catalogue } from '../../../src/rules/catalogue.ts';
import { RULE_IDS, type Rule, type RuleId } from '../../../src/rules/types.ts';
import { AGENT_ALERTS, type AgentAlertName, agentAlertTable } from '../alerts/agent-alerts.ts';
import { inhibitions, symptomsOf } from '../alerts/inhibitions.ts';
import { type Level, levelOf } from '../alerts/levels.ts';
import { severitiesOf } from '../alerts/severities.ts';
import { forOf, keepFiringFor } from '../alerts/timing.ts';
import { agent } from './agent.ts';
import { runbooks } from './table.ts';
import type { Runbook, Step } from './types.ts';

/** Label matchers of the subject, to be filled in by whoever reads. */
export const PLACEHOLDERS: Readonly<Record<Level, string>> = {
  container: 'namespace="NAMESPACE",pod="POD",container="CONTAINER"',
  pod: 'namespace="NAMESPACE",pod="POD"',
  node: 'node="NODE"',
};

/** How `cgopher why` is asked for the subject. */
const ASK: Readonly<Record<Level, string>> = {
  container: '--namespace NAMESPACE --pod POD --container CONTAINER --rule ',
  pod: '--namespace NAMESPACE --pod POD --rule ',
  node: '--rule ',
};

const ids: readonly string[] = RULE_IDS;

/** Ids of rules become links to their runbooks; code spans and links stay as they are. */
function linked(text: string, self: string): string {
  return text
    .split(/(`[^`]*`|\[[^\]]*\]\([^)]*\))/)
    .map((part, index) =>
      index % 2 === 1
        ? part
        : part.replace(/\b[A-Z]\w+\b/g, (word) =>
            word !== self && ids.includes(word) ? `[${word}](Cgopher${word}.md)` : word,
          ),
    )
    .join('');
}

function stepLines({ say, promql = [], sh }: Step, position: number, level: Level, self: string): string[] {
  const block = (language: string, text: string): string[] => ['', `   \`\`\`${language}`, `   ${text}`, '   ```'];
  const queries = typeof promql === 'string' ? [promql] : promql;
  return [
    `${position + 1}. ${linked(say, self)}`,
    ...queries.flatMap((query) => block('promql', query.replaceAll('SUBJECT', PLACEHOLDERS[level]))),
    ...(sh === undefined ? [] : block('sh', sh)),
    '',
  ];
}

function body(runbook: Runbook, first: readonly Step[], level: Level, self: string): string[] {
  const steps = (list: readonly Step[]): string[] =>
    list.flatMap((step, position) => stepLines(step, position, level, self));
  return [
    '## Impact',
    '',
    linked(runbook.impact, self),
    '',
    '## Diagnosis',
    '',
    ...steps([...first, ...runbook.diagnosis]),
    '## Mitigation',
    '',
    ...steps(runbook.mitigation),
  ];
}

function list(alerts: readonly RuleId[]): string {
  return alerts.map((id) => `[${alertName(id)}](${alertName(id)}.md)`).join(', ');
}

function related(id: RuleId): string[] {
  const causes = inhibitions.filter(({ symptoms }) => symptoms.includes(id)).map(({ cause }) => cause);
  const symptoms = symptomsOf(id);
  return [
    ...(causes.length === 0
      ? []
      : [`- Held back while one of these fires for the same subject with at least its severity: ${list(causes)}.`]),
    ...(symptoms.length === 0 ? [] : [`- Holds back, as its symptoms: ${list(symptoms)}.`]),
  ];
}

const GENERATED =
  '<!-- Generated from src/rules and deploy/source/runbooks: UPDATE_DEPLOY=1 npx vitest run --config .config/vitest.config.ts test/deploy -->';

/** The page of an alert about a finding. */
export function findingPage(rule: Rule): string {
  const { id, title, about } = rule;
  const level = levelOf(rule);
  const kept = keepFiringFor(rule);
  const wait = forOf(rule) === '0s' ? 'as soon as' : `${forOf(rule)} after`;
  const first: Step = {
    say: `The finding, with its numbers, their sources and the exact change: open the page or \`/findings\` of the agent on the node, or ask there. [Asking the agent](../alerts.md#asking-the-agent) says how.`,
    sh: `cgopher why ${ASK[level]}${id}`,
  };
  return [
    `# ${alertName(id)}`,
    '',
    GENERATED,
    '',
    `${title}.`,
    '',
    '## Meaning',
    '',
    linked(about.meaning, id),
    '',
    `- Fires when: ${linked(about.firesWhen, id)}`,
    `- Severity: ${linked(about.severity, id)}`,
    `- The alert fires ${wait} the agent tells the finding, and ends ${kept} after the finding did.`,
    '',
    ...body(runbooks[id], [first], level, id),
    '## More',
    '',
    `- [The rule](../rules/${id}.md): when it is silent, when it cannot know, its thresholds and sources.`,
    ...related(id),
    '- [How alerts are made, and how to silence one](../alerts.md).',
    '',
  ].join('\n');
}

/** The page of an alert about the agent. */
export function agentPage(name: AgentAlertName): string {
  const row = agentAlertTable[name];
  const kept = 'keepFiringFor' in row ? `, and goes on for ${row.keepFiringFor} after it` : '';
  return [
    `# ${name}`,
    '',
    GENERATED,
    '',
    `${row.title}.`,
    '',
    '## Meaning',
    '',
    agent[name].meaning,
    '',
    `- Fires when this has held for ${row.for}${kept}:`,
    '',
    '  ```promql',
    ...row.expr.split('\n').map((line) => `  ${line}`),
    '  ```',
    '',
    `- Severity: ${row.severity}`,
    '',
    ...body(agent[name], [], 'node', name),
    '## More',
    '',
    '- [How alerts are made, and how to silence one](../alerts.md).',
    '- [What the agent says of itself](../metrics.md#the-agent-itself).',
    '',
  ].join('\n');
}

/** All pages of docs/runbooks by file name, an index first. */
export function runbookPages(): Readonly<Record<string, string>> {
  const rows = [
    ...catalogue.map((rule) => [alertName(rule.id), severitiesOf(rule).join(', '), rule.title]),
    ...AGENT_ALERTS.map((name) => [name, agentAlertTable[name].severity, agentAlertTable[name].title]),
  ];
  const index = [
    '# Runbooks',
    '',
    GENERATED,
    '',
    'One page for each alert: what it means, who notices, how to look, what to do. [Alerts](../alerts.md) says where the alerts come from.',
    '',
    '| Alert | Severity | What it means |',
    '| --- | --- | --- |',
    ...rows.map(([name = '', severity = '', title = '']) => `| [${name}](${name}.md) | ${severity} | ${title} |`),
    '',
  ].join('\n');
  return {
    'README.md': index,
    ...Object.fromEntries(catalogue.map((rule) => [`${alertName(rule.id)}.md`, findingPage(rule)])),
    ...Object.fromEntries(AGENT_ALERTS.map((name) => [`${name}.md`, agentPage(name)])),
  };
}
