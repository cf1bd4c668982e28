import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RecordingHead } from '../../src/record/manifest.ts';
import { Recorder } from '../../src/record/recorder.ts';
import { openRecording, type Recorded } from '../../src/record/recording.ts';
import type { NodeSample } from '../../src/sample/types.ts';
import { ID_A, POD_A, SmallNode, UID_A } from '../sample/small-node.ts';
import { taking } from '../sample/take.ts';

let base = '';
let directory = '';
let node: SmallNode;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'recorder-'));
  directory = join(base, 'recording');
  node = new SmallNode();
  node.cgroup(POD_A);
  node.container(ID_A, 101);
  node.write(`pods/shop_web-0_${UID_A}/web/0.log`, '');
});
afterEach(() => {
  node.close();
  rmSync(base, { recursive: true });
});

const HEAD: RecordingHead = {
  cgopherVersion: '1.2.3',
  cgopherRevision: 'abc',
  startedAtUnixMs: 1_795_000_000_000,
  intervalMs: 10_000,
  withLabels: false,
  engine: { rules: [], thresholds: {} as never, forCycles: 2, clearCycles: 2 },
};

async function begin(
  options: { maxBytes?: number; segmentMs?: number; head?: Partial<RecordingHead> } = {},
): Promise<Recorder> {
  const { maxBytes = 1 << 20, segmentMs = 600_000, head } = options;
  const begun = await Recorder.begin({ directory, maxBytes, segmentMs, head: { ...HEAD, ...head } });
  if (!begun.ok) throw new Error(begun.miss.detail);
  return begun.value;
}
/** Takes samples one by one, each written before the next. */
async function record(recorder: Recorder, samples: readonly NodeSample[]): Promise<void> {
  for (const sample of samples) {
    const { cycles } = recorder.progress;
    recorder.take(sample);
    for (
      let turns = 0;
      turns < 2000 && recorder.progress.cycles === cycles && recorder.failure === undefined;
      turns += 1
    )
      await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
async function readAll(): Promise<Recorded[]> {
  const recording = await openRecording(directory);
  if (!recording.ok) throw new Error(recording.miss.detail);
  const all: Recorded[] = [];
  for await (const entry of recording.value.samples()) all.push(entry);
  return all;
}
const samplesIn = (all: readonly Recorded[]) => all.flatMap((entry) => (entry.kind === 'sample' ? [entry.sample] : []));
const notesIn = (all: readonly Recorded[]) => all.flatMap((entry) => (entry.kind === 'note' ? [entry.text] : []));
const manifest = () => JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8')) as Record<string, unknown>;
const files = () => readdirSync(directory).sort();

/** As a recording has it: without the flags given to the linker. */
function unflagged(sample: NodeSample): NodeSample {
  const go = [...sample.go].map(([pid, one]) => {
    const settings = new Map([...one.build.settings].filter(([key]) => key !== '-ldflags'));
    return [pid, { ...one, build: { ...one.build, settings } }] as const;
  });
  return { ...sample, go: new Map(go) };
}
function samplesTaken(count: number): NodeSample[] {
  const { take } = taking(node.paths);
  return Array.from({ length: count }, () => unflagged(take()));
}
const threeSamples = () => samplesTaken(3);

describe('a recording', () => {
  it('gives back the samples it was given, field by field', async () => {
    const samples = threeSamples();
    const recorder = await begin();
    await record(recorder, samples);
    expect(await recorder.end(1_795_000_030_000)).toMatchObject({
      ok: true,
      value: { cycles: 3, segments: 1, droppedCycles: 0 },
    });
    const all = await readAll();
    expect(notesIn(all)).toEqual([]);
    expect(samplesIn(all)).toStrictEqual(samples);
    expect(manifest()).toMatchObject({
      format: 'cgopher-recording',
      formatVersion: 1,
      cgopherVersion: '1.2.3',
      startedAtUnixMs: 1_795_000_000_000,
      endedAtUnixMs: 1_795_000_030_000,
      segments: [
        { file: '0000.ndjson.gz', firstCycle: 0, cycles: 3, bytes: statSync(join(directory, '0000.ndjson.gz')).size },
      ],
      dropped: { segments: 0, cycles: 0, bytes: 0 },
    });
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    for (const file of files()) expect(statSync(join(directory, file)).mode & 0o777).toBe(0o600);
  });

  it('holds nothing of an environment but the Go variables, and no flags of a build', async () => {
    node.process(101, {
      environment: ['SECRET=hunter2', 'GOMEMLIMIT=1GiB', 'DATABASE_URL=postgres://u:pass@db/x', 'GOGC_TOKEN=hunter3'],
    });
    const samples = threeSamples();
    const go = samples[0]!.go.get(101)!;
    expect(go.environment?.GOMEMLIMIT).toBe('1GiB');
    const settings = new Map([...go.build.settings, ['-ldflags', '-X main.key=hunter4'], ['CGO_ENABLED', '0']]);
    const labels = { user: 'hunter5' };
    const odd = { ...go, build: { ...go.build, settings }, sites: [{ count: 1, labels }] };
    const recorder = await begin();
    await record(recorder, [{ ...samples[0]!, go: new Map([[101, odd]]) }]);
    await recorder.end(0);
    const text = gunzipSync(readFileSync(join(directory, '0000.ndjson.gz'))).toString('utf8');
    expect(text).toContain('"GOMEMLIMIT":"1GiB"');
    expect(text).toContain('["CGO_ENABLED","0"]');
    for (const secret of ['SECRET', 'hunter', 'DATABASE_URL', 'postgres', 'GOGC_TOKEN', 'ldflags'])
      expect(text).not.toContain(secret);
    expect(readFileSync(join(directory, 'manifest.json'), 'utf8')).not.toContain('hunter');
  });

  it('keeps labels of goroutines when it is told to', async () => {
    const [sample] = threeSamples();
    const labelled = { ...sample!.go.get(101)!, sites: [{ count: 1, labels: { user: 'ann', __proto__x: '1' } }] };
    const recorder = await begin({ head: { withLabels: true } });
    await record(recorder, [{ ...sample!, go: new Map([[101, labelled]]) }]);
    await recorder.end(0);
    expect(samplesIn(await readAll())[0]?.go.get(101)).toMatchObject({ sites: [{ labels: { user: 'ann' } }] });
    expect(manifest()['withLabels']).toBe(true);
  });

  it('begins another segment when one is old, and drops the oldest to stay within its bound', async () => {
    const samples = samplesTaken(6);
    const recorder = await begin({ segmentMs: 20_000 });
    await record(recorder, samples);
    await recorder.end(0);
    // Samples are 10 s apart: two to a segment.
    expect(files()).toEqual(['0000.ndjson.gz', '0001.ndjson.gz', '0002.ndjson.gz', 'manifest.json']);
    expect(samplesIn(await readAll())).toStrictEqual(samples);
    const bytes = statSync(join(directory, '0001.ndjson.gz')).size;
    rmSync(directory, { recursive: true });

    // Room for two of three segments, and each is ended by its age.
    const small = await begin({ segmentMs: 20_000, maxBytes: Math.floor(bytes * 2.5) });
    await record(small, samples);
    expect(await small.end(0)).toMatchObject({ value: { cycles: 6 } });
    const kept = (manifest()['segments'] as { cycles: number }[]).reduce((sum, segment) => sum + segment.cycles, 0);
    const dropped = manifest()['dropped'] as { cycles: number; segments: number };
    expect(dropped.segments).toBeGreaterThan(0);
    expect(kept + dropped.cycles).toBe(6);
    expect(files()).not.toContain('0000.ndjson.gz');
    const all = await readAll();
    expect(samplesIn(all)).toStrictEqual(samples.slice(dropped.cycles));
    expect(notesIn(all)).toEqual([
      `cycle${dropped.cycles === 1 ? ' 0 is' : `s 0 to ${dropped.cycles - 1} are`} not there: the first sample has none before it, and rules begin to remember with it`,
    ]);
    const total = files().reduce(
      (sum, file) => sum + (file === 'manifest.json' ? 0 : statSync(join(directory, file)).size),
      0,
    );
    expect(total).toBeLessThan(bytes * 3.5);
  });

  it('refuses a directory that holds anything, and one that cannot be made', async () => {
    const recorder = await begin();
    await recorder.end(0);
    const again = await Recorder.begin({ directory, maxBytes: 1 << 20, head: HEAD });
    expect(again).toMatchObject({ ok: false, miss: { detail: 'not empty' } });
    writeFileSync(join(base, 'file'), '');
    const below = await Recorder.begin({ directory: join(base, 'file', 'x'), maxBytes: 1 << 20, head: HEAD });
    expect(below).toMatchObject({ ok: false, miss: { detail: 'ENOTDIR' } });
  });

  it('ends at the first failure and says which', async () => {
    const samples = threeSamples();
    const recorder = await begin();
    await record(recorder, samples.slice(0, 1));
    recorder.take({ ...samples[1]!, facts: { ...samples[1]!.facts, read: () => 1 } as never });
    recorder.take(samples[2]!);
    expect(await recorder.end(0)).toMatchObject({ ok: false, miss: { source: 'facts.read' } });
    expect(manifest()).not.toHaveProperty('endedAtUnixMs');
    expect(samplesIn(await readAll())).toStrictEqual(samples.slice(0, 1));
  });

  it('fails rather than hold ever more samples that a slow disk does not take', async () => {
    const [sample] = threeSamples();
    const recorder = await begin();
    for (let count = 0; count < 20; count += 1) recorder.take(sample!);
    expect(recorder.failure?.detail).toBe('8 samples wait to be written');
    expect(await recorder.end(0)).toMatchObject({ ok: false });
  });
});

describe('reading a recording that is not whole', () => {
  async function made(): Promise<NodeSample[]> {
    const samples = threeSamples();
    const recorder = await begin({ segmentMs: 1 });
    await record(recorder, samples);
    await recorder.end(0);
    expect(files()).toHaveLength(4);
    return samples;
  }
  const segment = (index: number) => join(directory, `000${index}.ndjson.gz`);
  const lines = (...all: unknown[]) =>
    gzipSync(all.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''));
  const HEAD_LINE = { format: 'cgopher-recording', formatVersion: 1, firstCycle: 1 };

  it('gives what was written before the end was cut off', async () => {
    const samples = await made();
    truncateSync(segment(2), statSync(segment(2)).size - 10);
    const all = await readAll();
    // The last member holds only the end mark.
    expect(samplesIn(all)).toStrictEqual(samples);
    expect(notesIn(all)).toHaveLength(1);
    truncateSync(segment(2), 300);
    const less = await readAll();
    expect(samplesIn(less)).toStrictEqual(samples.slice(0, 2));
    expect(notesIn(less)).toEqual(['0002.ndjson.gz: cut short; the rest of it is left out']);
  });

  it('goes on after a segment that is gone or broken, and says so', async () => {
    const samples = await made();
    writeFileSync(segment(1), 'no gzip at all');
    const all = await readAll();
    expect(samplesIn(all)).toStrictEqual([samples[0], samples[2]]);
    expect(notesIn(all)).toEqual([
      '0001.ndjson.gz: Z_DATA_ERROR; the rest of it is left out',
      'cycle 1 is not there: the next sample is held against the last one before',
    ]);
    rmSync(segment(1));
    rmSync(segment(0));
    expect(notesIn(await readAll())).toEqual([
      'cycles 0 to 1 are not there: the first sample has none before it, and rules begin to remember with it',
    ]);
  });

  it.each([
    ['a foreign segment', lines({ format: 'other' }), 'no segment of a recording'],
    ['a newer segment', lines({ ...HEAD_LINE, formatVersion: 2 }), 'another version of the format'],
    ['no sample', lines(HEAD_LINE, { cycle: 1, sample: { at: 1 } }), 'a line that is no sample'],
    ['no cycle', lines(HEAD_LINE, { cycle: -1, sample: {} }), 'a line that is no sample'],
    ['an unknown tag', lines(HEAD_LINE, '{"cycle":1,"sample":{"$z":1}}'), 'an unknown or wrong tag "$z"'],
    [
      'a prototype',
      lines(HEAD_LINE, '{"cycle":1,"sample":{"__proto__":{}}}'),
      'a key "__proto__" that no writer makes',
    ],
    ['no JSON', lines(HEAD_LINE, '{"cycle":1,'), 'a line that is not JSON'],
  ])('leaves out %s', async (_name, content, detail) => {
    const samples = await made();
    writeFileSync(segment(1), content);
    const all = await readAll();
    expect(samplesIn(all)).toStrictEqual([samples[0], samples[2]]);
    expect(notesIn(all)[0]).toBe(`0001.ndjson.gz: ${detail}; the rest of it is left out`);
  });

  it('does not go back in time', async () => {
    const samples = await made();
    writeFileSync(segment(2), readFileSync(segment(0)));
    const all = await readAll();
    expect(samplesIn(all)).toStrictEqual(samples.slice(0, 2));
    expect(notesIn(all)).toEqual([
      '0002.ndjson.gz: a sample that is older than the one before; the rest of it is left out',
    ]);
  });

  it.each([
    ['{}', 'malformed', 'not a recording of cgopher'],
    [
      '{"format":"cgopher-recording","formatVersion":2}',
      'unsupported',
      'format version 2; this cgopher reads version 1',
    ],
    ['[', 'malformed', 'a line that is not JSON'],
  ])('refuses the manifest %s', async (text, kind, detail) => {
    await made();
    writeFileSync(join(directory, 'manifest.json'), text);
    expect(await openRecording(directory)).toMatchObject({ ok: false, miss: { kind, detail } });
  });

  it('refuses a directory without a manifest', async () => {
    expect(await openRecording(base)).toMatchObject({ ok: false, miss: { kind: 'absent', detail: 'ENOENT' } });
  });
});
