import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Config } from '../config/config.ts';
import { ExpositionWriter } from '../export/exposition-writer.ts';
import type { Snapshot } from '../export/node-metrics.ts';
import { AgentMetrics } from '../export/registry.ts';
import { DirectoryWatch } from '../io/directory-watch.ts';
import { buildModel } from '../model/build.ts';
import type { Evaluation } from '../rules/engine.ts';
import type { NodeSample } from '../sample/types.ts';
import type { ClosableResolver } from './address-worker.ts';
import { assemble, engineOptions, type Machinery } from './assemble.ts';
import { EvidenceStore } from './evidence-store.ts';
import { FindingLog } from './finding-log.ts';
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

/** The loop: sample, model, judge, remember the last sample, again. The only place that remembers samples. */
export class Agent {
  /** What was behind the findings that began to fire. */
  readonly evidence = new EvidenceStore();
  readonly #options: AgentOptions;
  readonly #machinery: Machinery;
  readonly #metrics: AgentMetrics;
  readonly #writer = new ExpositionWriter();
  readonly #misses: MissLog;
  readonly #findings: FindingLog;
  readonly #watch: DirectoryWatch;
  #intervalMs: number;
  #previous: NodeSample | undefined;
  #last: Cycle | undefined;
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
    this.#metrics = new AgentMetrics(options.build, options.clock.now().wallMs);
    this.#misses = new MissLog(options.logger);
    this.#findings = new FindingLog(options.logger);
    this.#watch = new DirectoryWatch(() => {
      this.#onHint();
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
    this.#machinery.engine.reconfigure(engineOptions(config, 'daemon'));
  }

  /** Whether the configuration file on disk is the one in use. */
  configReloaded(success: boolean): void {
    this.#metrics.configReloaded(success, this.#options.clock.now().wallMs);
  }

  /** The whole exposition, text format 0.0.4. */
  async metricsText(): Promise<Buffer> {
    const own = await this.#metrics.text();
    return this.#writer.write(this.#last?.snapshot, own);
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
    this.evidence.note(evaluation, model, sample);
    this.#options.onCycle?.(sample, this.#last);
    // What was made before its parent's watch was set is not told: walk again when this cycle has ended.
    if (this.#watchNew()) this.#hinted = true;
    const spent = process.cpuUsage(cpu);
    this.#metrics.observe({
      at: clock.now(),
      durationSeconds: (monotonicMs() - begin) / 1000,
      cpuSeconds: (spent.user + spent.system) / 1e6,
      collectors: sample.collectors,
      misses: sample.misses,
      series: this.#writer.series,
      keptDescriptors: sampler.keptDescriptors,
      watches: this.#watch.count,
    });
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
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#options.logger.error({ error: text }, 'a cycle failed');
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
    for (const directory of this.#watched) if (!wanted.has(directory)) this.#watch.remove(directory);
    const watched = new Set<string>();
    let added = false;
    for (const directory of wanted) {
      // One that could not be watched is tried again each time: watches may have become free.
      if (!this.#watch.add(directory)) continue;
      watched.add(directory);
      added ||= !this.#watched.has(directory);
    }
    this.#watched = watched;
    return added;
  }

  #watched: ReadonlySet<string> = new Set();
}
