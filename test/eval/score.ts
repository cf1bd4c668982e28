import { median } from '../../src/rules/growth/trend.ts';
import type { Contestant } from './contestants.ts';
import { IN_TIME_SHARE, type Series } from './series.ts';

/** What a contestant made of a series. */
export interface Outcome {
  readonly id: string;
  readonly family: string;
  readonly leak: boolean;
  /** It called where there was nothing: in a healthy program, or before the leak began. */
  readonly wrong: boolean;
  /** It called after the leak began and before a quarter of the way to the limit. */
  readonly inTime: boolean;
  /** From the begin of the leak; undefined when it never called after that. */
  readonly afterSeconds: number | undefined;
  /** Share of the way to the limit that was gone; undefined without a limit. */
  readonly share: number | undefined;
  /** Samples it looked at. */
  readonly watched: number;
}

/** Lets a contestant watch a series; it stops at the first call that decides. */
export function watch(contestant: Contestant, series: Series): Outcome {
  const watcher = contestant.start(series.intervalSeconds);
  const { leak } = series;
  let wrong = false;
  let calledSeconds: number | undefined;
  let watched = 0;
  for (const sample of series.samples) {
    watched += 1;
    if (!watcher(sample)) continue;
    if (leak === undefined || sample.atSeconds < leak.startSeconds) {
      wrong = true;
      if (leak === undefined) break;
      continue;
    }
    calledSeconds = sample.atSeconds;
    break;
  }
  const afterSeconds =
    calledSeconds === undefined || leak === undefined ? undefined : calledSeconds - leak.startSeconds;
  const way = leak?.limitSeconds === undefined ? undefined : leak.limitSeconds - leak.startSeconds;
  const share = afterSeconds === undefined || way === undefined ? undefined : afterSeconds / way;
  const inTime = afterSeconds !== undefined && (share === undefined || share < (leak?.inTimeShare ?? IN_TIME_SHARE));
  return {
    id: series.id,
    family: series.family,
    leak: leak !== undefined,
    wrong,
    inTime,
    afterSeconds,
    share,
    watched,
  };
}

export interface Score {
  readonly series: number;
  /** Leaks told in time / everything called. */
  readonly precision: number;
  /** Leaks told in time / leaks. */
  readonly recall: number;
  readonly f1: number;
  /** Series with a call where there was nothing. */
  readonly wrong: number;
  /** Leaks that were told, but late, or never. */
  readonly missed: number;
  readonly medianSeconds: number | undefined;
  /** The largest share of the way to the limit at a call. */
  readonly latestShare: number | undefined;
}

/** Leaks that count as told in time only because their family has more time than {@link IN_TIME_SHARE}, as late ones. */
export function strictly(outcomes: readonly Outcome[]): Outcome[] {
  return outcomes.map((outcome) => ({
    ...outcome,
    inTime: outcome.inTime && (outcome.share === undefined || outcome.share < IN_TIME_SHARE),
  }));
}

/** A series counts once: a call in a healthy program or before the leak is wrong; a leak that is told late counts as missed. */
export function scoreOf(outcomes: readonly Outcome[]): Score {
  const leaks = outcomes.filter(({ leak }) => leak).length;
  const right = outcomes.filter(({ leak, wrong, inTime }) => leak && inTime && !wrong).length;
  const wrong = outcomes.filter((outcome) => outcome.wrong).length;
  const precision = right + wrong === 0 ? 1 : right / (right + wrong);
  const recall = leaks === 0 ? 1 : right / leaks;
  const shares = outcomes.flatMap(({ share }) => share ?? []);
  return {
    series: outcomes.length,
    precision,
    recall,
    f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall),
    wrong,
    missed: outcomes.filter(({ leak, inTime }) => leak && !inTime).length,
    medianSeconds: median(Float64Array.from(outcomes.flatMap(({ afterSeconds }) => afterSeconds ?? []))),
    latestShare: shares.length === 0 ? undefined : Math.max(...shares),
  };
}
