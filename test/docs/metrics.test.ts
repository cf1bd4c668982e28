import { expect, test } from 'vitest';
import { defaultConfig } from '../../src/config/config.ts';
import { COLLECTORS } from '../../src/export/collectors.ts';
import { containerMetrics } from '../../src/export/container-metrics.ts';
import { nodeMetrics } from '../../src/export/node-metrics.ts';
import { processMetrics } from '../../src/export/process-metrics.ts';
import { AgentMetrics } from '../../src/export/registry.ts';
import { scrapeMetrics } from '../../src/export/scrape-metrics.ts';
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
  metrics.notifications().begin('http://127.0.0.1/', 1);
  metrics.notifications().sent('http://127.0.0.1/', 1, 0);
  metrics.gcNudges().begin(['unknown'], ['gone']);
  metrics.observe({
    at: { wallMs: 0 },
    durationSeconds: 0,
    cpuSeconds: 0,
    collectors: [{ collector: 'node', success: true, durationSeconds: 0 }],
    misses: [{ kind: 'absent', reader: 'cpu.stat', source: '', detail: '' }],
    series: 0,
    intervalSeconds: 15,
    keptDescriptors: 0,
    watches: 0,
  });
  const text = await metrics.text();
  return [...text.matchAll(/^# HELP (\S+) (.*)\n# TYPE \S+ (\S+)\n\S+?(?:\{(.*)\})? /gm)].map(
    ([, name = '', help = '', type = '', labels = '']) => ({
      name,
      help,
      type,
      // `le` is of every histogram.
      labels: [...labels.matchAll(/(\w+)="/g)].map(([, label = '']) => label).filter((label) => label !== 'le'),
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
  ['scrape', scrapeMetrics.map(family)],
])('docs/metrics.md lists the %s families of the metric table', (name, families) => {
  expectGenerated('docs/metrics.md', name, table(families));
});

test('docs/metrics.md lists the collectors, in the order of importance', () => {
  const rows = COLLECTORS.map(({ name, about, subject, metrics, always }) =>
    row(`\`${name}\``, subject, about, String(metrics.length), always === true ? 'never' : 'yes'),
  );
  const head = [
    '| Collector | Of each | What | Families | Left out when there are too many |',
    '| --- | --- | --- | --- | --- |',
  ];
  expectGenerated('docs/metrics.md', 'collectors', [...head, ...rows].join('\n'));
});

test('docs/metrics.md says how many series there are at most', () => {
  const perDevice = containerMetrics.filter(({ labels }) => labels?.[0] === 'device').length;
  // memory.events has six, and pressure seven: some and full of CPU, memory and I/O, and full of irq.
  const container = containerMetrics.length - perDevice + 5 + 6;
  const process = processMetrics.length;
  const small = 110 * (container + perDevice + process);
  const large = small + 110 * (container + perDevice);
  const shown = (count: number): string => count.toLocaleString('en-US');
  expect(defaultConfig().metrics.maxSeries).toBeGreaterThan(3 * large);
  expectGenerated(
    'docs/metrics.md',
    'series',
    [
      '| What | Series at most |',
      '| --- | --- |',
      row('a container', `${container}, and ${perDevice} for each block device it used`),
      row('a Go process', shown(process)),
      row('110 pods, each one container with a Go process, one device', shown(small)),
      row('110 pods, each with a second container without Go', shown(large)),
    ].join('\n'),
  );
});

test('docs/metrics.md lists the families of the agent itself', async () => {
  const families = await agentFamilies();
  expect(families.map(({ name }) => name)).toContain('cgopher_build_info');
  expectGenerated('docs/metrics.md', 'agent', table(families));
});

test('every metric named in a page exists', async () => {
  const known = new Set(
    [...nodeMetrics, ...containerMetrics, ...processMetrics, ...scrapeMetrics, ...(await agentFamilies())].map(
      ({ name }) => name,
    ),
  );
  for (const { path, text } of pages())
    for (const name of text.match(/(?<!:)\bcgopher_[a-z_]+[a-z]\b(?![_*:-])/g) ?? [])
      expect(known, path).toContain(name);
});
