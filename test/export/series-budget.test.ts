import { describe, expect, it } from 'vitest';
import { COLLECTOR_NAMES, COLLECTORS } from '../../src/export/collectors.ts';
import { containerMetrics } from '../../src/export/container-metrics.ts';
import { ExpositionWriter } from '../../src/export/exposition-writer.ts';
import { nodeMetrics } from '../../src/export/node-metrics.ts';
import { processMetrics } from '../../src/export/process-metrics.ts';
import { MAX_PROCESSES_SHOWN } from '../../src/export/series-subjects.ts';
import type { GoProcessModel } from '../../src/model/go-process-types.ts';
import type { NodeModel } from '../../src/model/node-types.ts';
import { baseModel, FINDING, named, snapshotOf } from './base-model.ts';
import { parseExposition } from './parse-exposition.ts';

const base = baseModel();
const write = (model: NodeModel, writer = new ExpositionWriter(), chosen?: ReadonlySet<string>) =>
  parseExposition(writer.write(snapshotOf(model, [FINDING]), '', chosen).toString('utf8'));
type Parsed = ReturnType<typeof write>;

/** Families of a collector that have series. */
const seriesOf = (parsed: Parsed, collector: string): number => {
  const families = COLLECTORS.find(({ name }) => name === collector)!.metrics.map(({ name }) => name);
  return parsed.samples.filter(({ name }) => families.includes(name)).length;
};
const by = (parsed: Parsed, family: string): Record<string, number> =>
  Object.fromEntries(parsed.find(family).map(({ labels, value }) => [labels['collector']!, value]));

describe('collectors', () => {
  it('have every family of the tables once, and names that a flag can have', () => {
    const inCollectors = COLLECTORS.flatMap(({ metrics }) => metrics.map(({ name }) => name));
    const inTables = [...nodeMetrics, ...containerMetrics, ...processMetrics].map(({ name }) => name);
    expect([...inCollectors].sort()).toEqual([...inTables].sort());
    expect(new Set(inCollectors).size).toBe(inCollectors.length);
    for (const name of COLLECTOR_NAMES) expect(name).toMatch(/^[a-z]+(_[a-z]+)?$/);
  });

  it('are written when chosen, and only those are told of', () => {
    const parsed = write(base.model, undefined, new Set(['findings', 'memory']));
    expect(seriesOf(parsed, 'findings')).toBe(1);
    expect(seriesOf(parsed, 'memory')).toBeGreaterThan(0);
    for (const name of COLLECTOR_NAMES)
      if (name !== 'findings' && name !== 'memory') expect(seriesOf(parsed, name), name).toBe(0);
    expect(by(parsed, 'cgopher_scrape_collector_success')).toEqual({ findings: 1, memory: 1 });
    expect(Object.keys(by(parsed, 'cgopher_scrape_collector_duration_seconds'))).toEqual(['findings', 'memory']);
  });

  it('each have their time', () => {
    // The clock is read before and after each of 13 collectors and moves by half a second.
    let now = 0;
    const monotonicMs = (): number => {
      now += 500;
      return now;
    };
    const parsed = write(base.model, new ExpositionWriter({ monotonicMs }));
    expect(new Set(Object.values(by(parsed, 'cgopher_scrape_collector_duration_seconds')))).toEqual(new Set([0.5]));
    expect(now).toBe(COLLECTORS.length * 1000);
  });

  it('that fail are left out, told once, and do not take the others with them', () => {
    const told: unknown[] = [];
    const writer = new ExpositionWriter({
      onFailure: (collector, error) => {
        told.push([collector, String(error)]);
      },
    });
    const broken = {
      ...base.container,
      get io(): never {
        throw new Error('no io');
      },
    };
    const model = { ...base.model, containers: [broken] };
    for (let times = 0; times < 2; times += 1) {
      const parsed = write(model, writer);
      expect(by(parsed, 'cgopher_scrape_collector_success')).toMatchObject({ io: 0, cpu: 1, memory: 1 });
      expect(seriesOf(parsed, 'io')).toBe(0);
      expect(seriesOf(parsed, 'memory')).toBeGreaterThan(0);
      expect(by(parsed, 'cgopher_dropped_series')['io']).toBe(0);
    }
    expect(told).toEqual([['io', 'Error: no io']]);
    expect(by(write(base.model, writer), 'cgopher_scrape_collector_success')['io']).toBe(1);
  });
});

describe('the budget of series', () => {
  const containers = Array.from({ length: 10 }, (_, at) =>
    named({ ...base.container, key: `c${at}` }, { container: `c${at}` }),
  );
  const model = { ...base.model, containers };
  const whole = write(model);
  const sizes = Object.fromEntries(COLLECTOR_NAMES.map((name) => [name, seriesOf(whole, name)]));
  const upTo = (last: string): number =>
    COLLECTOR_NAMES.slice(0, COLLECTOR_NAMES.indexOf(last) + 1).reduce((sum, name) => sum + sizes[name]!, 0);

  it('leaves everything in that fits exactly', () => {
    const writer = new ExpositionWriter({ maxSeries: upTo('io') });
    const parsed = write(model, writer);
    expect(writer.series).toBe(upTo('io'));
    expect(Object.values(by(parsed, 'cgopher_scrape_collector_success'))).toEqual(COLLECTORS.map(() => 1));
    expect(parsed.find('cgopher_max_series')[0]?.value).toBe(upTo('io'));
  });

  it('leaves out whole collectors from the end, and counts what is missing', () => {
    const writer = new ExpositionWriter({ maxSeries: upTo('memory') - 1 });
    const parsed = write(model, writer);
    expect(seriesOf(parsed, 'cpu')).toBe(sizes['cpu']);
    expect(sizes['memory']).toBeGreaterThan(10);
    expect(seriesOf(parsed, 'memory')).toBe(0);
    // Those behind it would fit in the room that is left, and are less important.
    expect(seriesOf(parsed, 'process')).toBe(0);
    expect(by(parsed, 'cgopher_scrape_collector_success')).toMatchObject({ cpu: 1, memory: 0, go: 0, process: 0 });
    expect(by(parsed, 'cgopher_dropped_series')).toMatchObject({
      cpu: 0,
      memory: sizes['memory'],
      process: sizes['process'],
    });
    expect(writer.series).toBe(upTo('cpu'));
    // A collector without series has nothing to leave out.
    expect(by(parsed, 'cgopher_scrape_collector_success')['io']).toBe(sizes['io'] === 0 ? 1 : 0);
  });

  it('never leaves out findings and the node, and holds again as soon as it is changed', () => {
    const writer = new ExpositionWriter({ maxSeries: 0 });
    const parsed = write(model, writer);
    expect(seriesOf(parsed, 'findings')).toBe(1);
    expect(seriesOf(parsed, 'node')).toBe(sizes['node']);
    expect(writer.series).toBe(upTo('node'));
    writer.maxSeries = 1_000_000;
    write(model, writer);
    expect(writer.series).toBe(upTo('io'));
  });
});

describe('the names of Go processes in one container', () => {
  const named_ = (at: number, rssBytes: number): GoProcessModel => ({
    ...base.process,
    key: `${at}@1`,
    name: `p${at}`,
    rssBytes,
  });
  const shown = (parsed: Parsed) => parsed.find('cgopher_go_info').map(({ labels }) => labels['process']);

  it('are bounded: the largest, and those that were shown stay', () => {
    const writer = new ExpositionWriter();
    // 30 processes, p0 the smallest: p10 to p29 are the 20 largest.
    const many = Array.from({ length: 30 }, (_, at) => named_(at, at + 1));
    const first = write({ ...base.model, goProcesses: many }, writer);
    expect(MAX_PROCESSES_SHOWN).toBe(20);
    expect(new Set(shown(first))).toEqual(new Set(many.slice(10).map(({ name }) => name)));
    expect(first.find('cgopher_unshown_go_processes')[0]?.value).toBe(10);
    // p0 grows beyond all, and p29 ends: one place is free.
    const later = [named_(0, 1000), ...many.slice(1, 29)];
    const second = write({ ...base.model, goProcesses: later }, writer);
    expect(new Set(shown(second))).toEqual(new Set(['p0', ...many.slice(10, 29).map(({ name }) => name)]));
  });

  it('count for each container alone', () => {
    const other = named({ ...base.container, key: 'other' }, { container: 'other' });
    const goProcesses = [
      ...Array.from({ length: 20 }, (_, at) => named_(at, 1)),
      ...Array.from({ length: 20 }, (_, at) => ({ ...named_(100 + at, 1), containerKey: 'other' })),
    ];
    const parsed = write({ ...base.model, containers: [base.container, other], goProcesses });
    expect(shown(parsed)).toHaveLength(40);
    expect(parsed.find('cgopher_unshown_go_processes')[0]?.value).toBe(0);
  });
});
