import { expect, test } from 'vitest';
import { containerMetrics } from '../../src/export/container-metrics.ts';
import { nodeMetrics } from '../../src/export/node-metrics.ts';
import { processMetrics } from '../../src/export/process-metrics.ts';
import { AgentMetrics } from '../../src/export/registry.ts';
import { expectGenerated, pages, row } from './pages.ts';

interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/** The agent's own families as they are served, after one cycle with one of everything. */
async function agentFamilies(): Promise<Family[]> {
  const metrics = new AgentMetrics({ version: '1', revision: '1' }, 0);
  metrics.configReloaded(true, 0);
  metrics.observe({
    at: { wallMs: 0 },
    durationSeconds: 0,
    cpuSeconds: 0,
    collectors: [{ collector: 'node', success: true, durationSeconds: 0 }],
    misses: [{ kind: 'absent', reader: 'cpu.stat', source: '', detail: '' }],
    series: 0,
    keptDescriptors: 0,
    watches: 0,
  });
  const text = await metrics.text();
  return [...text.matchAll(/^# HELP (\S+) (.*)\n# TYPE \S+ (\S+)\n\S+?(?:\{(.*)\})? /gm)].map(
    ([, name = '', help = '', type = '', labels = '']) => ({
      name,
      help,
      type,
      labels: [...labels.matchAll(/(\w+)="/g)].map(([, label = '']) => label),
    }),
  );
}

function table(families: readonly Family[]): string {
  const rows = families.map(({ name, type, labels, help }) =>
    row(`\`${name}\``, type, labels.map((label) => `\`${label}\``).join(', '), help),
  );
  return ['| Name | Type | Labels | Meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function family(metric: Omit<Family, 'labels'> & { readonly labels?: readonly string[] }): Family {
  return { name: metric.name, type: metric.type, help: metric.help, labels: metric.labels ?? [] };
}

test.each([
  ['node', nodeMetrics.map(family)],
  ['container', containerMetrics.map(family)],
  ['process', processMetrics.map(family)],
])('docs/metrics.md lists the %s families of the metric table', (name, families) => {
  expectGenerated('docs/metrics.md', name, table(families));
});

test('docs/metrics.md lists the families of the agent itself', async () => {
  const families = await agentFamilies();
  expect(families.map(({ name }) => name)).toContain('cgopher_build_info');
  expectGenerated('docs/metrics.md', 'agent', table(families));
});

test('every metric named in a page exists', async () => {
  const known = new Set(
    [...nodeMetrics, ...containerMetrics, ...processMetrics, ...(await agentFamilies())].map(({ name }) => name),
  );
  for (const { path, text } of pages())
    for (const name of text.match(/\bcgopher_[a-z_]+[a-z]\b(?![_*-])/g) ?? []) expect(known, path).toContain(name);
});
