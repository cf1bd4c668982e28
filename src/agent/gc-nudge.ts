import { decideNudge } from '../actions/gc-nudge-decision.ts';
import { NOT_NUDGED, type NotNudged, type NudgePlan, type NudgeSettings } from '../actions/gc-nudge-types.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Reading } from '../base/reading.ts';
import type { Config } from '../config/config.ts';
import type { NodeModel } from '../model/node-types.ts';
import { effectOf } from './gc-nudge-effect.ts';

/** Why a request came to nothing. A closed set: these are label values. */
const FAILURES = ['not-answered', 'no-handler', 'no-collection', 'gone'] as const;
type Failure = (typeof FAILURES)[number];

export interface NudgeMetrics {
  begin(skipReasons: readonly string[], failureReasons: readonly string[]): void;
  requested(): void;
  skipped(reason: NotNudged): void;
  failed(reason: Failure): void;
  measured(heapFreedBytes: number, memoryReturnedBytes: number): void;
}

export interface GcNudgeOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Asked for when the action is switched on for the first time. */
  readonly metrics: () => NudgeMetrics;
  /** Has the process of this key collect; the milliseconds it took. Has a deadline of its own and never rejects. */
  readonly collect: (processKey: string) => Promise<Reading<number>>;
}

/** Pages go back to the kernel over seconds: the scavenger paces itself (runtime/mgcscavenge.go). */
const SETTLE_MS = 15_000;
/** What failed, or freed less than it was worth, is left alone for so long. */
const DISAPPOINTED_MS = 3_600_000;

interface UnderWay {
  readonly plan: NudgePlan;
  /** Monotonic milliseconds; undefined while the answer is waited for. */
  answeredMs: number | undefined;
  /** Undefined: not yet seen. `mixed`: other collections ran since, so the figure is not of this one. */
  liveBytes: number | 'mixed' | undefined;
}

/** Asks Go programs for a collection, one at a time, and measures what it did. Does nothing while `actions.gcNudge` is off. */
export class GcNudge {
  readonly #options: GcNudgeOptions;
  readonly #notBeforeMs = new Map<string, number>();
  #config: Config;
  #metrics: NudgeMetrics | undefined;
  #nodeNotBeforeMs: number;
  #underWay: UnderWay | undefined;
  #closed = false;

  constructor(config: Config, options: GcNudgeOptions) {
    this.#config = config;
    this.#options = options;
    // What was asked before a restart is forgotten: one that restarts over and over must not ask each time.
    this.#nodeNotBeforeMs = options.clock.now().monotonicMs + config.actions.gcNudge.nodeIntervalMs;
    this.reconfigure(config);
  }

  /** Takes new settings. Switched off, nothing more is asked; what is under way is still measured. */
  reconfigure(config: Config): void {
    this.#config = config;
    if (!config.actions.gcNudge.enabled || this.#metrics !== undefined) return;
    this.#metrics = this.#options.metrics();
    this.#metrics.begin(NOT_NUDGED, FAILURES);
  }

  /** One look at the node. Returns at once: a request runs by itself. */
  note(model: NodeModel): void {
    if (this.#closed || this.#metrics === undefined) return;
    if (this.#underWay !== undefined) this.#measure(this.#underWay, model, this.#metrics);
    const keys = new Set(model.goProcesses.map(({ key }) => key));
    for (const key of this.#notBeforeMs.keys()) if (!keys.has(key)) this.#notBeforeMs.delete(key);
    if (!this.#config.actions.gcNudge.enabled) return;
    const { plan, skipped } = decideNudge(model, this.#settings(), {
      nodeNotBeforeMs: this.#underWay === undefined ? this.#nodeNotBeforeMs : Number.POSITIVE_INFINITY,
      notBeforeMs: this.#notBeforeMs,
    });
    for (const { processKey, reason, detail } of skipped) {
      this.#metrics.skipped(reason);
      this.#options.logger.debug({ processKey, reason, detail }, 'no collection is asked for');
    }
    if (plan !== undefined) void this.#ask(plan, this.#metrics);
  }

  /** Nothing is asked or measured from now on. */
  close(): void {
    this.#closed = true;
  }

  async #ask(plan: NudgePlan, metrics: NudgeMetrics): Promise<void> {
    const { clock, logger, collect } = this.#options;
    const { nodeIntervalMs, processIntervalMs } = this.#config.actions.gcNudge;
    const underWay: UnderWay = { plan, answeredMs: undefined, liveBytes: undefined };
    this.#underWay = underWay;
    const nowMs = clock.now().monotonicMs;
    this.#nodeNotBeforeMs = nowMs + nodeIntervalMs;
    this.#notBeforeMs.set(plan.processKey, nowMs + processIntervalMs);
    metrics.requested();
    logger.info({ ...plan }, 'a collection is asked for');
    const answer = await collect(plan.processKey);
    if (this.#closed) return;
    if (answer.ok) {
      underWay.answeredMs = clock.now().monotonicMs;
      return;
    }
    const { kind, detail } = answer.miss;
    // No handler will come into a program that runs. A socket or namespace that is absent may be back.
    if (kind === 'absent' && detail.startsWith('HTTP 404'))
      this.#fail('no-handler', plan, detail, Number.POSITIVE_INFINITY);
    else this.#fail('not-answered', plan, detail);
  }

  #measure(underWay: UnderWay, model: NodeModel, metrics: NudgeMetrics): void {
    const { plan, answeredMs } = underWay;
    // A look that began before the answer may have read either side of the collection.
    if (answeredMs === undefined || model.at.monotonicMs <= answeredMs) return;
    const settled = model.at.monotonicMs - answeredMs >= SETTLE_MS;
    const effect = effectOf(plan, model);
    if (effect === undefined) {
      this.#fail('gone', plan, 'the process or its cgroup is no longer there');
      return;
    }
    underWay.liveBytes ??= effect.liveBytes;
    if (!settled) return;
    const { liveBytes } = underWay;
    if (liveBytes === undefined) {
      this.#fail('no-collection', plan, 'it answered, but the number of forced collections is not known to have grown');
      return;
    }
    this.#underWay = undefined;
    const memoryReturnedBytes = plan.heldBytes - effect.heldBytes;
    const heapFreedBytes = liveBytes === 'mixed' ? undefined : Math.max(0, plan.heapAllocBytes - liveBytes);
    this.#options.logger.info(
      {
        process: plan.process,
        namespace: plan.namespace,
        pod: plan.pod,
        container: plan.container,
        heapAllocBytes: plan.heapAllocBytes,
        liveBytes,
        heapFreedBytes,
        heldBytes: plan.heldBytes,
        heldBytesAfter: effect.heldBytes,
        memoryReturnedBytes,
      },
      'what the collection did',
    );
    if (heapFreedBytes === undefined) return;
    metrics.measured(heapFreedBytes, Math.max(0, memoryReturnedBytes));
    if (heapFreedBytes < this.#config.actions.gcNudge.minFreedBytes) this.#leaveAlone(plan.processKey, DISAPPOINTED_MS);
  }

  #fail(failure: Failure, plan: NudgePlan, detail: string, forMs = DISAPPOINTED_MS): void {
    this.#underWay = undefined;
    this.#metrics?.failed(failure);
    this.#leaveAlone(plan.processKey, forMs);
    const { process, namespace, pod, container } = plan;
    this.#options.logger.warn(
      { process, namespace, pod, container, failure, detail },
      'asking for a collection came to nothing',
    );
  }

  #leaveAlone(processKey: string, forMs: number): void {
    this.#notBeforeMs.set(processKey, this.#options.clock.now().monotonicMs + forMs);
  }

  #settings(): NudgeSettings {
    return { ...this.#config.actions.gcNudge, attributionRatio: this.#config.thresholds.memory.attributionRatio };
  }
}
