import { checkExitCode, checkReport } from '../export/check-report.ts';
import { checkTable, type TableStyle } from '../export/check-table.ts';
import { build } from './build.ts';
import { couldNotLook, memoryDoubt } from './could-not-look.ts';
import { type LookOptions, look } from './look.ts';

export interface CheckOptions extends LookOptions {
  readonly json?: boolean;
}

/** Where the command writes. */
export interface CheckOutput {
  readonly out: (text: string) => void;
  readonly progress: (text: string) => void;
  readonly style: TableStyle;
  /** Settles with the signal's name when the command is told to stop. */
  readonly stopped: Promise<string>;
}

/**
 * Looks at the node, prints what it found, and gives the exit status: 0 nothing, 1 findings, 2 could not look. Throws when it is told
 * to stop before it is done.
 */
export async function check(options: CheckOptions, { out, progress, style, stopped }: CheckOutput): Promise<0 | 1 | 2> {
  const { model, paths, engine } = await look(options, { progress, stopped });
  const evaluation = engine.evaluate(model);
  out(
    options.json === true
      ? `${JSON.stringify(checkReport(model, evaluation, build.version), undefined, 2)}\n`
      : checkTable(model, evaluation, style),
  );
  const doubt = await memoryDoubt(model, paths.procfs);
  if (doubt !== undefined) progress(doubt);
  const failure = couldNotLook(model, paths);
  if (failure === undefined) return checkExitCode(evaluation);
  progress(failure);
  return 2;
}
