import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type WhyOptions, why } from '../../src/cli/why.ts';
import { whyTable } from '../../src/cli/why-table.ts';
import { verdictsSection } from '../../src/page/verdicts-section.ts';
import { catalogue } from '../../src/rules/catalogue.ts';
import { type EngineOptions, RuleEngine, type RuleOverride } from '../../src/rules/engine.ts';
import { type Judged, judgeAgain, judgeOnce } from '../../src/rules/judged.ts';
import { container, goProcess, nodeModel, pod, THRESHOLDS, told } from '../rules/models.ts';
import { ID_A, POD_A, SmallNode, scope, termination, UID_A } from '../sample/small-node.ts';

const ENGINE: EngineOptions = { rules: catalogue, thresholds: THRESHOLDS, forCycles: 1, clearCycles: 1 };
const MODEL = nodeModel({
  containers: [container()],
  pods: [pod()],
  goProcesses: [goProcess({ settings: { gomaxprocs: told(16) } })],
});

function subjects(wanted: Parameters<typeof judgeOnce>[3]): string[] {
  return judgeOnce(MODEL, catalogue, ENGINE, wanted).map(({ subject }) => subject.kind);
}

describe('who is asked about', () => {
  it('is everything when nothing is named, pod before container before process, the node last', () => {
    expect(subjects({})).toEqual(['pod', 'container', 'process', 'node']);
  });

  it.each([
    [{ namespace: 'shop' }],
    [{ pod: 'app-0' }],
    [{ container: 'app' }],
    [{ process: '7' }],
    [{ process: 'app' }],
    [{ process: 'example.com/app' }],
    [{ namespace: 'shop', pod: 'app-0', container: 'app', process: '7' }],
  ])('%j is the pod, the container and the process', (wanted) => {
    expect(subjects(wanted)).toEqual(['pod', 'container', 'process']);
  });

  it.each([
    [{ namespace: 'sho' }],
    [{ pod: 'app' }],
    [{ container: 'app-0' }],
    [{ process: '70' }],
    [{ namespace: 'shop', process: 'other' }],
  ])('%j is nobody', (wanted) => {
    expect(subjects(wanted)).toEqual([]);
  });

  it('is with a rule only whom that rule judges', () => {
    expect(subjects({ rule: 'CpuThrottled' })).toEqual(['container']);
    expect(subjects({ rule: 'NodeNotUnifiedCgroupV2' })).toEqual(['node']);
    expect(subjects({ rule: 'NodeNotUnifiedCgroupV2', pod: 'app-0' })).toEqual([]);
  });
});

describe('what is switched off', () => {
  const offBy = (engine: Partial<EngineOptions>) =>
    judgeOnce(MODEL, catalogue, { ...ENGINE, ...engine }, { rule: 'GomaxprocsAboveCpuLimit' })[0]?.answers[0];

  it('is judged all the same, and marked', () => {
    expect(offBy({})).toMatchObject({ off: undefined, verdict: { outcome: 'holds' } });
    expect(offBy({ rules: [] })).toMatchObject({ off: 'rules.disable', verdict: { outcome: 'holds' } });
    const overrides = [{ pod: 'app-0', disable: ['GomaxprocsAboveCpuLimit'], thresholds: THRESHOLDS }];
    expect(offBy({ overrides })).toMatchObject({ off: 'overrides', verdict: { outcome: 'holds' } });
  });

  it('is told by the pod’s annotation too', () => {
    const spec = {
      ageSeconds: 0,
      uid: 'a',
      namespace: 'shop',
      name: 'app-0',
      owner: undefined,
      resources: undefined,
      ignore: ['GomaxprocsAboveCpuLimit'],
    };
    const model = { ...MODEL, pods: [pod({ spec })] };
    const offOf = (judged: Judged[], id: string) =>
      judged.flatMap(({ answers }) => answers).find(({ rule }) => rule.id === id)?.off;
    const once = judgeOnce(model, catalogue, ENGINE, {});
    expect(offOf(once, 'GomaxprocsAboveCpuLimit')).toBe('annotation');
    expect(offOf(once, 'GomemlimitMissing')).toBeUndefined();
    const said = 'witched off by the annotation cgopher.dev/ignore of the pod; if it were not:';
    expect(whyTable(once, { color: false, columns: 200 })).toContain(`s${said}`);
    // As the page has it, after the engine ran.
    const engine = new RuleEngine(ENGINE);
    engine.evaluate(model);
    const again = judgeAgain(model, catalogue, engine, () => true);
    expect(offOf(again, 'GomaxprocsAboveCpuLimit')).toBe('annotation');
    expect(verdictsSection('./', again).text).toContain(`S${said}`);
  });

  it('and the numbers in force are those the engine takes', () => {
    const numbers = { ...THRESHOLDS, gomaxprocs: { warningThrottledRatio: 0.5, criticalThrottledRatio: 0.5 } };
    const names = [
      { namespace: 'shop' },
      { pod: 'app-0', container: 'app' },
      { container: 'x' },
      { namespace: 'shop', pod: 'x' },
    ];
    for (const name of names) {
      const override: RuleOverride = { ...name, disable: ['PprofExposed'], thresholds: numbers };
      const options = { ...ENGINE, overrides: [override] };
      const found = new RuleEngine(options).evaluate(MODEL).findings.map(({ rule, severity }) => [rule, severity]);
      const told = judgeOnce(MODEL, catalogue, options, {}).flatMap(({ answers }) =>
        answers.flatMap(({ rule, verdict, off }) =>
          verdict.outcome === 'holds' && off === undefined ? [[rule.id, verdict.severity]] : [],
        ),
      );
      expect(told.sort()).toEqual(found.sort());
    }
  });
});

describe('a rule that looks back, asked once', () => {
  const LOOK_BACK = [
    'StaleCpuLimit',
    'StaleMemoryLimit',
    'StalledAfterSiblingExit',
    'ContainerRestartLoop',
    'NonGoMemory',
  ];
  const model = nodeModel({
    containers: [container()],
    pods: [pod()],
    goProcesses: [goProcess({ settings: { gomaxprocs: told(2), gomemlimit: told(400 << 20) } })],
  });
  const outcomes = (judged: Judged[]) =>
    Object.fromEntries(
      judged.flatMap(({ answers }) => answers.map(({ rule, verdict }) => [rule.id, verdict] as const)),
    );

  it('is not clear because nothing was seen to happen', () => {
    const once = outcomes(judgeOnce(model, catalogue, ENGINE, {}));
    for (const id of LOOK_BACK) expect(once[id], id).toMatchObject({ outcome: 'unknown' });
    expect(once['StaleCpuLimit']).toEqual({
      outcome: 'unknown',
      missing: [
        'what the agent saw before, which its pages and /findings tell (in this one look: the CPU limit has not changed since the process was first seen)',
      ],
    });
    const engine = new RuleEngine(ENGINE);
    engine.evaluate(model);
    const agent = outcomes(judgeAgain(model, catalogue, engine, () => true));
    expect(agent['StaleCpuLimit']).toMatchObject({ outcome: 'clear' });
    expect(agent['StaleMemoryLimit']).toMatchObject({ outcome: 'clear' });
  });

  it('is clear where what was before makes no difference', () => {
    const without = {
      ...model,
      goProcesses: [goProcess({ settings: { gomemlimit: told('off' as const) } })],
    };
    expect(outcomes(judgeOnce(without, catalogue, ENGINE, {}))['StaleMemoryLimit']).toMatchObject({
      outcome: 'clear',
      reason: 'GOMEMLIMIT is not set: see GomemlimitMissing',
    });
  });
});

describe('cgopher why', () => {
  let node: SmallNode;
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'why-'));
    node = new SmallNode();
    node.cgroup(POD_A);
    node.container(ID_A, 101);
    node.write(`pods/shop_web-0_${UID_A}/web/0.log`, '');
    node.cgroup(scope(ID_A), { 'memory.max': '67108864\n' });
    node.procs(scope(ID_A), [101]);
    node.process(101, { environment: ['GOMEMLIMIT=128MiB'], mounts: [termination('web')] });
  });
  afterEach(() => {
    node.close();
    rmSync(directory, { recursive: true });
  });

  async function run(options: Partial<WhyOptions> = {}) {
    let out = '';
    let err = '';
    const status = await why(
      {
        'path.cgroupfs': node.paths.cgroupfs,
        'path.procfs': node.paths.procfs,
        'path.sysfs': node.paths.sysfs,
        'path.podlogs': node.paths.podlogs,
        'log.level': 'error',
        'log.format': 'logfmt',
        interval: 20,
        ...options,
      },
      {
        out: (text) => {
          out += text;
        },
        progress: (text) => {
          err += `${text}\n`;
        },
        style: { columns: 100, color: false },
        stopped: new Promise(() => undefined),
      },
    );
    return { status, out, err };
  }

  it('says why a rule fires, why another does not, and what a third would need', async () => {
    const { status, out, err } = await run({ pod: 'web-0' });
    expect([status, err]).toEqual([0, '']);
    expect(out).toContain('process shop/web-0/web (app, pid 101)\n');
    expect(out).toContain('  holds    GomemlimitAboveMemoryLimit  critical\n');
    expect(out).toMatch(/\n {13}effective memory limit +64 MiB /);
    expect(out).toMatch(/ {11}change: \S/);
    expect(out).toMatch(/ {2}clear {4}GcOffUnbounded\n {11}\S/);
    expect(out).toMatch(/ {2}unknown {2}\w+\n {11}needs: \S/);
    expect(out).not.toContain('\nnode ');
    for (const line of out.split('\n')) expect(line.length, line).toBeLessThanOrEqual(100);
  });

  it('shows one rule only when one is named', async () => {
    const { out } = await run({ rule: 'gomemlimit-above-memory-limit' });
    expect(out.match(/^ {2}(holds|clear|unknown|off) /gm)).toHaveLength(1);
  });

  it('prints one JSON object with every verdict in full', async () => {
    const { status, out, err } = await run({ process: '101', json: true, once: true });
    expect([status, err]).toEqual([0, '']);
    const report = JSON.parse(out) as {
      schemaVersion: number;
      subjects: { subject: { kind: string }; rules: { rule: string; outcome: string; evidence?: unknown[] }[] }[];
    };
    expect(report.schemaVersion).toBe(1);
    expect(report).not.toHaveProperty('windowSeconds');
    expect(report.subjects.map(({ subject }) => subject.kind)).toEqual(['pod', 'container', 'process']);
    const found = report.subjects[2]?.rules.find(({ rule }) => rule === 'GomemlimitAboveMemoryLimit');
    expect(found).toMatchObject({ outcome: 'holds', severity: 'critical' });
    expect(found?.evidence?.length).toBeGreaterThan(1);
  });

  it('says what is switched off, and what it would say', async () => {
    const file = join(directory, 'c.yaml');
    writeFileSync(file, 'overrides: [{ pod: web-0, disable: [GomemlimitAboveMemoryLimit] }]\n');
    const { out } = await run({ 'config.file': file, rule: 'GomemlimitAboveMemoryLimit' });
    expect(out).toContain('  off      GomemlimitAboveMemoryLimit\n');
    expect(out).toContain(
      'switched off by overrides of the configuration; if it were not:\n           GOMEMLIMIT is 128 MiB',
    );
  });

  it('ends with 2 and the nearest name when nothing fits', async () => {
    expect(await run({ pod: 'web-1' })).toEqual({
      status: 2,
      out: '',
      err: 'cgopher why: nothing on this node fits --pod web-1 (did you mean web-0?)\n',
    });
    expect(await run({ namespace: 'shop', process: '9' })).toEqual({
      status: 2,
      out: '',
      err: 'cgopher why: nothing on this node fits --namespace shop --process 9\n',
    });
  });

  it('refuses a rule there is none of, before it looks', async () => {
    await expect(run({ rule: 'GomemlimitMising', interval: 3_600_000 })).rejects.toThrow(
      'did you mean GomemlimitMissing?',
    );
  });

  it('ends with 2 where it cannot judge', async () => {
    node.remove('cgroup');
    node.write('cgroup/memory/tasks', '');
    const { status, out, err } = await run();
    expect(status).toBe(2);
    expect(out).toContain('NodeNotUnifiedCgroupV2  warning');
    expect(err).toContain('could not judge');
  });
});
