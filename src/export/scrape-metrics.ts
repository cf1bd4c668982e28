import type { Metric } from './metric.ts';

/** How the writing of one collector's families went. */
export interface CollectorWriting {
  readonly collector: string;
  /** It is all there: it did not fail, and there was room for it. */
  readonly success: boolean;
  readonly durationSeconds: number;
  /** Series it has and that were left out because there was no room. */
  readonly droppedSeries: number;
}

/** What is told of the text itself, at its end. */
export interface ScrapeReport {
  readonly writings: readonly CollectorWriting[];
  readonly unshownGoProcesses: number;
  readonly maxSeries: number;
}

/** Families about the exposition they are in. */
export const scrapeMetrics: readonly Metric<ScrapeReport>[] = [
  {
    name: 'cgopher_scrape_collector_success',
    help: 'Whether this text has all series of the collector. 0: there was no room for them, or writing them failed.',
    type: 'gauge',
    labels: ['collector'],
    collect: ({ writings }, emit) => {
      for (const { collector, success } of writings) emit(Number(success), `collector="${collector}"`);
    },
  },
  {
    name: 'cgopher_scrape_collector_duration_seconds',
    help: 'Time it took to write the series of the collector into this text. What reading took is cgopher_collector_duration_seconds.',
    type: 'gauge',
    labels: ['collector'],
    collect: ({ writings }, emit) => {
      for (const { collector, durationSeconds } of writings) emit(durationSeconds, `collector="${collector}"`);
    },
  },
  {
    name: 'cgopher_dropped_series',
    help: 'Series left out of this text because there would be more than metrics.maxSeries.',
    type: 'gauge',
    labels: ['collector'],
    collect: ({ writings }, emit) => {
      for (const { collector, droppedSeries } of writings) emit(droppedSeries, `collector="${collector}"`);
    },
  },
  {
    name: 'cgopher_max_series',
    help: 'Series of workloads this text may have (metrics.maxSeries).',
    type: 'gauge',
    collect: ({ maxSeries }, emit) => {
      emit(maxSeries);
    },
  },
  {
    name: 'cgopher_unshown_go_processes',
    help: 'Go processes without series: another of the same name in their container is shown, or 20 of other names are.',
    type: 'gauge',
    collect: ({ unshownGoProcesses }, emit) => {
      emit(unshownGoProcesses);
    },
  },
];
