import { engineOptions } from '../agent/assemble.ts';
import { whatIfReport } from '../export/whatif-report.ts';
import { whatIfTable } from '../export/whatif-table.ts';
import { overrideFits } from '../rules/engine.ts';
import { processContexts } from '../rules/what-if/contexts.ts';
import { type Wish, whatIf } from '../rules/what-if/what-if.ts';
import { build } from './build.ts';
import { couldNotLook, memoryDoubt } from './could-not-look.ts';
import { type LookOptions, look } from './look.ts';
import type { WhyOutput } from './why.ts';

export interface WhatIfOptions extends LookOptions {
  readonly namespace?: string;
  readonly pod?: string;
  readonly container?: string;
  readonly process?: string;
  readonly gomemlimit?: number | 'off';
  readonly gogc?: number | 'off';
  readonly memoryLimit?: number;
  readonly gomaxprocs?: number;
  readonly cpuLimit?: number | 'max';
  readonly json?: boolean;
}

/**
 * Looks at the node and prints what is to be expected of other settings of the Go processes that were asked for. Status 0: some fit; 2:
 * none does, or it could not look. Throws when it is told to stop before it is done.
 */
export async function whatIfCommand(
  options: WhatIfOptions,
  { out, progress, style, stopped }: WhyOutput,
): Promise<0 | 2> {
  const { namespace, pod, container, process, gomemlimit, gogc, memoryLimit, gomaxprocs, cpuLimit } = options;
  const wishes = Object.entries({ gomemlimit, gogc, memoryLimit, gomaxprocs, cpuLimit });
  const wish = Object.fromEntries(wishes.filter(([, value]) => value !== undefined)) as Wish;
  const { model, config, paths } = await look({ ...options, runtimesTwice: true }, { progress, stopped });
  const { thresholds, overrides = [] } = engineOptions(config, 'once');
  const found = processContexts(
    model,
    { namespace, pod, container, process },
    (subject) => overrides.find((override) => overrideFits(override, subject))?.thresholds ?? thresholds,
  ).map((context) => whatIf(context, wish));
  if (options.json === true) out(`${JSON.stringify(whatIfReport(found, model, build.version), undefined, 2)}\n`);
  else if (found.length > 0) out(whatIfTable(found, model, style));
  const doubt = await memoryDoubt(model, paths.procfs);
  if (doubt !== undefined) progress(doubt);
  const failure =
    couldNotLook(model, paths) ??
    (found.length === 0 ? 'cgopher whatif: no Go process on this node fits what was asked for' : undefined);
  if (failure === undefined) return 0;
  progress(failure);
  return 2;
}
