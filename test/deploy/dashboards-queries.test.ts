import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parser } from '@prometheus-io/lezer-promql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dashboards } from '../../deploy/source/dashboards/dashboards.ts';
import { containerMetrics } from '../../src/export/container-metrics.ts';
import { ExpositionWriter } from '../../src/export/exposition-writer.ts';
import { nodeMetrics } from '../../src/export/node-metrics.ts';
import { processMetrics } from '../../src/export/process-metrics.ts';
import { prometheusProgram } from '../tools/promtool.ts';
import { runningDemo } from '../tools/running-demo.ts';
import { completeTarget, snapshotAt } from './complete-target.ts';
import { filledIn, panelsOf, type Query, queriesOf } from './dashboard-queries.ts';
import { type Sample, type ScrapingPrometheus, scrapingPrometheus } from './scraping-prometheus.ts';

const boards = Object.values(dashboards());
const queries = boards.flatMap(queriesOf);
const named = queries.map((query) => [query.where, query] as const);

const NO_PROFILES = 'the programs of the simulated node record no such profile';
const NO_HISTOGRAMS = 'the programs of the simulated node export no histogram of it, and their memory cannot be read';
/** What the simulated node has no data for, and why. These are tried on the complete page instead. */
const NOT_ON_THE_DEMO: Readonly<Record<string, string>> = {
  cgopher_go_blocking_delay_p99_seconds: NO_PROFILES,
  cgopher_go_mutex_delay_p99_seconds: NO_PROFILES,
  cgopher_go_leaked_goroutines: NO_PROFILES,
  cgopher_go_scheduler_latency_p99_seconds: NO_HISTOGRAMS,
  cgopher_go_gc_pause_p99_seconds: NO_HISTOGRAMS,
  cgopher_go_gc_cpu_ratio: NO_HISTOGRAMS,
  cgopher_go_runnable_goroutines: 'only from memory, and the processes of the simulated node have none',
  cgopher_container_memory_high_bytes: 'no container of the simulated node has a memory.high',
  cgopher_container_pids_max: 'no container of the simulated node has a task limit',
  cgopher_misses_total: 'nothing is missing on the simulated node',
  'event="oom_kill"}[': 'a kill in a container that goes on running takes more than one process in it',
  'resets(': 'no program of the simulated node starts anew while this test runs',
};

describe.each(named)('%s', (_, { expr }) => {
  const filled = filledIn(expr, valuesToParse());

  it('is PromQL', () => {
    const errors: string[] = [];
    parser.parse(filled).iterate({
      enter: (node) => {
        if (node.type.isError) errors.push(filled.slice(node.from, node.to + 20));
      },
    });
    expect(errors, filled).toEqual([]);
  });

  it('asks for metrics and labels there are', () => {
    const metrics = documented();
    const selectors = selectorsOf(filled);
    expect(selectors.length).toBeGreaterThan(0);
    for (const { metric, labels } of selectors) {
      expect([...metrics.keys()], filled).toContain(metric);
      const known = [...metrics.get(metric)!, 'cluster', 'node', 'job', 'instance'];
      expect(known, `${metric} in ${filled}`).toEqual(expect.arrayContaining(labels));
    }
  });
});

describe('the complete page', () => {
  it('has every family of the metric tables', () => {
    const text = new ExpositionWriter().write(snapshotAt(1)).toString();
    const missing = [...nodeMetrics, ...containerMetrics, ...processMetrics]
      .map(({ name }) => name)
      .filter((name) => !text.includes(`# TYPE ${name} `));
    expect(missing.filter((name) => queries.some(({ expr }) => expr.includes(name)))).toEqual([]);
  });
});

const program = prometheusProgram('prometheus');
describe.skipIf(program === undefined)('with a Prometheus that scraped the agent', () => {
  const started: { close(): Promise<void> }[] = [];
  let prometheus: ScrapingPrometheus;
  let pods: readonly { readonly namespace: string; readonly pod: string }[] = [];

  beforeAll(async () => {
    const demo = await runningDemo();
    started.unshift(demo);
    const complete = await completeTarget();
    started.unshift(complete);
    prometheus = await scrapingPrometheus(program!, [
      // No cluster label, as in most installations with one cluster.
      { host: new URL(demo.url).host, labels: { node: 'simulated' } },
      { host: complete.host, labels: { node: 'complete', cluster: 'fake' } },
    ]);
    started.unshift(prometheus);
    for (let tries = 0; ; tries += 1) {
      const ready = await prometheus
        .query('min(count_over_time(cgopher_build_info[2m])) > 5 and count(cgopher_build_info) == 2')
        .catch(() => []);
      if (ready.length > 0) break;
      if (tries > 1500) throw new Error('Prometheus never had enough scrapes');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const series = await prometheus.query('last_over_time(cgopher_container_info{node="simulated", pod!=""}[2m])');
    pods = series.map(({ metric }) => ({ namespace: metric['namespace'] ?? '', pod: metric['pod'] ?? '' }));
  }, 240_000);
  afterAll(async () => {
    for (const one of started) await one.close();
  }, 60_000);

  /** What a query gives: for a workload, the first pod that has anything. */
  async function dataOf({ expr }: Query, node: 'simulated' | 'complete'): Promise<readonly Sample[]> {
    const subjects = node === 'complete' ? [{ namespace: 'shop', pod: 'app-0' }] : pods;
    const seen = new Set<string>();
    for (const subject of subjects) {
      const filled = filledIn(expr, { ...ANY, ...subject, node });
      if (seen.has(filled)) break;
      seen.add(filled);
      const result = await prometheus.query(filled);
      if (result.length > 0) return result;
    }
    return [];
  }

  const excused = ({ expr }: Query): boolean => Object.keys(NOT_ON_THE_DEMO).some((part) => expr.includes(part));
  const labelled = ({ kind, shown }: Query): boolean => kind === 'variable' && shown[0] === 'cluster';

  it.each(named.filter(([, query]) => !excused(query) && !labelled(query)))(
    '%s has data of the agent',
    async (_, query) => {
      // Rates need two scrapes of the same moment's workloads; everything else is there at once.
      await expect.poll(() => dataOf(query, 'simulated'), { timeout: 60_000, interval: 500 }).not.toEqual([]);
    },
    70_000,
  );

  it.each(named.filter(([, query]) => excused(query) || labelled(query)))(
    '%s has data of the complete page',
    async (_, query) => {
      await expect.poll(() => dataOf(query, 'complete'), { timeout: 60_000, interval: 500 }).not.toEqual([]);
    },
    70_000,
  );

  it.each(named.filter(([, { shown }]) => shown.length > 0))(
    '%s has the labels its names are made of',
    async (_, query) => {
      const results = [...(await dataOf(query, 'simulated')), ...(await dataOf(query, 'complete'))];
      for (const label of query.shown) {
        expect(
          results.some(({ metric }) => (metric[label] ?? '') !== ''),
          label,
        ).toBe(true);
      }
    },
  );

  it.each(tablesOf())('%s has the labels of its columns', async (_, labels, ofTable) => {
    const results = (await Promise.all(ofTable.map((query) => dataOf(query, 'complete')))).flat();
    for (const label of labels)
      expect(
        results.some(({ metric }) => label in metric),
        label,
      ).toBe(true);
  });
});

const ANY = {
  cluster: '.*',
  namespace: '.*',
  container: '.*',
  __rate_interval: '20s',
  __range: '2m',
} as const;

function valuesToParse(): Readonly<Record<string, string>> {
  return { ...ANY, node: 'n', pod: 'p' };
}

/** Label columns of each table, with the queries that must give them. */
function tablesOf(): [string, string[], Query[]][] {
  return boards.flatMap((dashboard) =>
    panelsOf(dashboard)
      .filter(({ type }) => type === 'table')
      .map((panel): [string, string[], Query[]] => {
        const where = `${dashboard.title!}: ${panel.title!}`;
        const columns = (panel.fieldConfig?.overrides ?? []).map(({ matcher }) => String(matcher.options));
        return [
          where,
          columns.filter((column) => !column.startsWith('Value')),
          queriesOf(dashboard).filter((query) => query.where.startsWith(`${where} `)),
        ];
      }),
  );
}

/** Labels by metric, of the tables in docs/metrics.md, which are made from the code. */
function documented(): ReadonlyMap<string, readonly string[]> {
  const text = readFileSync(fileURLToPath(new URL('../../docs/metrics.md', import.meta.url)), 'utf8');
  const subject: Readonly<Record<string, readonly string[]>> = {
    container: ['namespace', 'pod', 'container'],
    process: ['namespace', 'pod', 'container', 'process'],
  };
  const metrics = new Map<string, readonly string[]>();
  for (const [, name = '', table = ''] of text.matchAll(/<!-- generated: (\w+) -->(.*?)<!-- end/gs)) {
    for (const [, metric = '', labels = ''] of table.matchAll(/^\| `(\w+)` \| \w+ \| (.*?) \|/gm)) {
      metrics.set(metric, [...(subject[name] ?? []), ...[...labels.matchAll(/\w+/g)].map(([label]) => label)]);
    }
  }
  return metrics;
}

/** Metric and label names of every vector selector. */
function selectorsOf(expr: string): { metric: string; labels: string[] }[] {
  const found: { metric: string; labels: string[] }[] = [];
  parser.parse(expr).iterate({
    enter: (node) => {
      const text = expr.slice(node.from, node.to);
      if (node.name === 'VectorSelector') found.push({ metric: /^\w+/.exec(text)?.[0] ?? '', labels: [] });
      if (node.name === 'LabelName' && node.node.parent?.name === 'UnquotedLabelMatcher')
        found.at(-1)?.labels.push(text);
    },
  });
  return found;
}
