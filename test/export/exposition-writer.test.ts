import { describe, expect, it } from 'vitest';
import { ExpositionWriter } from '../../src/export/exposition-writer.ts';
import { scrapeMetrics } from '../../src/export/scrape-metrics.ts';
import type { NodeModel } from '../../src/model/node-types.ts';
import { baseModel, FINDING, named, snapshotOf } from './base-model.ts';
import { parseExposition } from './parse-exposition.ts';

const base = baseModel();
const write = (model: NodeModel, writer = new ExpositionWriter()) => {
  const text = writer.write(snapshotOf(model)).toString('utf8');
  const parsed = parseExposition(text);
  const aboutItself = new Set(scrapeMetrics.map(({ name }) => name));
  expect(writer.series).toBe(parsed.samples.filter(({ name }) => !aboutItself.has(name)).length);
  return parsed;
};
const WEB = { namespace: 'shop', pod: 'web-0', container: 'web' };

describe('ExpositionWriter', () => {
  it('writes the values of container and process under their names', () => {
    const { find, types } = write(base.model);
    // The builder writes memory.current 4096, usage 1000 us, utime + stime 500 ticks, VmRSS 40 kB.
    expect(find('cgopher_container_memory_current_bytes')).toEqual([
      { name: 'cgopher_container_memory_current_bytes', labels: WEB, value: 4096 },
    ]);
    expect(find('cgopher_container_cpu_usage_seconds_total', WEB)[0]?.value).toBe(0.001);
    expect(find('cgopher_go_process_cpu_seconds_total', { ...WEB, process: 'app' })[0]?.value).toBe(5);
    expect(find('cgopher_go_process_resident_memory_bytes')[0]?.value).toBe(40_960);
    expect(find('cgopher_go_info')[0]?.labels).toMatchObject({ go_version: 'go1.25.1', module: 'example.com/app' });
    for (const [name, type] of types) expect(type === 'counter').toBe(name.endsWith('_total'));
  });

  it('leaves out what has no value: no zero, no NaN, no limit that is none', () => {
    const { find, types } = write(base.model);
    // cpu.max and memory.max are max; no pids, io or pressure files; GOMEMLIMIT is not set.
    for (const name of [
      'cgopher_container_cpu_limit_cores',
      'cgopher_container_memory_max_bytes',
      'cgopher_container_memory_effective_max_bytes',
      'cgopher_container_pids_current',
      'cgopher_container_pressure_stalled_seconds_total',
      'cgopher_go_gomemlimit_bytes',
      'cgopher_go_goroutines',
    ]) {
      expect(find(name)).toEqual([]);
      expect(types.has(name)).toBe(false);
    }
  });

  it('writes a limit with the level that sets it', () => {
    const { container, model } = base;
    const cpuCores = { limit: 1.5, level: 'pod', cgroupPath: '/p', complete: true } as const;
    const limited = { ...container, effective: { ...container.effective, cpuCores } };
    expect(write({ ...model, containers: [limited] }).find('cgopher_container_cpu_effective_limit_cores')).toEqual([
      { name: 'cgopher_container_cpu_effective_limit_cores', labels: { ...WEB, level: 'pod' }, value: 1.5 },
    ]);
  });

  it.each([
    ['quotes', 'a"b'],
    ['line ends', 'a\nb\rc\n'],
    ['backslashes', '\\n\\"\\'],
    ['an injection', 'x"} 1\ncgopher_container_memory_current_bytes{container="evil'],
    ['letters of the world', 'žluť-ночь-夜-🦫'],
    ['control characters', '\u0000\u001b[31m\u007f\u2028'],
    ['nothing', ''],
  ])('keeps a name with %s in its place', (_, text) => {
    const container = named(base.container, { namespace: text, pod: text, container: text });
    const process = { ...base.process, name: text, mainModule: text, containerKey: container.key };
    const model = { ...base.model, containers: [container], goProcesses: [process] };
    const { find } = write(model);
    const labels = { namespace: text, pod: text, container: text };
    expect(find('cgopher_container_memory_current_bytes').map((sample) => sample.labels)).toEqual([labels]);
    expect(find('cgopher_go_info').map((sample) => sample.labels)).toEqual([
      { ...labels, process: text, go_version: 'go1.25.1', module: text, module_version: '(devel)' },
    ]);
  });

  it('cuts a name that a program made long, and is not cut in the middle of a letter', () => {
    const long = `${'x'.repeat(254)}🦫${'y'.repeat(1 << 20)}`;
    const process = { ...base.process, name: long, mainModule: long };
    const text = new ExpositionWriter().write(snapshotOf({ ...base.model, goProcesses: [process] }));
    expect(text.length).toBeLessThan(100_000);
    const [info] = parseExposition(text.toString('utf8')).find('cgopher_go_info');
    expect(info?.labels['process']).toBe(`${'x'.repeat(254)}…`);
  });

  it('writes no series twice: of two containers with the same names, the one with tasks', () => {
    const { container, model } = base;
    const with_ = (key: string, current: number, bytes: number) => ({
      ...container,
      key,
      pids: { ...container.pids, current },
      memory: { ...container.memory, currentBytes: bytes },
    });
    const ended = with_('a', 0, 1);
    const running = with_('b', 3, 2);
    for (const containers of [
      [ended, running],
      [running, ended],
    ])
      expect(write({ ...model, containers }).find('cgopher_container_memory_current_bytes')[0]?.value).toBe(2);
  });

  it('of two processes with the same name in a container shows the larger, also when their names are cut alike', () => {
    const small = { ...base.process, key: '1@1', rssBytes: 1 };
    const large = { ...base.process, key: '2@2', rssBytes: 2 };
    for (const goProcesses of [
      [small, large],
      [large, small],
    ])
      expect(write({ ...base.model, goProcesses }).find('cgopher_go_process_resident_memory_bytes')[0]?.value).toBe(2);
    const name = 'n'.repeat(300);
    const goProcesses = [
      { ...small, name: `${name}1` },
      { ...large, name: `${name}2` },
    ];
    expect(write({ ...base.model, goProcesses }).find('cgopher_go_process_resident_memory_bytes')).toHaveLength(1);
  });

  it('stays with the process it showed while that lives, so that counters never seem to go back', () => {
    const writer = new ExpositionWriter();
    const shown = (one: number, two: number): number | undefined => {
      const goProcesses = [
        { ...base.process, key: '1@1', rssBytes: one, cpuSecondsTotal: 5000 },
        { ...base.process, key: '2@2', rssBytes: two, cpuSecondsTotal: 101 },
      ];
      const snapshot = {
        model: { ...base.model, goProcesses },
        findings: [],
        unjudgedByRule: new Map<string, number>(),
      };
      const text = writer.write(snapshot).toString('utf8');
      return parseExposition(text).find('cgopher_go_process_cpu_seconds_total')[0]?.value;
    };
    expect([shown(9, 1), shown(1, 9), shown(9, 1)]).toEqual([5000, 5000, 5000]);
  });

  it('tells processes outside any container and unresolved containers by what is known', () => {
    const unresolved = named(base.container, { namespace: undefined, pod: undefined, container: undefined });
    const model = {
      ...base.model,
      containers: [unresolved],
      goProcesses: [{ ...base.process, containerKey: undefined, key: '9@9', name: 'loose' }],
    };
    const { find } = write(model);
    expect(find('cgopher_container_info')[0]?.labels).toMatchObject({
      namespace: '',
      pod: unresolved.identity.podUid,
      container: 'a'.repeat(12),
    });
    expect(find('cgopher_go_info')[0]?.labels).toMatchObject({
      namespace: '',
      pod: '',
      container: '',
      process: 'loose',
    });
  });

  it('lets a subject vanish with the next text, and one that got a name show it', () => {
    const writer = new ExpositionWriter();
    const other = named({ ...base.container, key: 'other' }, { container: 'other' });
    expect(
      write({ ...base.model, containers: [base.container, other] }, writer).find('cgopher_container_info'),
    ).toHaveLength(2);
    const gone = write({ ...base.model, containers: [other], goProcesses: [] }, writer);
    expect(gone.samples.some((sample) => sample.labels['container'] === 'web')).toBe(false);
    expect(gone.types.has('cgopher_go_info')).toBe(false);
    const renamed = named(other, { container: 'known' });
    const after = write({ ...base.model, containers: [renamed], goProcesses: [] }, writer);
    expect(after.find('cgopher_container_info').map((sample) => sample.labels['container'])).toEqual(['known']);
  });

  it('writes a rule that fires once for a container, and one that is pending or resolved not at all', () => {
    const model = base.model;
    const twice = { ...FINDING, subject: { ...FINDING.subject, key: 'second', pid: 7 } };
    const findings = [
      FINDING,
      twice,
      { ...FINDING, rule: 'OomKilled', state: 'pending' } as const,
      { ...FINDING, rule: 'GomemlimitMissing', state: 'resolved' } as const,
    ];
    const unjudgedByRule = new Map([['GcOffUnbounded', 3]]);
    const text = new ExpositionWriter().write({ model, findings, unjudgedByRule }).toString('utf8');
    const { find } = parseExposition(text);
    expect(find('cgopher_finding')).toEqual([
      { name: 'cgopher_finding', labels: { rule: 'CpuThrottled', severity: 'warning', ...WEB }, value: 1 },
    ]);
    expect(find('cgopher_rule_unknown_subjects')).toMatchObject([{ labels: { rule: 'GcOffUnbounded' }, value: 3 }]);
  });

  it('gives each text away: a later one does not change it', () => {
    const writer = new ExpositionWriter();
    const first = writer.write(snapshotOf(base.model));
    const copy = first.toString('utf8');
    writer.write(snapshotOf({ ...base.model, containers: [], goProcesses: [] }));
    expect(first.toString('utf8')).toBe(copy);
  });

  it('grows past its first buffer', () => {
    const containers = Array.from({ length: 300 }, (_, index) =>
      named({ ...base.container, key: `c${index}` }, { container: `container-${index}-${'é'.repeat(40)}` }),
    );
    expect(write({ ...base.model, containers }).find('cgopher_container_info')).toHaveLength(300);
  });
});
