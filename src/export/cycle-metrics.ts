import type { Miss } from '../base/reading.ts';
import type { CounterFamily, GaugeFamily, MetricFamilies } from './metric-families.ts';

/** One run of a collector, as the sample reports it. */
interface CollectorRun {
  readonly collector: string;
  readonly success: boolean;
  readonly durationSeconds: number;
}

/** What one cycle of the agent took. */
export interface CycleReport {
  readonly at: { readonly wallMs: number };
  /** From one cycle to the next, as configured. */
  readonly intervalSeconds: number;
  readonly durationSeconds: number;
  readonly cpuSeconds: number;
  readonly collectors: readonly CollectorRun[];
  readonly misses: readonly Miss[];
  readonly series: number;
  readonly keptDescriptors: number;
  readonly watches: number;
}

/** What cycles read, what they missed, and what they took. */
export class CycleMetrics {
  readonly #success: GaugeFamily<'collector'>;
  readonly #duration: GaugeFamily<'collector'>;
  readonly #misses: CounterFamily<'reader' | 'kind'>;
  readonly #cycles: CounterFamily;
  readonly #cycleCpu: CounterFamily;
  readonly #cycleDuration: GaugeFamily;
  readonly #cycleInterval: GaugeFamily;
  readonly #lastCycle: GaugeFamily;
  readonly #series: GaugeFamily;
  readonly #descriptors: GaugeFamily;
  readonly #watches: GaugeFamily;

  constructor(families: MetricFamilies) {
    this.#success = families.gauge(
      'cgopher_collector_success',
      'Whether the collector read what it should in the last cycle.',
      ['collector'],
    );
    this.#duration = families.gauge(
      'cgopher_collector_duration_seconds',
      'Time the collector took in the last cycle.',
      ['collector'],
    );
    this.#misses = families.counter(
      'cgopher_misses_total',
      'Values missing, by reader and kind: each is counted once in every cycle in which it is missing.',
      ['reader', 'kind'],
    );
    this.#cycles = families.counter('cgopher_cycles_total', 'Cycles completed.');
    this.#cycleCpu = families.counter('cgopher_cycle_cpu_seconds_total', 'CPU time spent in cycles.');
    this.#cycleDuration = families.gauge(
      'cgopher_cycle_duration_seconds',
      'Time the last cycle took, waiting included.',
    );
    this.#cycleInterval = families.gauge(
      'cgopher_cycle_interval_seconds',
      'Time between two cycles, as configured: with the time of the last one it says whether the values are old.',
    );
    this.#lastCycle = families.gauge(
      'cgopher_last_cycle_timestamp_seconds',
      'When the last cycle ended. Values are as of then: rules need a steady interval, so reading is not tied to scrapes.',
    );
    this.#series = families.gauge('cgopher_exposed_series', 'Series of workloads in the last exposition.');
    this.#descriptors = families.gauge('cgopher_kept_descriptors', 'Control files held open.');
    this.#watches = families.gauge('cgopher_directory_watches', 'Cgroup directories watched.');
  }

  /** Takes one cycle's report. */
  observe(report: CycleReport): void {
    for (const run of report.collectors) {
      this.#success.set({ collector: run.collector }, run.success ? 1 : 0);
      this.#duration.set({ collector: run.collector }, run.durationSeconds);
    }
    for (const miss of report.misses) this.#misses.inc({ reader: miss.reader, kind: miss.kind });
    this.#cycles.inc();
    this.#cycleCpu.inc(report.cpuSeconds);
    this.#cycleDuration.set(report.durationSeconds);
    this.#cycleInterval.set(report.intervalSeconds);
    this.#lastCycle.set(report.at.wallMs / 1000);
    this.#series.set(report.series);
    this.#descriptors.set(report.keptDescriptors);
    this.#watches.set(report.watches);
  }
}
