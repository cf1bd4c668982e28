import { catalogue } from '../../../src/rules/catalogue.ts';
import { findingSeries, type Level, levelOf } from './levels.ts';
import type { RecordingRule } from './types.ts';

const FINDING = 'cgopher_finding';

function rulesOf(...levels: readonly Level[]): string {
  return catalogue
    .filter((rule) => levels.includes(levelOf(rule)))
    .map(({ id }) => id)
    .join('|');
}

/** A call over several lines. */
function call(name: string, vector: string, ...rest: readonly string[]): string {
  const lines = [...vector.split('\n').map((line) => `  ${line}`)];
  return `${name}(\n${lines.join('\n')}${rest.length === 0 ? '' : `,\n  ${rest.join(', ')}`}\n)`;
}

/** The names of the subject, wherever they are: with `honor_labels` in namespace, pod and container, without in `exported_*`. */
function named(selector: string, names: readonly string[], by: string): string {
  const moved = names.reduce(
    (vector, name) => call('label_join', vector, `"${name}"`, '""', `"exported_${name}"`),
    `${FINDING}{${selector},exported_${by}!=""}`,
  );
  return `${FINDING}{${selector},exported_${by}=""}\nor\n${moved}`;
}

/**
 * Whose scrape it was must not be part of an alert's identity: when the agent's pod is replaced, all alerts of its node would end and begin
 * anew. Only where nothing else tells nodes apart the instance stays.
 */
function withoutInstanceWhere(labels: readonly string[], vector: string): string {
  return labels.reduce(
    (inner, label) => call('label_replace', inner, '"instance"', '""', `"${label}"`, '".+"'),
    vector,
  );
}

const largest = (without: readonly string[], vector: string): string =>
  call(`max without (${['job', 'endpoint', 'service', ...without].join(', ')}) `, vector);

/** Findings by their subject, in one form however they were scraped. All alerts about findings read these. */
export const findingRecordings: readonly RecordingRule[] = [
  {
    record: findingSeries('container'),
    expr: largest(
      [],
      withoutInstanceWhere(
        ['pod', 'node'],
        named(`rule!~"${rulesOf('pod', 'node')}"`, ['namespace', 'pod', 'container'], 'container'),
      ),
    ),
  },
  {
    record: findingSeries('pod'),
    expr: largest(['instance', 'container'], named(`rule=~"${rulesOf('pod')}"`, ['namespace', 'pod'], 'pod')),
  },
  {
    record: findingSeries('node'),
    expr: largest(
      ['namespace', 'pod', 'container'],
      withoutInstanceWhere(['node'], `${FINDING}{rule=~"${rulesOf('node')}"}`),
    ),
  },
];
