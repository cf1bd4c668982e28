import { missed, type Reading } from '../base/reading.ts';
import { buildModel } from '../model/build.ts';
import type { NodeModel } from '../model/node-types.ts';
import { type EngineOptions, type Evaluation, RuleEngine } from '../rules/engine.ts';
import type { NodeSample } from '../sample/types.ts';
import type { Recorded } from './recording.ts';

/** What one cycle gave, as it did when it was recorded; or a note from the recording. */
export type Replayed =
  | { readonly kind: 'cycle'; readonly cycle: number; readonly model: NodeModel; readonly evaluation: Evaluation }
  | Extract<Recorded, { kind: 'note' }>
  /** The sample is not what it says: nothing follows. */
  | { readonly kind: 'broken'; readonly reason: Extract<Reading<never>, { ok: false }>['miss'] };

/** Runs model and rules over recorded samples, the way the agent's loop does over live ones. */
export async function* replay(
  recorded: AsyncIterable<Recorded>,
  options: EngineOptions,
): AsyncGenerator<Replayed, void, undefined> {
  const engine = new RuleEngine(options);
  let previous: NodeSample | undefined;
  for await (const entry of recorded) {
    if (entry.kind === 'note') {
      yield entry;
      continue;
    }
    const { cycle, sample } = entry;
    let model: NodeModel;
    let evaluation: Evaluation;
    try {
      model = buildModel(sample, previous);
      evaluation = engine.evaluate(model);
    } catch (error) {
      // The types hold for what the sampler made, not for what a file says.
      const detail = `cycle ${cycle} cannot be judged: ${error instanceof Error ? error.message : String(error)}`;
      const reading = missed('malformed', 'recording', '', detail);
      if (!reading.ok) yield { kind: 'broken', reason: reading.miss };
      return;
    }
    previous = sample;
    yield { kind: 'cycle', cycle, model, evaluation };
  }
}
