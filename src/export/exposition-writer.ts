import { ByteWriter } from './byte-writer.ts';
import { COLLECTORS, type Collector } from './collectors.ts';
import type { Metric } from './metric.ts';
import type { Snapshot } from './node-metrics.ts';
import { type CollectorWriting, scrapeMetrics } from './scrape-metrics.ts';
import { type Labelled, SeriesSubjects } from './series-subjects.ts';

const NO_LABELS = new Uint8Array(0);

export interface ExpositionOptions {
  /** Series of workloads at most. */
  readonly maxSeries?: number;
  readonly monotonicMs?: () => number;
  /** Told when a collector's families begin to fail; they are left out. */
  readonly onFailure?: (collector: string, error: unknown) => void;
}

/**
 * Writes the model as Prometheus text format 0.0.4. The bulk of the series goes this way because it costs a fifteenth of
 * prom-client's path by sample; prom-client keeps the agent's own metrics.
 *
 * Collectors are written in their order. The first that has no room within `maxSeries` is left out whole, and all after it, except
 * those that are always written: half a family would look like workloads that are gone.
 */
export class ExpositionWriter {
  /** Holds from the next text on. */
  maxSeries: number;
  readonly #monotonicMs: () => number;
  readonly #onFailure: NonNullable<ExpositionOptions['onFailure']>;
  readonly #failing = new Set<string>();
  readonly #out = new ByteWriter();
  readonly #subjects = new SeriesSubjects();
  #labels: Uint8Array = NO_LABELS;
  #head = '';
  #prefix = '';
  #series = 0;
  /** Of the collector that is being written. */
  #wanted = 0;
  #room = Number.POSITIVE_INFINITY;
  #headWritten = false;
  readonly #emit = (value: number | undefined, extra?: string): void => {
    if (value === undefined) return;
    this.#wanted += 1;
    if (this.#wanted > this.#room) return;
    const out = this.#out;
    if (!this.#headWritten) {
      out.text(this.#head);
      this.#headWritten = true;
    }
    const labelled = this.#labels.length > 0;
    out.ascii(this.#prefix);
    if (labelled || extra !== undefined) {
      out.ascii('{');
      if (labelled) out.bytes(this.#labels);
      if (extra !== undefined) {
        if (labelled) out.ascii(',');
        out.text(extra);
      }
      out.ascii('} ');
    } else {
      out.ascii(' ');
    }
    out.ascii(String(value));
    out.ascii('\n');
  };

  constructor(options: ExpositionOptions = {}) {
    this.maxSeries = options.maxSeries ?? Number.MAX_SAFE_INTEGER;
    this.#monotonicMs = options.monotonicMs ?? (() => performance.now());
    this.#onFailure = options.onFailure ?? (() => undefined);
  }

  /** Series of workloads in the last text. */
  get series(): number {
    return this.#series;
  }

  /**
   * The whole text as bytes, the caller's to keep.
   * @param snapshot undefined before the first cycle
   * @param tail further families, already in the text format
   * @param chosen names of the collectors to write; left out: all
   */
  write(snapshot: Snapshot | undefined, tail = '', chosen?: ReadonlySet<string>): Buffer {
    this.#out.reset();
    this.#series = 0;
    if (snapshot !== undefined) this.#write(snapshot, chosen);
    this.#out.text(tail);
    return this.#out.copy();
  }

  #write(snapshot: Snapshot, chosen: ReadonlySet<string> | undefined): void {
    const { containers, goProcesses } = snapshot.model;
    const processes = this.#subjects.processes(goProcesses, containers);
    const subjects = {
      node: [{ subject: snapshot, labels: NO_LABELS }],
      container: this.#subjects.containers(containers),
      process: processes,
    };
    const writings: CollectorWriting[] = [];
    let full = false;
    for (const collector of COLLECTORS) {
      if (chosen?.has(collector.name) === false) continue;
      if (collector.always === true) this.#room = Number.POSITIVE_INFINITY;
      else this.#room = full ? 0 : Math.max(0, this.maxSeries - this.#series);
      const writing = this.#collector(collector, subjects);
      full ||= writing.droppedSeries > 0;
      writings.push(writing);
    }
    this.#subjects.sweep();
    this.#room = Number.POSITIVE_INFINITY;
    const unshownGoProcesses = goProcesses.length - processes.length;
    const report = { writings, unshownGoProcesses, maxSeries: this.maxSeries };
    this.#families(scrapeMetrics, [{ subject: report, labels: NO_LABELS }]);
  }

  #collector(
    collector: Collector,
    subjects: {
      readonly [S in Collector['subject']]: readonly Labelled<SubjectOf<S>>[];
    },
  ): CollectorWriting {
    const { name } = collector;
    const begin = this.#out.length;
    const beginMs = this.#monotonicMs();
    this.#wanted = 0;
    let failed = false;
    try {
      if (collector.subject === 'node') this.#families(collector.metrics, subjects.node);
      else if (collector.subject === 'container') this.#families(collector.metrics, subjects.container);
      else this.#families(collector.metrics, subjects.process);
      this.#failing.delete(name);
    } catch (error) {
      failed = true;
      if (!this.#failing.has(name)) this.#onFailure(name, error);
      this.#failing.add(name);
    }
    const dropped = !failed && this.#wanted > this.#room;
    if (failed || dropped) this.#out.truncate(begin);
    else this.#series += this.#wanted;
    return {
      collector: name,
      success: !failed && !dropped,
      durationSeconds: (this.#monotonicMs() - beginMs) / 1000,
      droppedSeries: dropped ? this.#wanted : 0,
    };
  }

  #families<S>(metrics: readonly Metric<S>[], subjects: readonly Labelled<S>[]): void {
    for (const metric of metrics) {
      this.#head = `# HELP ${metric.name} ${metric.help.replaceAll('\\', '\\\\')}\n# TYPE ${metric.name} ${metric.type}\n`;
      this.#prefix = metric.name;
      this.#headWritten = false;
      for (const { subject, labels } of subjects) {
        this.#labels = labels;
        metric.collect(subject, this.#emit);
      }
    }
  }
}

type SubjectOf<S extends Collector['subject']> =
  Extract<Collector, { subject: S }>['metrics'][number] extends Metric<infer T> ? T : never;
