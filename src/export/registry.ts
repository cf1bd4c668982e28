import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Miss } from '../base/reading.ts';

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

/** The agent's own metrics: what it read, what it missed, what it costs. prom-client owns the registry. */
export class AgentMetrics {
  readonly #registry = new Registry();
  readonly #success = this.#gauge(
    'cgopher_collector_success',
    'Whether the collector read what it should in the last cycle.',
    ['collector'],
  );
  readonly #duration = this.#gauge('cgopher_collector_duration_seconds', 'Time the collector took in the last cycle.', [
    'collector',
  ]);
  readonly #misses = new Counter({
    name: 'cgopher_misses_total',
    help: 'Values missing, by reader and kind: each is counted once in every cycle in which it is missing.',
    labelNames: ['reader', 'kind'],
    registers: [this.#registry],
  });
  readonly #cycles = new Counter({
    name: 'cgopher_cycles_total',
    help: 'Cycles completed.',
    registers: [this.#registry],
  });
  readonly #cycleCpu = new Counter({
    name: 'cgopher_cycle_cpu_seconds_total',
    help: 'CPU time spent in cycles.',
    registers: [this.#registry],
  });
  readonly #cycleDuration = this.#gauge(
    'cgopher_cycle_duration_seconds',
    'Time the last cycle took, waiting included.',
  );
  readonly #cycleInterval = this.#gauge(
    'cgopher_cycle_interval_seconds',
    'Time between two cycles, as configured: with the time of the last one it says whether the values are old.',
  );
  readonly #lastCycle = this.#gauge(
    'cgopher_last_cycle_timestamp_seconds',
    'When the last cycle ended. Values are as of then: rules need a steady interval, so reading is not tied to scrapes.',
  );
  readonly #series = this.#gauge('cgopher_exposed_series', 'Series of workloads in the last exposition.');
  readonly #descriptors = this.#gauge('cgopher_kept_descriptors', 'Control files held open.');
  readonly #watches = this.#gauge('cgopher_directory_watches', 'Cgroup directories watched.');
  readonly #delay = monitorEventLoopDelay({ resolution: 10 });

  /** @param ownProcess whether `process_*`, `nodejs_*` and the delay of the event loop are among them */
  constructor(build: { readonly version: string; readonly revision: string }, startUnixMs: number, ownProcess = true) {
    this.#gauge('cgopher_build_info', 'Version of this agent. Always 1.', ['version', 'revision', 'nodeversion']).set(
      { version: build.version, revision: build.revision, nodeversion: process.version },
      1,
    );
    if (ownProcess) this.#process(startUnixMs);
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

  /** Whether the configuration file on disk is the one in use. */
  configReloaded(success: boolean, atUnixMs: number): void {
    this.#configSuccess.set(success ? 1 : 0);
    if (success) this.#configTime.set(atUnixMs / 1000);
  }

  readonly #configSuccess = this.#gauge(
    'cgopher_config_last_reload_successful',
    'Whether the configuration file on disk is the one in use.',
  );
  readonly #configTime = this.#gauge(
    'cgopher_config_last_reload_success_timestamp_seconds',
    'When the configuration in use was read.',
  );

  #pushed: NotificationMetrics | undefined;

  /** The families of pushed alerts. There are none before this is first called: an agent that pushes nothing has none. */
  notifications(): NotificationMetrics {
    this.#pushed ??= new NotificationMetrics(this.#registry);
    return this.#pushed;
  }

  #nudged: GcNudgeMetrics | undefined;

  /** The families of collections asked for. There are none before this is first called: an agent that asks for none has none. */
  gcNudges(): GcNudgeMetrics {
    this.#nudged ??= new GcNudgeMetrics(this.#registry);
    return this.#nudged;
  }

  /** Stops the measuring of the event loop. */
  close(): void {
    this.#delay.disable();
  }

  /** Text format 0.0.4 of the agent's own metrics. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  #gauge<L extends string>(name: string, help: string, labelNames: readonly L[] = []): Gauge<L> {
    return new Gauge({ name, help, labelNames: [...labelNames], registers: [this.#registry] });
  }

  #process(startUnixMs: number): void {
    const registers = [this.#registry];
    const delay = this.#delay;
    delay.enable();
    new Counter({
      name: 'process_cpu_seconds_total',
      help: 'CPU time of this agent.',
      registers,
      collect() {
        const { user, system } = process.cpuUsage();
        this.reset();
        this.inc((user + system) / 1e6);
      },
    });
    const gauges: readonly (readonly [name: string, help: string, value: () => number])[] = [
      ['process_resident_memory_bytes', 'Resident memory of this agent.', () => process.memoryUsage.rss()],
      ['process_start_time_seconds', 'When this agent started.', () => startUnixMs / 1000],
      ['nodejs_heap_used_bytes', 'JavaScript heap in use.', () => process.memoryUsage().heapUsed],
      [
        'nodejs_external_memory_bytes',
        'Memory of buffers outside the JavaScript heap.',
        () => process.memoryUsage().external,
      ],
    ];
    for (const [name, help, value] of gauges) {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(value());
        },
      });
    }
    new Gauge({
      name: 'cgopher_event_loop_delay_max_seconds',
      help: 'Longest delay of the event loop since the last scrape.',
      registers,
      collect() {
        this.set(Math.max(0, delay.max / 1e9 - 0.01));
        delay.reset();
      },
    });
  }
}

/** What is pushed to Alertmanagers, each by its address. Named as in Prometheus (notifier/metric.go). */
class NotificationMetrics {
  readonly #sent: Counter<'alertmanager'>;
  readonly #errors: Counter<'alertmanager'>;
  readonly #dropped: Counter<'alertmanager'>;
  readonly #waiting: Gauge<'alertmanager'>;
  readonly #capacity: Gauge<'alertmanager'>;
  readonly #latency: Histogram<'alertmanager'>;

  constructor(registry: Registry) {
    const family = (name: string, help: string) => ({
      name: `cgopher_notifications_${name}`,
      help,
      labelNames: ['alertmanager'] as const,
      registers: [registry],
    });
    this.#sent = new Counter(family('sent_total', 'Alerts the Alertmanager accepted, repeats included.'));
    this.#errors = new Counter(family('errors_total', 'Alerts in requests that failed or were refused.'));
    this.#dropped = new Counter(
      family(
        'dropped_total',
        'Alerts given up: refused as they are, more than fit, or ended so long ago that nobody need know.',
      ),
    );
    this.#waiting = new Gauge(family('queue_length', 'Alerts that are to be sent and are not yet accepted.'));
    this.#capacity = new Gauge(family('queue_capacity', 'Alerts that can fire at once and be pushed.'));
    this.#latency = new Histogram({
      ...family('latency_seconds', 'Time of requests that were accepted.'),
      buckets: [0.01, 0.1, 1, 10],
    });
  }

  begin(alertmanager: string, capacity: number): void {
    for (const counter of [this.#sent, this.#errors, this.#dropped]) counter.inc({ alertmanager }, 0);
    this.#waiting.set({ alertmanager }, 0);
    this.#capacity.set({ alertmanager }, capacity);
  }

  sent(alertmanager: string, alerts: number, latencySeconds: number): void {
    this.#sent.inc({ alertmanager }, alerts);
    this.#latency.observe({ alertmanager }, latencySeconds);
  }

  failed(alertmanager: string, alerts: number): void {
    this.#errors.inc({ alertmanager }, alerts);
  }

  dropped(alertmanager: string, alerts: number): void {
    this.#dropped.inc({ alertmanager }, alerts);
  }

  waiting(alertmanager: string, alerts: number): void {
    this.#waiting.set({ alertmanager }, alerts);
  }

  end(alertmanager: string): void {
    for (const family of [this.#sent, this.#errors, this.#dropped, this.#waiting, this.#capacity, this.#latency])
      family.remove({ alertmanager });
  }
}

/** Collections that Go programs were asked for. Not by program: what was done to which is in the log. */
class GcNudgeMetrics {
  readonly #requested: Counter;
  readonly #skipped: Counter<'reason'>;
  readonly #failed: Counter<'reason'>;
  readonly #measured: Counter;
  readonly #heapFreed: Counter;
  readonly #memoryReturned: Counter;

  constructor(registry: Registry) {
    const family = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
      new Counter({ name: `cgopher_gc_${name}`, help, labelNames: [...labelNames], registers: [registry] });
    this.#requested = family('nudges_requested_total', 'Collections that Go programs were asked for.');
    this.#skipped = family(
      'nudges_skipped_total',
      'Looks at a selected program near its memory limit that ended without asking it.',
      ['reason'],
    );
    this.#failed = family('nudges_failed_total', 'Requests without an answer, and such that no collection followed.', [
      'reason',
    ]);
    this.#measured = family(
      'nudges_measured_total',
      'Collections asked for whose effect is in the two counters of bytes.',
    );
    this.#heapFreed = family(
      'nudge_heap_freed_bytes_total',
      'Heap allocated before a collection that was asked for, less the live heap it found.',
    );
    this.#memoryReturned = family(
      'nudge_memory_returned_bytes_total',
      'By how much memory.current was lower some seconds after such a collection. Other causes are in it.',
    );
  }

  begin(skipReasons: readonly string[], failureReasons: readonly string[]): void {
    for (const reason of skipReasons) this.#skipped.inc({ reason }, 0);
    for (const reason of failureReasons) this.#failed.inc({ reason }, 0);
  }

  requested(): void {
    this.#requested.inc();
  }

  skipped(reason: string): void {
    this.#skipped.inc({ reason });
  }

  failed(reason: string): void {
    this.#failed.inc({ reason });
  }

  measured(heapFreedBytes: number, memoryReturnedBytes: number): void {
    this.#measured.inc();
    this.#heapFreed.inc(heapFreedBytes);
    this.#memoryReturned.inc(memoryReturnedBytes);
  }
}
