import type { GcSettings } from '../../src/rules/what-if/gc-prediction.ts';
import type { Measured, Trial } from './trial.ts';

export const GOAL = 0.25;

const settingText = ({ gogc, gomemlimit }: GcSettings): string =>
  gomemlimit === 'off' ? `GOGC=${gogc}` : `GOMEMLIMIT=${gomemlimit / 2 ** 20}MiB`;
const percent = (ratio: number): string => `${(ratio * 100).toFixed(1)} %`;

/** One line a trial. */
export function trialLines(trials: readonly Trial[]): string {
  return trials
    .map(({ program, from, to, predicted, error }) =>
      [
        program.slice(0, 30).padEnd(30),
        `${settingText(from.setting)} (${percent(from.own.gcCpuRatio)}${from.own.limiterWasOn ? ', limiter' : ''})`.padEnd(
          38,
        ),
        `-> ${settingText(to.setting)}`.padEnd(22),
        predicted === undefined
          ? 'no prediction'
          : `${predicted.bound === 'at least' ? '>=' : ''}${percent(predicted.cpuRatio)}`.padStart(9),
        `measured ${percent(to.own.gcCpuRatio)}${to.own.limiterWasOn ? ' limiter' : ''}`.padEnd(26),
        error === undefined
          ? ''
          : `${error >= 0 ? '+' : ''}${(error * 100).toFixed(0)} %${Math.abs(error) > GOAL ? ' <<' : ''}`,
      ].join(' '),
    )
    .join('\n');
}

interface Score {
  readonly name: string;
  readonly trials: number;
  /** Ascending, of those that were predicted. */
  readonly errors: readonly number[];
  readonly within: number;
}

/** By program, and of all. */
function scores(trials: readonly Trial[]): Score[] {
  const score = (name: string, some: readonly Trial[]): Score => {
    const errors = some.flatMap(({ error }) => (error === undefined ? [] : [Math.abs(error)])).sort((a, b) => a - b);
    return { name, trials: some.length, errors, within: errors.filter((error) => error <= GOAL).length };
  };
  const programs = [...new Set(trials.map(({ program }) => program))];
  return [
    ...programs.map((name) =>
      score(
        name,
        trials.filter(({ program }) => program === name),
      ),
    ),
    score('all', trials),
  ];
}

function errorAt({ errors }: Score, share: number): string {
  return `${((errors[Math.floor(share * (errors.length - 1))] ?? Number.NaN) * 100).toFixed(0)} %`;
}

/** The table of docs/what-if.md. */
export function markdownTable(trials: readonly Trial[], measured: readonly Measured[]): string {
  const rows = scores(trials).map((score) => {
    const program = measured.find(({ name }) => name === score.name);
    const ran = program === undefined ? '' : percent(Math.min(...program.runs.map(({ own }) => own.ranRatio)));
    const shares = program?.runs.map(({ own }) => own.gcCpuRatio) ?? [];
    const from = program === undefined ? '' : `${percent(Math.min(...shares))} to ${percent(Math.max(...shares))}`;
    const cells = [score.name, program?.goVersion ?? '', from, ran, `${score.trials}`, `${score.errors.length}`];
    return [...cells, `${score.within}`, errorAt(score, 0.5), errorAt(score, 0.9), errorAt(score, 1)];
  });
  const head = ['Program', 'Go', 'Measured shares', 'Ran at least', 'Pairs', 'Predicted', 'Within 25 %'];
  const all = [[...head, 'Error in the middle', '90th', 'Worst'], Array.from({ length: 10 }, () => '---'), ...rows];
  return all.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** How many trials are within the goal, by program and in all. */
export function summary(trials: readonly Trial[]): string {
  return scores(trials)
    .map((score) => {
      const { name, errors, within } = score;
      const spread = `median ${errorAt(score, 0.5)}, 90th ${errorAt(score, 0.9)}, worst ${errorAt(score, 1)}`;
      return `${name.padEnd(48)} ${score.trials} pairs, ${errors.length} predicted, ${within} within 25 %, ${spread}`;
    })
    .join('\n');
}
