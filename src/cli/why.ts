import { engineOptions } from '../agent/assemble.ts';
import { suggestionFor } from '../config/suggest.ts';
import type { TableStyle } from '../export/terminal.ts';
import type { NodeModel } from '../model/node-types.ts';
import { catalogue } from '../rules/catalogue.ts';
import { type Judged, judgeOnce, type Wanted } from '../rules/judged.ts';
import { containerName } from '../rules/subjects.ts';
import { build } from './build.ts';
import { couldNotLook, memoryDoubt } from './could-not-look.ts';
import { type LookOptions, look } from './look.ts';
import { ruleNamed } from './rule-argument.ts';
import { whyTable } from './why-table.ts';

export interface WhyOptions extends LookOptions {
  readonly namespace?: string;
  readonly pod?: string;
  readonly container?: string;
  readonly process?: string;
  readonly rule?: string;
  readonly json?: boolean;
}

/** Where the command writes. */
export interface WhyOutput {
  readonly out: (text: string) => void;
  readonly progress: (text: string) => void;
  readonly style: TableStyle;
  /** Settles with the signal's name when the command is told to stop. */
  readonly stopped: Promise<string>;
}

/**
 * Looks at the node as `check` does and prints what every rule says of the subjects that were asked for, with the inputs. Status 0: some
 * fit; 2: none does, or it could not look. Throws for a rule there is none of, and when it is told to stop before it is done.
 */
export async function why(options: WhyOptions, { out, progress, style, stopped }: WhyOutput): Promise<0 | 2> {
  const { namespace, pod, container, process } = options;
  // Before the look, which takes seconds.
  const rule = options.rule === undefined ? undefined : ruleNamed(options.rule).id;
  const names = Object.entries({ namespace, pod, container, process, rule }).filter(([, name]) => name !== undefined);
  const wanted = Object.fromEntries(names) as Wanted;
  const { model, config, paths } = await look(options, { progress, stopped });
  const judged = judgeOnce(model, catalogue, engineOptions(config, 'once'), wanted);
  if (options.json === true) out(`${JSON.stringify(whyReport(model, judged), undefined, 2)}\n`);
  else if (judged.length > 0) out(whyTable(judged, style));
  const doubt = await memoryDoubt(model, paths.procfs);
  if (doubt !== undefined) progress(doubt);
  const failure = couldNotLook(model, paths) ?? (judged.length === 0 ? nothingFits(model, wanted) : undefined);
  if (failure === undefined) return 0;
  progress(failure);
  return 2;
}

/** One object with every verdict in full. What is not known is left out. */
function whyReport(model: NodeModel, judged: readonly Judged[]): Record<string, unknown> {
  return {
    schemaVersion: 1,
    cgopherVersion: build.version,
    takenAt: new Date(model.at.wallMs).toISOString(),
    windowSeconds: model.windowSeconds,
    subjects: judged.map(({ subject, answers }) => ({
      subject,
      rules: answers.map(({ rule, verdict, off }) => ({
        rule: rule.id,
        switchedOffBy: off,
        forSeconds: rule.forSeconds,
        keepSeconds: rule.keepSeconds,
        ...verdict,
      })),
    })),
  };
}

/** What was asked for and is not there, with the nearest name that is. */
function nothingFits(model: NodeModel, wanted: Wanted): string {
  const there: Readonly<Record<string, readonly (string | undefined)[]>> = {
    namespace: model.containers.map(({ identity }) => identity.namespace),
    pod: model.containers.map(({ identity }) => identity.pod),
    container: model.containers.map(containerName),
    process: model.goProcesses.flatMap(({ name, mainModule, mainPath }) => [name, mainModule, mainPath]),
  };
  const asked = Object.entries(wanted).map(([option, name]: [string, string]) => {
    const known = [...new Set(there[option] ?? [])].filter((one) => one !== undefined);
    const meant = known.includes(name) ? undefined : suggestionFor(name, known);
    return `--${option} ${name}${meant === undefined ? '' : ` (did you mean ${meant}?)`}`;
  });
  return `cgopher why: nothing on this node fits ${asked.length === 0 ? 'a rule' : asked.join(' ')}`;
}
