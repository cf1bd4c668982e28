import { found, missed, type Reading } from '../base/reading.ts';
import type { EngineOptions } from '../rules/engine.ts';
import { decodeLine } from './decode.ts';
import { encodeLine } from './encode.ts';

export const FORMAT = 'cgopher-recording';
/** Another one when a reader of the old would read the new wrongly. Fields that samples gain or lose are no such change. */
export const FORMAT_VERSION = 1;
export const MANIFEST_NAME = 'manifest.json';
export const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

/** What the engine was run with: its options, with the ids of the rules in place of the rules. */
export type EngineRecord = Omit<EngineOptions, 'rules'> & { readonly rules: readonly string[] };

/** What is known when a recording begins. */
export interface RecordingHead {
  readonly cgopherVersion: string;
  readonly cgopherRevision: string;
  readonly startedAtUnixMs: number;
  readonly intervalMs: number;
  /** Labels of goroutines were kept. */
  readonly withLabels: boolean;
  readonly engine: EngineRecord;
}

export interface SegmentRecord {
  readonly file: string;
  readonly firstCycle: number;
  readonly cycles: number;
  readonly bytes: number;
}

/** What can change while a recording is made. */
export interface RecordingState {
  readonly segments: readonly SegmentRecord[];
  /** Segments removed to stay within the bound, oldest first. */
  readonly dropped: { readonly segments: number; readonly cycles: number; readonly bytes: number };
  /** Undefined while it is made, and when it was ended by force. */
  readonly endedAtUnixMs: number | undefined;
}

export function engineRecord(options: EngineOptions): EngineRecord {
  return { ...options, rules: options.rules.map((rule) => rule.id) };
}

/** The file for people and for the reader. */
export function manifestText(head: RecordingHead, state: RecordingState): Reading<string> {
  const line = encodeLine({ format: FORMAT, formatVersion: FORMAT_VERSION, ...head, ...state });
  return line.ok ? found(`${JSON.stringify(JSON.parse(line.value), undefined, 2)}\n`) : line;
}

/** The manifest as read back. `engine` is data from anybody: engine-record.ts makes options of it. */
export interface ReadManifest {
  readonly cgopherVersion: string;
  readonly startedAtUnixMs: number;
  readonly intervalMs: number;
  readonly withLabels: boolean;
  readonly engine: Readonly<Record<string, unknown>>;
}

/** Misses: `unsupported` for another version of the format, `malformed` for what is no manifest. */
export function parseManifest(text: string, source: string): Reading<ReadManifest> {
  const decoded = decodeLine(text);
  if (!decoded.ok) return missed(decoded.miss.kind, 'recording', source, decoded.miss.detail);
  const malformed = (detail: string): Reading<never> => missed('malformed', 'recording', source, detail);
  if (!isObject(decoded.value) || decoded.value['format'] !== FORMAT) return malformed('not a recording of cgopher');
  const { formatVersion, cgopherVersion, startedAtUnixMs, intervalMs, withLabels, engine } = decoded.value;
  if (formatVersion !== FORMAT_VERSION) {
    const detail = `format version ${String(formatVersion).slice(0, 20)}; this cgopher reads version ${FORMAT_VERSION}`;
    return missed('unsupported', 'recording', source, detail);
  }
  if (typeof cgopherVersion !== 'string' || cgopherVersion.length > 100) return malformed('a wrong cgopherVersion');
  if (!isTime(startedAtUnixMs) || !isTime(intervalMs)) return malformed('a wrong startedAtUnixMs or intervalMs');
  if (!isObject(engine)) return malformed('no engine');
  return found({ cgopherVersion, startedAtUnixMs, intervalMs, withLabels: withLabels === true, engine });
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Map);
}

/** The largest time a Date can hold. */
const MAX_TIME_MS = 8.64e15;

export function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= MAX_TIME_MS;
}
