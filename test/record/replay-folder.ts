import { defaultConfig } from '../../src/config/config.ts';
import { engineOptionsOf } from '../../src/record/engine-record.ts';
import { openRecording } from '../../src/record/recording.ts';
import { replay } from '../../src/record/replay.ts';
import { type FindingEvent, Timeline } from '../../src/record/timeline.ts';
import { catalogue } from '../../src/rules/catalogue.ts';

/** What came of a recording. `problems`: notes, and what could not be read. */
export interface ReplayedFolder {
  readonly cycles: number;
  readonly events: readonly FindingEvent[];
  readonly problems: readonly string[];
}

/** Replays a recording with the options of the engine it was made with. @throws when it cannot be opened */
export async function replayFolder(folder: string): Promise<ReplayedFolder> {
  const recording = await openRecording(folder);
  if (!recording.ok) throw new Error(recording.miss.detail);
  const problems: string[] = [];
  const usual = { catalogue, thresholds: defaultConfig().thresholds };
  const options = engineOptionsOf(recording.value.manifest.engine, usual, (text) => problems.push(text));
  if (!options.ok) throw new Error(options.miss.detail);
  const timeline = new Timeline();
  const events: FindingEvent[] = [];
  let cycles = 0;
  for await (const entry of replay(recording.value.samples(), options.value)) {
    if (entry.kind === 'note') problems.push(entry.text);
    else if (entry.kind === 'broken') problems.push(entry.reason.detail);
    else {
      cycles += 1;
      events.push(...timeline.note(entry.cycle, entry.model.at, entry.evaluation));
    }
  }
  return { cycles, events, problems };
}
