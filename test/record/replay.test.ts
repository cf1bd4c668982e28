import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assemble, engineOptions } from '../../src/agent/assemble.ts';
import { runAtOnce } from '../../src/agent/slices.ts';
import { replayCommand } from '../../src/cli/replay.ts';
import { type Config, defaultConfig } from '../../src/config/config.ts';
import { type SimulatedNode, startSimulatedNode } from '../../src/demo/node.ts';
import { buildModel } from '../../src/model/build.ts';
import { engineOptionsOf } from '../../src/record/engine-record.ts';
import { engineRecord } from '../../src/record/manifest.ts';
import { Recorder } from '../../src/record/recorder.ts';
import { openRecording } from '../../src/record/recording.ts';
import { type Replayed, replay } from '../../src/record/replay.ts';
import { Timeline } from '../../src/record/timeline.ts';
import { catalogue } from '../../src/rules/catalogue.ts';
import type { Evaluation } from '../../src/rules/engine.ts';
import { inThisThread } from '../../src/sample/runtime-memory/resolver.ts';
import type { NodeSample } from '../../src/sample/types.ts';

/*
 * The parts of the agent's loop over a simulated node, 24 cycles of 10 s by a clock that the test steps, recorded while its evaluations
 * are kept. What comes out of the files must be the same, to the last field.
 */

const CYCLES = 24;
const STEP_MS = 10_000;
const START = 1_795_000_000_000;
let base = '';
let directory = '';
let node: SimulatedNode;
const live: Evaluation[] = [];
let elapsed = 0;
const clock = { now: () => ({ wallMs: START + elapsed, monotonicMs: 7000 + elapsed }) };
const config: Config = {
  ...defaultConfig(),
  intervalMs: STEP_MS,
  rules: { disable: ['PprofExposed'] },
  endpoints: { ...defaultConfig().endpoints, intervalMs: STEP_MS },
};

async function untilWritten(recorder: Recorder, cycles: number): Promise<void> {
  for (let turns = 0; turns < 5000 && recorder.progress.cycles < cycles; turns += 1)
    await new Promise((resolve) => setTimeout(resolve, 1));
}

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'replayed-node-'));
  directory = join(base, 'recording');
  node = await startSimulatedNode({ directory: join(base, 'node'), clock, host: '127.0.0.1', self: 4242 });
  const engine = engineRecord(engineOptions(config, 'daemon'));
  const begun = await Recorder.begin({
    directory,
    maxBytes: 256 * 1024 * 1024,
    // Several segments, so that reading across their borders is part of it.
    segmentMs: 60_000,
    head: {
      cgopherVersion: '0.0.0-source',
      cgopherRevision: 'x',
      startedAtUnixMs: START,
      intervalMs: STEP_MS,
      withLabels: false,
      engine,
    },
  });
  if (!begun.ok) throw new Error(begun.miss.detail);
  const recorder = begun.value;
  const machinery = assemble(node, config, clock, 'daemon', inThisThread);
  let previous: NodeSample | undefined;
  for (let cycle = 0; cycle < CYCLES; cycle += 1) {
    elapsed = cycle * STEP_MS;
    node.tick();
    await machinery.poller?.pollAll();
    const sample = runAtOnce(machinery.sampler.take());
    // A copy: what the engine changes later must not change what it said.
    live.push(structuredClone(machinery.engine.evaluate(buildModel(sample, previous))));
    previous = sample;
    recorder.take(sample);
    await untilWritten(recorder, cycle + 1);
  }
  machinery.close();
  expect(previous?.go.size).toBeGreaterThan(10);
  expect([...(previous?.go.values() ?? [])].some((go) => go.endpoint?.sites !== undefined)).toBe(true);
  const ended = await recorder.end(clock.now().wallMs);
  if (!ended.ok) throw new Error(ended.miss.detail);
}, 120_000);
afterAll(async () => {
  await node.close();
  rmSync(base, { recursive: true });
});

async function replayed(from = directory): Promise<Replayed[]> {
  const recording = await openRecording(from);
  if (!recording.ok) throw new Error(recording.miss.detail);
  const usual = { catalogue, thresholds: defaultConfig().thresholds };
  const options = engineOptionsOf(recording.value.manifest.engine, usual, () => undefined);
  if (!options.ok) throw new Error(options.miss.detail);
  const all: Replayed[] = [];
  for await (const entry of replay(recording.value.samples(), options.value)) all.push(entry);
  return all;
}
async function printed(options: { readonly json?: boolean }, from = directory): Promise<string> {
  let text = '';
  const out = (part: string): void => {
    text += part;
  };
  await replayCommand(from, options, { out, style: { columns: 120, color: false } });
  return text;
}
/** A copy of the recording, to be spoilt. */
function copied(): string {
  const copy = mkdtempSync(join(base, 'copy-'));
  cpSync(directory, copy, { recursive: true });
  return copy;
}

describe('replay', () => {
  it('gives exactly the evaluations of the live run', async () => {
    const all = await replayed();
    expect(all.map((entry) => entry.kind)).toEqual(Array.from({ length: CYCLES }, () => 'cycle'));
    expect(all.flatMap((entry) => (entry.kind === 'cycle' ? [entry.evaluation] : []))).toStrictEqual(live);
    const states = new Set(live.flatMap(({ findings }) => findings.map((finding) => finding.state)));
    expect([...states].sort()).toEqual(['firing', 'pending', 'resolved']);
    expect(readdirSync(directory).filter((name) => name.endsWith('.gz')).length).toBeGreaterThan(2);
  });

  it('judges with the recorded options, not the usual ones', async () => {
    // PprofExposed is off in the recording and on by default.
    const rules = (await replayed()).flatMap((entry) => (entry.kind === 'cycle' ? entry.evaluation.findings : []));
    expect(rules.some((finding) => finding.rule === 'GomaxprocsAboveCpuLimit')).toBe(true);
    expect(rules.some((finding) => finding.rule === 'PprofExposed')).toBe(false);
  });

  it('prints the same bytes each time', async () => {
    expect(await printed({})).toBe(await printed({}));
    expect(await printed({ json: true })).toBe(await printed({ json: true }));
  });

  it('prints when each finding changed its state', async () => {
    const table = await printed({});
    // 23 steps of 10 s.
    expect(table).toContain(
      `${CYCLES} cycles in 3m50s from 2026-11-18T11:06:40.000Z, recorded by cgopher 0.0.0-source`,
    );
    expect(table).toMatch(/^AT +STATE +SEVERITY +RULE +WHO$/m);
    // forCycles is 2: what holds from the start is pending in the first cycle and fires in the second.
    expect(table).toMatch(/^2026-11-18T11:06:40\.000Z +pending +\w+ +GomaxprocsNotContainerAware /m);
    expect(table).toMatch(/^2026-11-18T11:06:50\.000Z +firing +\w+ +GomaxprocsNotContainerAware /m);
    expect(table).toMatch(/^Firing at the end: \d+$/m);
  });

  it('prints events and the last report as JSON', async () => {
    const result = JSON.parse(await printed({ json: true })) as {
      events: { cycle: number; state: string; finding: { rule: string } }[];
      notes: string[];
      report: { findings: unknown[]; takenAt: string };
    };
    expect(result.notes).toEqual([]);
    expect(result.report.takenAt).toBe(new Date(START + (CYCLES - 1) * STEP_MS).toISOString());
    expect(result.report.findings).toEqual(JSON.parse(JSON.stringify(live.at(-1)!.findings)));
    const firing = live.flatMap(({ findings }) => findings).filter((finding) => finding.state === 'firing');
    const begun = new Set(firing.map((finding) => `${finding.rule}|${finding.subject.key}`));
    expect(result.events.filter((event) => event.state === 'firing').length).toBeGreaterThanOrEqual(begun.size);
  });

  it('says what is not there, and judges the rest', async () => {
    const copy = copied();
    rmSync(join(copy, '0000.ndjson.gz'));
    const result = JSON.parse(await printed({ json: true }, copy)) as {
      notes: string[];
      recording: { cycles: number };
    };
    // Segments of 60 s hold 6 cycles.
    expect(result.notes).toEqual([
      'cycles 0 to 5 are not there: the first sample has none before it, and rules begin to remember with it',
    ]);
    expect(result.recording.cycles).toBe(CYCLES - 6);
  });

  it('refuses what cannot be judged, by one line', async () => {
    const hollow = {
      at: { wallMs: 1, monotonicMs: 1 },
      hierarchy: {},
      facts: {},
      privileges: {},
      unseen: [],
      misses: [],
      collectors: [],
    };
    const maps = Object.fromEntries(['cgroups', 'roles', 'levels', 'identities', 'go'].map((key) => [key, { $m: [] }]));
    const copy = copied();
    for (const name of readdirSync(copy)) if (name.endsWith('.gz')) rmSync(join(copy, name));
    const head = { format: 'cgopher-recording', formatVersion: 1, firstCycle: 0 };
    const lines = [head, { cycle: 0, sample: { ...hollow, ...maps } }, { end: 1 }];
    writeFileSync(join(copy, '0000.ndjson.gz'), gzipSync(lines.map((line) => `${JSON.stringify(line)}\n`).join('')));
    await expect(printed({}, copy)).rejects.toThrow(/^cannot replay .*: cycle 0 cannot be judged: /);
    rmSync(join(copy, '0000.ndjson.gz'));
    await expect(printed({}, copy)).rejects.toThrow(/: it holds no sample$/);
    await expect(printed({}, join(base, 'nowhere'))).rejects.toThrow(/: ENOENT$/);
  });
});

describe('the recorded engine', () => {
  const usual = { catalogue, thresholds: defaultConfig().thresholds };
  const record = () => {
    const manifest = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8')) as {
      engine: Record<string, unknown>;
    };
    return manifest.engine;
  };
  const read = (engine: Record<string, unknown>) => {
    const notes: string[] = [];
    return { options: engineOptionsOf(engine, usual, (text) => notes.push(text)), notes };
  };

  it('is that of the live run', () => {
    const { options, notes } = read(record());
    expect(notes).toEqual([]);
    expect(options).toEqual({ ok: true, value: { overrides: [], ...engineOptions(config, 'daemon') } });
  });

  it('is read by an older and by a newer version', () => {
    const thresholds = { ...(record()['thresholds'] as Record<string, object>), cpuThrottled: { warningRatio: 0.5 } };
    const { options, notes } = read({
      ...record(),
      rules: ['OomKilled', 'NotYetKnown'],
      thresholds,
      coolDownSeconds: 60,
    });
    expect(options).toMatchObject({
      ok: true,
      value: { coolDownSeconds: 60, thresholds: { cpuThrottled: { warningRatio: 0.5, criticalRatio: 0.25 } } },
    });
    expect(options.ok && options.value.rules.map((rule) => rule.id)).toEqual(['OomKilled']);
    expect(notes).toContain('this version has no rule NotYetKnown');
    expect(notes).toContain('the recording has no thresholds.cpuThrottled.criticalRatio: the usual value is used');
  });

  it('keeps what the operator said of some subjects', () => {
    const override = { namespace: 'shop', disable: ['OomKilled'], thresholds: { memory: { headroomRatio: 0.2 } } };
    const { options } = read({ ...record(), overrides: [override] });
    expect(options.ok && options.value.overrides).toMatchObject([
      {
        namespace: 'shop',
        pod: undefined,
        disable: ['OomKilled'],
        thresholds: { memory: { headroomRatio: 0.2, predictedPeakRatio: 0.9 } },
      },
    ]);
  });

  it.each([
    [{ rules: 'all' }, 'wrong rules'],
    [{ rules: [1] }, 'wrong rules'],
    [{ thresholds: 7 }, 'a wrong thresholds'],
    [{ thresholds: { memory: { headroomRatio: '0.1' } } }, 'a wrong thresholds.memory.headroomRatio'],
    [{ thresholds: { memory: { headroomRatio: Number.NaN } } }, 'a wrong thresholds.memory.headroomRatio'],
    [{ forCycles: 0 }, 'a wrong forCycles'],
    [{ clearCycles: 1.5 }, 'a wrong clearCycles'],
    [{ overrides: {} }, 'wrong overrides'],
    [{ overrides: [7] }, 'a wrong override'],
    [{ overrides: [{ namespace: 7 }] }, 'a wrong namespace of an override'],
  ])('refuses %j', (wrong, detail) => {
    expect(read({ ...record(), ...wrong }).options).toMatchObject({ ok: false, miss: { kind: 'malformed', detail } });
  });
});

describe('Timeline', () => {
  it('tells each change of state once', () => {
    const finding = live.flatMap(({ findings }) => findings)[0]!;
    const timeline = new Timeline();
    const at = (cycle: number, ...states: ('pending' | 'firing' | 'resolved')[]) =>
      timeline
        .note(
          cycle,
          { wallMs: cycle, monotonicMs: cycle },
          { findings: states.map((state) => ({ ...finding, state })), unjudged: [] },
        )
        .map((event) => event.state);
    expect(at(0, 'pending')).toEqual(['pending']);
    expect(at(1, 'pending')).toEqual([]);
    expect(at(2)).toEqual(['withdrawn']);
    expect(at(3)).toEqual([]);
    expect(at(4, 'pending')).toEqual(['pending']);
    expect(at(5, 'firing')).toEqual(['firing']);
    expect(at(6, 'firing')).toEqual([]);
    expect(at(7, 'resolved')).toEqual(['resolved']);
    expect(at(8, 'firing')).toEqual(['firing']);
  });
});
