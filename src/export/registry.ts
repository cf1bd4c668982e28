import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { AgentProcessMetrics } from './agent-process-metrics.ts';
import { CycleMetrics, type CycleReport } from './cycle-metrics.ts';
import { GcNudgeMetrics } from './gc-nudge-metrics.ts';
import type { CounterFamily, GaugeFamily, HistogramFamily, MetricFamilies } from './metric-families.ts';
import { NotificationMetrics } from './notification-metrics.ts';

export type { CycleReport } from './cycle-metrics.ts';

/** The agent's own metrics: what it read, what it missed, what it costs. prom-client owns the registry. */
export class AgentMetrics {
  readonly #families = new PromClientFamilies();
  readonly #cycles = new CycleMetrics(this.#families);
  readonly #configSuccess = this.#families.gauge(
    'cgopher_config_last_reload_successful',
    'Whether the configuration file on disk is the one in use.',
  );
  readonly #configTime = this.#families.gauge(
    'cgopher_config_last_reload_success_timestamp_seconds',
    'When the configuration in use was read.',
  );
  readonly #process: AgentProcessMetrics | undefined;
  #pushed: NotificationMetrics | undefined;
  #nudged: GcNudgeMetrics | undefined;

  /** @param ownProcess whether `process_*`, `nodejs_*` and the delay of the event loop are among them */
  constructor(build: { readonly version: string; readonly revision: string }, startUnixMs: number, ownProcess = true) {
    this.#families
      .gauge('cgopher_build_info', 'Version of this agent. Always 1.', ['version', 'revision', 'nodeversion'])
      .set({ version: build.version, revision: build.revision, nodeversion: process.version }, 1);
    this.#process = ownProcess ? new AgentProcessMetrics(this.#families, startUnixMs) : undefined;
  }

  /** Takes one cycle's report. */
  observe(report: CycleReport): void {
    this.#cycles.observe(report);
  }

  /** Whether the configuration file on disk is the one in use. */
  configReloaded(success: boolean, atUnixMs: number): void {
    this.#configSuccess.set(success ? 1 : 0);
    if (success) this.#configTime.set(atUnixMs / 1000);
  }

  /** The families of pushed alerts. There are none before this is first called: an agent that pushes nothing has none. */
  notifications(): NotificationMetrics {
    this.#pushed ??= new NotificationMetrics(this.#families);
    return this.#pushed;
  }

  /** The families of collections asked for. There are none before this is first called: an agent that asks for none has none. */
  gcNudges(): GcNudgeMetrics {
    this.#nudged ??= new GcNudgeMetrics(this.#families);
    return this.#nudged;
  }

  /** Stops the measuring of the event loop. */
  close(): void {
    this.#process?.close();
  }

  /** Text format 0.0.4 of the agent's own metrics. */
  text(): Promise<string> {
    return this.#families.text();
  }
}

/** Nothing else knows prom-client. */
class PromClientFamilies implements MetricFamilies {
  readonly #registry = new Registry();
  readonly #registers = [this.#registry];

  counter<L extends string = never>(name: string, help: string, labelNames: readonly L[] = []): CounterFamily<L> {
    return new Counter({ name, help, labelNames, registers: this.#registers });
  }

  gauge<L extends string = never>(name: string, help: string, labelNames: readonly L[] = []): GaugeFamily<L> {
    return new Gauge({ name, help, labelNames, registers: this.#registers });
  }

  histogram<L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    buckets: readonly number[],
  ): HistogramFamily<L> {
    return new Histogram({ name, help, labelNames, buckets: [...buckets], registers: this.#registers });
  }

  counterOf(name: string, help: string, read: () => number): void {
    new Counter({
      name,
      help,
      registers: this.#registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }

  gaugeOf(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: this.#registers,
      collect() {
        this.set(read());
      },
    });
  }

  /** Text format 0.0.4. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
