import { defaultConfig } from '../config/config.ts';
import { formatDuration } from '../config/durations.ts';
import { checkReport } from '../export/check-report.ts';
import { subjectName } from '../export/check-table.ts';
import { cellName, columns, paint, plain, type TableStyle } from '../export/terminal.ts';
import type { NodeModel } from '../model/node-types.ts';
import { engineOptionsOf } from '../record/engine-record.ts';
import { openRecording, type Recording } from '../record/recording.ts';
import { replay } from '../record/replay.ts';
import { type FindingEvent, Timeline } from '../record/timeline.ts';
import { catalogue } from '../rules/catalogue.ts';
import type { Evaluation } from '../rules/engine.ts';
import { build } from './build.ts';

export interface ReplayOptions {
  readonly json?: boolean;
}

/** Where the command writes. */
export interface ReplayOutput {
  readonly out: (text: string) => void;
  readonly style: TableStyle;
}

/** More than a person reads; each is held in memory until the end. */
const MAX_EVENTS = 100_000;
const MAX_NOTES = 1000;

/** What a recording gave. */
interface Outcome {
  readonly cycles: number;
  readonly firstUnixMs: number;
  readonly events: readonly FindingEvent[];
  readonly notes: readonly string[];
  readonly last: { readonly model: NodeModel; readonly evaluation: Evaluation };
}

/**
 * `cgopher replay`: runs model and rules over a recording and prints what became pending, fired and ended, and when. The same recording
 * gives the same bytes. Throws when it cannot be read, or holds no sample.
 */
export async function replayCommand(directory: string, options: ReplayOptions, output: ReplayOutput): Promise<void> {
  const recording = await openRecording(directory);
  if (!recording.ok) throw new Error(`cannot replay ${directory}: ${recording.miss.detail}`);
  const outcome = await run(directory, recording.value);
  output.out(options.json === true ? json(recording.value, outcome) : table(recording.value, outcome, output.style));
}

async function run(directory: string, recording: Recording): Promise<Outcome> {
  const notes: string[] = [];
  const note = (text: string): void => {
    if (notes.length < MAX_NOTES) notes.push(text);
  };
  const { manifest } = recording;
  if (manifest.cgopherVersion !== build.version)
    note(
      `recorded by cgopher ${manifest.cgopherVersion}, judged by ${build.version}: findings may differ from those of then`,
    );
  const usual = { catalogue, thresholds: defaultConfig().thresholds };
  const options = engineOptionsOf(manifest.engine, usual, note);
  if (!options.ok) throw new Error(`cannot replay ${directory}: ${options.miss.detail} in the manifest`);
  const timeline = new Timeline();
  const events: FindingEvent[] = [];
  let cycles = 0;
  let firstUnixMs = 0;
  let last: Outcome['last'] | undefined;
  for await (const entry of replay(recording.samples(), options.value)) {
    if (entry.kind === 'broken') throw new Error(`cannot replay ${directory}: ${entry.reason.detail}`);
    if (entry.kind === 'note') {
      note(entry.text);
      continue;
    }
    const { cycle, model, evaluation } = entry;
    if (cycles === 0) firstUnixMs = model.at.wallMs;
    cycles += 1;
    last = { model, evaluation };
    events.push(...timeline.note(cycle, model.at, evaluation));
    if (events.length > MAX_EVENTS) throw new Error(`cannot replay ${directory}: over ${MAX_EVENTS} events`);
  }
  if (last === undefined) throw new Error(`cannot replay ${directory}: ${notes.at(-1) ?? 'it holds no sample'}`);
  return { cycles, firstUnixMs, events, notes, last };
}

function json({ manifest }: Recording, { cycles, events, notes, last }: Outcome): string {
  const { cgopherVersion, startedAtUnixMs, intervalMs } = manifest;
  const replayed = {
    schemaVersion: 1,
    recording: { cgopherVersion, startedAtUnixMs, intervalMs, cycles },
    notes,
    events,
    report: checkReport(last.model, last.evaluation, build.version),
  };
  return `${JSON.stringify(replayed, undefined, 2)}\n`;
}

function table({ manifest }: Recording, outcome: Outcome, style: TableStyle): string {
  const { cycles, firstUnixMs, events, notes, last } = outcome;
  const span = formatDuration(Math.max(0, Math.round((last.model.at.wallMs - firstUnixMs) / 1000) * 1000));
  const head = `${cycles} cycle${cycles === 1 ? '' : 's'} in ${span} from ${time(firstUnixMs)}, recorded by cgopher ${plain(manifest.cgopherVersion)}`;
  const rows = events.map(({ atUnixMs, state, finding }) => [
    time(atUnixMs),
    state,
    finding.severity,
    finding.rule,
    cellName(subjectName(finding.subject), 100),
  ]);
  const lines =
    rows.length === 0 ? ['No findings.'] : columns([['AT', 'STATE', 'SEVERITY', 'RULE', 'WHO'], ...rows], new Set());
  const coloured = lines.map((line, index) => {
    const event = events[index - 1];
    if (index === 0 && rows.length > 0) return paint(line, 'bold', style);
    if (event?.state !== 'firing') return line;
    return paint(line, event.finding.severity === 'critical' ? 'red' : 'yellow', style);
  });
  const firing = last.evaluation.findings.filter((finding) => finding.state === 'firing');
  const end = firing.map(({ rule, subject, summary }) => `  ${rule} ${subjectName(subject)}: ${plain(summary)}`);
  return [
    head,
    ...notes.map((note) => `note: ${plain(note)}`),
    '',
    ...coloured,
    '',
    `Firing at the end: ${firing.length}`,
    ...end,
    '',
  ].join('\n');
}

/** In UTC, so that a recording reads the same everywhere. */
function time(unixMs: number): string {
  return new Date(unixMs).toISOString();
}
