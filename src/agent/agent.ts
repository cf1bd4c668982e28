import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { missed, type Reading } from '../base/reading.ts';
import type { Config } from '../config/config.ts';
import { COLLECTOR_NAMES } from '../export/collectors.ts';
import { ExpositionWriter } from '../export/exposition-writer.ts';
import type { Snapshot } from '../export/node-metrics.ts';
import { AgentMetrics, type CycleReport } from '../export/registry.ts';
import { DirectoryWatch } from '../io/directory-watch.ts';
import { buildModel } from '../model/build.ts';
import type { AgentStatus } from '../page/agent-page.ts';
import { catalogue } from '../rules/catalogue.ts';
import type { Evaluation } from '../rules/engine.ts';
import { type Judged, judgeAgain } from '../rules/judged.ts';
import type { Subject } from '../rules/types.ts';
import type { Watchable } from '../sample/sampler.ts';
import type { NodeSample } from '../sample/types.ts';
import type { ClosableResolver } from './address-worker.ts';
import { AnnotationLog } from './annotation-log.ts';
import { assemble, engineOptions, type Machinery } from './assemble.ts';
import { EvidenceStore } from './evidence-store.ts';
import { FindingLog } from './finding-log.ts';
import { HistoryBook } from './history/history-book.ts';
import { MissLog } from './miss-log.ts';
import type { NodePaths } from './paths.ts';
import { giveWay, runInSlices } from './slices.ts';

export interface AgentOptions {
  readonly paths: NodePaths;
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Closed with the agent. */
  readonly resolver: ClosableResolver;
  readonly build: { readonly version: string; readonly revision: string };
  /** Names of the collectors whose series are served; left out: all. */
  readonly collectors?: ReadonlySet<string> | undefined;
  /** Whether the metrics tell of this process too (`process_*`, `nodejs_*`); left out: yes. */
  readonly exporterMetrics?: boolean | undefined;
  /** Told of each cycle before the next begins. Part of the cycle: what takes time belongs after it. */
  readonly onCycle?: (sample: NodeSample, cycle: Cycle) => void;
}

/** Longest stretch of work between two turns of the event loop. */
const SLICE_MS = 10;
/** How often due endpoints are looked for. */
const POLL_TICK_MS = 250;
/** A burst of coming and going pods costs at most this many walks a second, each a few milliseconds. */
const HINT_SPACING_MS = 200;
const MAX_WATCHES = 4096;
/** kubepods, QoS level, pod. */
const MAX_LEVELS = 3;

/** What one cycle left. */
export interface Cycle {
  readonly snapshot: Snapshot;
  readonly evaluation: Evaluation;
}

function stackText(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** The loop: sample, model, judge, remember the last sample, again. The only place that remembers samples. */
export class Agent {
  /** What was behind the findings that began to fire. */
  readonly evidence = new EvidenceStore();
  /** The last hour of every Go workload. */
  readonly history = new HistoryBook();
  readonly #options: AgentOptions;
  readonly #machinery: Machinery;
  readonly #metrics: AgentMetrics;
  readonly #writer: ExpositionWriter;
  #exposedSeries = 0;
  readonly #misses: MissLog;
  readonly #findings: FindingLog;
  readonly #annotations: AnnotationLog;
  readonly #watch: DirectoryWatch;
  #intervalMs: number;
  #previous: NodeSample | undefined;
  #last: Cycle | undefined;
  readonly #startedUnixMs: number;
  #report: CycleReport | undefined;
  #config: AgentStatus['config'];
  #timer: NodeJS.Timeout | undefined;
  #pollTimer: NodeJS.Timeout | undefined;
  #hintTimer: NodeJS.Timeout | undefined;
  #hinted = false;
  #lastHintMs = Number.NEGATIVE_INFINITY;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#intervalMs = options.config.intervalMs;
    this.#machinery = assemble(options.paths, options.config, options.clock, 'daemon', options.resolver);
    this.#startedUnixMs = options.clock.now().wallMs;
    this.#metrics = new AgentMetrics(options.build, this.#startedUnixMs, options.exporterMetrics);
    this.#writer = new ExpositionWriter({
      maxSeries: options.config.metrics.maxSeries,
      monotonicMs: () => options.clock.now().monotonicMs,
      onFailure: (collector, error) => {
        options.logger.error({ collector, error: stackText(error) }, 'the series of a collector cannot be written');
      },
    });
    this.#misses = new MissLog(options.logger);
    this.#findings = new FindingLog(options.logger);
    this.#annotations = new AnnotationLog(options.logger);
    this.#watch = new DirectoryWatch((directory) => {
      if (this.#watched.get(directory)?.walk === 'next') this.#machinery.sampler.hint();
      else this.#onHint();
    }, MAX_WATCHES);
  }

  /** The last completed cycle; undefined before the first. */
  get last(): Cycle | undefined {
    return this.#last;
  }

  /** The first cycle is done and the last is no older than three intervals. */
  get ready(): boolean {
    return (
      this.#last !== undefined &&
      this.#options.clock.now().monotonicMs - this.#last.snapshot.model.at.monotonicMs < 3 * this.#intervalMs + 5000
    );
  }

  /** Where pushed alerts are counted; asking makes the families. */
  get notificationMetrics(): ReturnType<AgentMetrics['notifications']> {
    return this.#metrics.notifications();
  }

  /** Where collections asked for are counted; asking makes the families. */
  get gcNudgeMetrics(): ReturnType<AgentMetrics['gcNudges']> {
    return this.#metrics.gcNudges();
  }

  /** Has a Go process collect its garbage; the milliseconds it took. Never rejects. */
  async collect(processKey: string): Promise<Reading<number>> {
    return (
      (await this.#machinery.poller?.collect(processKey)) ??
      missed('absent', 'pprof_heap_gc', '', 'endpoints are switched off')
    );
  }

  /** How the agent itself does. */
  get status(): AgentStatus {
    const { history } = this;
    return {
      startedUnixMs: this.#startedUnixMs,
      intervalSeconds: this.#intervalMs / 1000,
      cycle: this.#report,
      residentBytes: process.memoryUsage.rss(),
      config: this.#config,
      history: { workloads: history.size, leftOut: history.leftOut, bytes: history.bytes },
    };
  }

  /** What every rule says of these subjects in the last cycle. Changes nothing; empty before the first. */
  judged(isWanted: (subject: Subject) => boolean): readonly Judged[] {
    if (this.#last === undefined) return [];
    return judgeAgain(this.#last.snapshot.model, catalogue, this.#machinery.engine, isWanted);
  }

  /** Cgroups known now, for tests and benchmarks. */
  get knownCgroups(): number {
    return this.#machinery.sampler.cgroupCount;
  }

  get watches(): number {
    return this.#watch.count;
  }

  get keptDescriptors(): number {
    return this.#machinery.sampler.keptDescriptors;
  }

  /** Runs the first cycle, then one every interval. */
  async start(): Promise<void> {
    this.#pollTimer = setInterval(() => this.#machinery.poller?.tick(), POLL_TICK_MS);
    await this.#attempt();
    this.#schedule();
  }

  /** Stops the loop, waits for the cycle under way, and gives everything back. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearInterval(this.#pollTimer);
    clearTimeout(this.#hintTimer);
    // A failed cycle was told by whoever started it.
    await this.#running?.catch(() => undefined);
    // After the cycle, which may have added watches.
    this.#watch.close();
    this.#machinery.close();
    this.#options.resolver.close();
    this.#metrics.close();
    this.evidence.close();
  }

  /** Takes new thresholds and rules. Settings of reading and endpoints need a restart. */
  reconfigure(config: Config): void {
    this.#intervalMs = config.intervalMs;
    this.#writer.maxSeries = config.metrics.maxSeries;
    this.#machinery.engine.reconfigure(engineOptions(config, 'daemon'));
  }

  /** Whether the configuration file on disk is the one in use. */
  configReloaded(success: boolean): void {
    const atUnixMs = this.#options.clock.now().wallMs;
    this.#metrics.configReloaded(success, atUnixMs);
    this.#config = { successful: success, atUnixMs: success ? atUnixMs : (this.#config?.atUnixMs ?? atUnixMs) };
  }

  /** Names of the collectors whose series are served. */
  get collectors(): ReadonlySet<string> {
    return this.#options.collectors ?? new Set(COLLECTOR_NAMES);
  }

  /** The exposition, text format 0.0.4: of all collectors that are on, or of those `chosen` among them. */
  async metricsText(chosen: ReadonlySet<string> = this.collectors): Promise<Buffer> {
    const own = await this.#metrics.text();
    const text = this.#writer.write(this.#last?.snapshot, own, chosen);
    if (chosen.size === this.collectors.size) this.#exposedSeries = this.#writer.series;
    return text;
  }

  /** One cycle. Public for `start`, tests and benchmarks; cycles never overlap. */
  async cycle(): Promise<void> {
    this.#running ??= this.#cycle().finally(() => {
      this.#running = undefined;
      if (this.#hinted) this.#refreshTree(this.#options.clock.now().monotonicMs);
    });
    await this.#running;
  }

  async #cycle(): Promise<void> {
    const { clock } = this.#options;
    const { sampler, engine } = this.#machinery;
    const monotonicMs = (): number => clock.now().monotonicMs;
    const begin = monotonicMs();
    const cpu = process.cpuUsage();
    const sample = await runInSlices(sampler.take(), SLICE_MS, monotonicMs);
    // Each of the two takes some milliseconds on a full node: a scrape that waits comes in between.
    await giveWay();
    const model = buildModel(sample, this.#previous);
    await giveWay();
    const evaluation = engine.evaluate(model);
    this.#previous = sample;
    const unjudgedByRule = new Map<string, number>();
    for (const { rule } of evaluation.unjudged) unjudgedByRule.set(rule, (unjudgedByRule.get(rule) ?? 0) + 1);
    this.#last = { snapshot: { model, findings: evaluation.findings, unjudgedByRule }, evaluation };
    this.#misses.note(sample.misses);
    this.#findings.note(evaluation.findings);
    this.#annotations.note(model);
    this.history.note(model);
    this.evidence.note(evaluation, model, sample);
    this.#options.onCycle?.(sample, this.#last);
    // What was made before its parent's watch was set is not told: walk again when this cycle has ended.
    if (this.#watchNew()) this.#hinted = true;
    const spent = process.cpuUsage(cpu);
    this.#report = {
      at: clock.now(),
      durationSeconds: (monotonicMs() - begin) / 1000,
      cpuSeconds: (spent.user + spent.system) / 1e6,
      collectors: sample.collectors,
      misses: sample.misses,
      series: this.#exposedSeries,
      intervalSeconds: this.#intervalMs / 1000,
      keptDescriptors: sampler.keptDescriptors,
      watches: this.#watch.count,
    };
    this.#metrics.observe(this.#report);
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      void this.#attempt().then(() => {
        this.#schedule();
      });
    }, this.#intervalMs);
  }

  /** A cycle that fails is told, and the next one is tried all the same. */
  async #attempt(): Promise<void> {
    try {
      await this.cycle();
    } catch (error) {
      this.#options.logger.error({ error: stackText(error) }, 'a cycle failed');
    }
  }

  /** A directory changed: walk at once, but not more often than {@link HINT_SPACING_MS} allows. */
  #onHint(): void {
    if (this.#stopped || this.#hintTimer !== undefined) return;
    const now = this.#options.clock.now().monotonicMs;
    const wait = Math.max(0, this.#lastHintMs + HINT_SPACING_MS - now);
    if (wait === 0) {
      this.#refreshTree(now);
      return;
    }
    this.#hintTimer = setTimeout(() => {
      this.#hintTimer = undefined;
      this.#refreshTree(this.#options.clock.now().monotonicMs);
    }, wait);
  }

  #refreshTree(now: number): void {
    this.#lastHintMs = now;
    // A cycle under way iterates over the tree: it must not change beneath it, so the walk waits for its end.
    this.#hinted = this.#running !== undefined;
    if (this.#hinted || this.#stopped) return;
    // What was made before its parent's watch was set is not told: look once more, and no more than a pod is deep.
    for (let level = 0; level < MAX_LEVELS; level++) {
      this.#machinery.sampler.refreshTree();
      if (!this.#watchNew()) return;
    }
  }

  /** Watches what is new, and says whether there was anything new. */
  #watchNew(): boolean {
    const wanted = this.#machinery.sampler.watchable();
    const before = this.#watched;
    const isSame = (directory: string): boolean => before.get(directory)?.inode === wanted.get(directory)?.inode;
    for (const directory of before.keys()) if (!isSame(directory)) this.#watch.remove(directory);
    const watched = new Map<string, Watchable>();
    let added = false;
    for (const [directory, how] of wanted) {
      // One that could not be watched is tried again each time: watches may have become free.
      if (!this.#watch.add(directory)) continue;
      watched.set(directory, how);
      added ||= !isSame(directory);
    }
    this.#watched = watched;
    return added;
  }

  #watched: ReadonlyMap<string, Watchable> = new Map();
}
