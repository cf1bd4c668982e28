import { parser } from '@prometheus-io/lezer-promql';
import { alertGroups, recordingGroups } from '../../deploy/source/alerts/rule-files.ts';
import type { RecordingRule } from '../../deploy/source/alerts/types.ts';
import { containerMetrics } from '../../src/export/container-metrics.ts';
import { nodeMetrics } from '../../src/export/node-metrics.ts';
import { processMetrics } from '../../src/export/process-metrics.ts';
import { AgentMetrics } from '../../src/export/registry.ts';
import { scrapeMetrics } from '../../src/export/scrape-metrics.ts';

/** What our recording rules are called. */
export const recordedNames: readonly string[] = [...recordingGroups(), ...alertGroups()]
  .flatMap(({ rules }) => rules)
  .filter((rule): rule is RecordingRule => 'record' in rule)
  .map(({ record }) => record);

/** Every name a query may use: what the agent serves, what is recorded, and Prometheus's own `up`. */
export async function knownNames(): Promise<ReadonlySet<string>> {
  const agent = new AgentMetrics({ version: '1', revision: '1' }, 0);
  const own = [...(await agent.text()).matchAll(/^# TYPE (\S+) /gm)].map(([, name = '']) => name);
  agent.close();
  const tables = [nodeMetrics, containerMetrics, processMetrics, scrapeMetrics].flatMap((table) =>
    table.map(({ name }) => name),
  );
  return new Set([...tables, ...own, ...recordedNames, 'up']);
}

/** The metric names in a query. Throws when it is no PromQL. A `__name__` matcher counts with each of its names. */
export function namesIn(query: string): string[] {
  const names: string[] = [];
  parser.parse(query).iterate({
    enter: (node) => {
      if (node.type.isError) throw new Error(`no PromQL at ${node.from}: ${query}`);
      // A bare name is `Identifier` where it selects, and label names are `LabelName`.
      if (node.name === 'Identifier' && node.node.parent?.name === 'VectorSelector')
        names.push(query.slice(node.from, node.to));
    },
  });
  for (const [, alternatives = ''] of query.matchAll(/__name__=~"([^"]*)"/g)) {
    const [, first, rest] = /^\(([^)]*)\)(.*)$/.exec(alternatives) ?? [undefined, undefined, undefined];
    names.push(
      ...(first === undefined ? alternatives.split('|') : first.split('|').map((part) => part + (rest ?? ''))),
    );
  }
  return names;
}
