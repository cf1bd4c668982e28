import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { AlertmanagerConfig, AlertmanagerTarget } from '../../config/alertmanager.ts';
import type { Config } from '../../config/config.ts';
import { firingAlerts } from '../../export/alertmanager/firing.ts';
import type { Labels } from '../../export/alertmanager/labels.ts';
import { HttpPoster } from '../../io/http-post.ts';
import { catalogue } from '../../rules/catalogue.ts';
import { runbookUrl as runbookPage } from '../../rules/runbook.ts';
import type { Finding } from '../../rules/types.ts';
import { AlertBook } from './alert-book.ts';
import { outcomeOf } from './outcome.ts';
import { type PayloadOptions, payload } from './payload.ts';
import { Sender, type SenderMetrics } from './sender.ts';

/** What is counted, with what there is to count of. */
export interface PushMetrics extends SenderMetrics {
  begin(alertmanager: string, capacity: number): void;
  end(alertmanager: string): void;
}

export interface AlertPushOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Asked for when there is a target for the first time. */
  readonly metrics: () => PushMetrics;
  /** Undefined: not known. */
  readonly nodeName: string | undefined;
  readonly evidenceIdOf: (finding: Finding) => string | undefined;
  /** 0 to 1. */
  readonly random: () => number;
}

/** Alerts that fire on one node at once. */
const CAPACITY = 1000;
const MAX_ANSWER_BYTES = 1024;
/** Without a look for so many intervals, nothing more is said. */
const STALE_INTERVALS = 4;

interface Line {
  readonly sender: Sender;
  readonly poster: HttpPoster;
  readonly alertmanager: string;
}

/**
 * Pushes findings to Alertmanagers. Each has a sender of its own, so that one that hangs holds up none of the others. At the end of the agent
 * nothing is resolved: alerts that nobody repeats run out by themselves.
 */
export class AlertPush {
  readonly #options: AlertPushOptions;
  readonly #book = new AlertBook(CAPACITY);
  readonly #lines = new Map<string, Line>();
  readonly #titles: ReadonlyMap<string, string> = new Map(catalogue.map(({ id, title }) => [id, title]));
  #config: AlertmanagerConfig;
  #labels: Labels;
  #staleAfterMs: number;

  /** @throws when there are targets and the node has no name: alerts of several nodes would be one */
  constructor(config: Config, options: AlertPushOptions) {
    this.#options = options;
    this.#config = config.alertmanager;
    this.#labels = labelsOf(config, options.nodeName);
    this.#staleAfterMs = staleAfterMs(config);
    this.#connect();
  }

  /** Takes a new configuration at once. Alerts whose labels it changes end under the old ones. @throws as the constructor, and then changes nothing */
  reconfigure(config: Config): void {
    this.#labels = labelsOf(config, this.#options.nodeName);
    this.#config = config.alertmanager;
    this.#staleAfterMs = staleAfterMs(config);
    this.#connect();
  }

  /** Takes all findings of one look. */
  note(findings: readonly Finding[]): void {
    if (this.#lines.size === 0) return;
    const alerts = firingAlerts(findings, { minSeverity: this.#config.minSeverity, labels: this.#labels });
    const { keys, crowdedOut } = this.#book.note(alerts, this.#options.clock.now().monotonicMs);
    for (const { sender, alertmanager } of this.#lines.values()) {
      sender.note(keys, this.#staleAfterMs);
      if (crowdedOut > 0) this.#options.metrics().dropped(alertmanager, crowdedOut);
    }
    if (crowdedOut > 0)
      this.#options.logger.warn({ alerts: crowdedOut, capacity: CAPACITY }, 'more alerts fire than are pushed');
  }

  /** Ends requests under way. */
  close(): void {
    for (const id of [...this.#lines.keys()]) this.#disconnect(id);
  }

  #connect(): void {
    const { targets, resendIntervalMs, timeoutMs } = this.#config;
    const wanted = new Map(
      targets.map((target) => [JSON.stringify([target, resendIntervalMs, timeoutMs]), target] as const),
    );
    for (const id of [...this.#lines.keys()]) if (!wanted.has(id)) this.#disconnect(id);
    if (wanted.size === 0) this.#book.clear();
    for (const [id, target] of wanted) {
      if (this.#lines.has(id)) continue;
      const line = this.#line(target);
      this.#lines.set(id, line);
      this.#options.metrics().begin(line.alertmanager, CAPACITY);
      line.sender.note([...this.#book.entries.keys()], this.#staleAfterMs);
    }
  }

  #disconnect(id: string): void {
    const line = this.#lines.get(id);
    if (line === undefined) return;
    this.#lines.delete(id);
    line.sender.close();
    line.poster.close();
    this.#options.metrics().end(line.alertmanager);
  }

  #line(target: AlertmanagerTarget): Line {
    const { clock, logger, random } = this.#options;
    const { resendIntervalMs, timeoutMs } = this.#config;
    const alertmanager = `${withoutSlash(target.url)}/api/v2/alerts`;
    const poster = new HttpPoster({
      ...target,
      url: alertmanager,
      reader: 'alertmanager',
      deadlineMs: timeoutMs,
      maxAnswerBytes: MAX_ANSWER_BYTES,
      now: () => clock.now().monotonicMs,
    });
    const sender = new Sender({
      alertmanager,
      book: this.#book,
      post: async (entries) => outcomeOf(await poster.post(payload(entries, clock.now(), this.#payloadOptions()))),
      resendIntervalMs,
      clock,
      random,
      metrics: this.#options.metrics(),
      logger,
    });
    return { sender, poster, alertmanager };
  }

  #payloadOptions(): PayloadOptions {
    const { resendIntervalMs, externalUrl, runbookUrl } = this.#config;
    const node = encodeURIComponent(this.#labels['node'] ?? '');
    return {
      resendIntervalMs,
      runbookUrlOf: (alert) =>
        runbookPage(alert, runbookUrl === undefined ? undefined : `${withoutSlash(runbookUrl)}/`),
      externalUrl: externalUrl === undefined ? undefined : withoutSlash(externalUrl.replaceAll('{node}', node)),
      titleOf: (rule) => this.#titles.get(rule) ?? rule,
      evidenceIdOf: this.#options.evidenceIdOf,
    };
  }
}

/** Why this configuration cannot push from this node; undefined when it can. */
export function pushProblem(config: Config, nodeName: string | undefined): string | undefined {
  const { targets } = config.alertmanager;
  return targets.length === 0 || nodeLabel(config, nodeName) !== undefined
    ? undefined
    : 'alertmanager: the name of this node is not known: set NODE_NAME (spec.nodeName of the pod), or alertmanager.externalLabels.node';
}

function nodeLabel({ alertmanager, kubernetes }: Config, known: string | undefined): string | undefined {
  return alertmanager.externalLabels['node'] ?? kubernetes.nodeName ?? known;
}

function labelsOf(config: Config, nodeName: string | undefined): Labels {
  const problem = pushProblem(config, nodeName);
  if (problem !== undefined) throw new Error(problem);
  const node = nodeLabel(config, nodeName);
  return { ...config.alertmanager.externalLabels, ...(node === undefined ? {} : { node }) };
}

function staleAfterMs({ intervalMs, alertmanager }: Config): number {
  return STALE_INTERVALS * Math.max(intervalMs, alertmanager.resendIntervalMs);
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
