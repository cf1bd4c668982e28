import { join } from 'node:path';
import { found, missed, type Reading } from '../base/reading.ts';
import { gzipLines, type LineLimits, readWhole, regularFiles } from '../io/segment-files.ts';
import type { NodeSample } from '../sample/types.ts';
import { decodeLine } from './decode.ts';
import type { ReadManifest } from './manifest.ts';
import { FORMAT, FORMAT_VERSION, isObject, MANIFEST_NAME, MAX_MANIFEST_BYTES, parseManifest } from './manifest.ts';
import { isSampleShaped } from './sample-shape.ts';

const SEGMENT_NAME = /^\d{4,9}\.ndjson\.gz$/;
const MAX_SEGMENTS = 100_000;
const LIMITS: LineLimits = { maxLineBytes: 64 * 1024 * 1024, maxBytes: 8 * 1024 ** 3 };

/** One sample, or one thing a person should know of those that are not there. */
export type Recorded =
  | { readonly kind: 'sample'; readonly cycle: number; readonly sample: NodeSample }
  | { readonly kind: 'note'; readonly text: string };

/** A recording on disk. Read from its directory: what its manifest says of segments is for people. */
export interface Recording {
  readonly manifest: ReadManifest;
  /** All samples that can be read, in the order of time; each call reads anew. */
  samples(): AsyncGenerator<Recorded, void, undefined>;
}

/** Opens a recording. Misses as `parseManifest`, and those of reading the directory. */
export async function openRecording(directory: string): Promise<Reading<Recording>> {
  const path = join(directory, MANIFEST_NAME);
  const text = await readWhole(path, MAX_MANIFEST_BYTES);
  if (!text.ok) return text;
  const manifest = parseManifest(text.value, path);
  if (!manifest.ok) return manifest;
  const files = await regularFiles(directory);
  if (!files.ok) return files;
  const names = files.value.filter((name) => SEGMENT_NAME.test(name));
  if (names.length > MAX_SEGMENTS) return missed('failed', 'recording', directory, `over ${MAX_SEGMENTS} segments`);
  names.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
  return found({ manifest: manifest.value, samples: () => samplesOf(directory, names) });
}

async function* samplesOf(directory: string, names: readonly string[]): AsyncGenerator<Recorded, void, undefined> {
  let next = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  const note = (text: string): Recorded => ({ kind: 'note', text });
  for (const [index, name] of names.entries()) {
    let isHead = true;
    let ended = false;
    for await (const line of gzipLines(join(directory, name), LIMITS)) {
      const data = line.ok ? decodeLine(line.value) : line;
      if (!data.ok) {
        yield note(`${name}: ${data.miss.detail}; the rest of it is left out`);
        ended = true;
        break;
      }
      const wrong = isHead ? wrongHead(data.value) : undefined;
      if (isHead && wrong === undefined) {
        isHead = false;
        continue;
      }
      if (isEnd(data.value)) {
        ended = true;
        break;
      }
      const recorded = recordedSample(data.value);
      const backwards = recorded !== undefined && (recorded.cycle < next || recorded.sample.at.monotonicMs < lastMs);
      if (wrong !== undefined || recorded === undefined || backwards) {
        const what = wrong ?? (backwards ? 'a sample that is older than the one before' : 'a line that is no sample');
        yield note(`${name}: ${what}; the rest of it is left out`);
        ended = true;
        break;
      }
      if (recorded.cycle > next) yield note(missingText(next, recorded.cycle));
      yield recorded;
      next = recorded.cycle + 1;
      lastMs = recorded.sample.at.monotonicMs;
    }
    if (!ended)
      yield note(`${name}: was not ended${index === names.length - 1 ? ': the recording was stopped by force' : ''}`);
  }
}

function missingText(from: number, to: number): string {
  const cycles = to - from === 1 ? `cycle ${from} is` : `cycles ${from} to ${to - 1} are`;
  return from === 0
    ? `${cycles} not there: the first sample has none before it, and rules begin to remember with it`
    : `${cycles} not there: the next sample is held against the last one before`;
}

function wrongHead(value: unknown): string | undefined {
  if (!isObject(value) || value['format'] !== FORMAT) return 'no segment of a recording';
  return value['formatVersion'] === FORMAT_VERSION ? undefined : 'another version of the format';
}

function isEnd(value: unknown): boolean {
  return isObject(value) && typeof value['end'] === 'number';
}

function recordedSample(value: unknown): Extract<Recorded, { kind: 'sample' }> | undefined {
  if (!isObject(value)) return undefined;
  const { cycle, sample } = value;
  if (typeof cycle !== 'number' || !Number.isSafeInteger(cycle) || cycle < 0 || !isSampleShaped(sample))
    return undefined;
  return { kind: 'sample', cycle, sample };
}
