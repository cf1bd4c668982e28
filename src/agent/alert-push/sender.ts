import type { Clock } from '../../base/clock.ts';
import { fullJitter } from '../../base/full-jitter.ts';
import type { Logger } from '../../base/logger.ts';
import type { AlertBook, BookEntry } from './alert-book.ts';

/** How a batch went. `refused`: sending the same again is no use. `failed`: it may be next time. */
export type Outcome =
  | { readonly kind: 'accepted'; readonly latencySeconds: number }
  | { readonly kind: 'refused' | 'failed'; readonly detail: string };

/** What is counted of one Alertmanager. */
export interface SenderMetrics {
  sent(alertmanager: string, alerts: number, latencySeconds: number): void;
  failed(alertmanager: string, alerts: number): void;
  dropped(alertmanager: string, alerts: number): void;
  waiting(alertmanager: string, alerts: number): void;
}

export interface SenderOptions {
  readonly alertmanager: string;
  readonly book: AlertBook;
  /** Posts the alerts as they are now. */
  readonly post: (entries: readonly BookEntry[]) => Promise<Outcome>;
  readonly resendIntervalMs: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly metrics: SenderMetrics;
  readonly logger: Logger;
}

/** Changes of one look, and of looks close together, go out in one request. */
const GATHER_MS = 1000;
/** Alerts in one request. */
const BATCH = 64;
const FIRST_RETRY_MS = 1000;

/**
 * Keeps one Alertmanager up to date with the book: what changed at once, everything every interval. There is no queue of events: it
 * remembers which alerts are due and sends each as it is at that moment. One request is under way at most.
 */
export class Sender {
  readonly #options: SenderOptions;
  readonly #due = new Set<string>();
  #roundAtMs: number;
  #wakeAtMs = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #staleAfterMs = 0;
  #failures = 0;
  #trouble: Outcome['kind'] | undefined;
  #busy = false;
  #closed = false;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#roundAtMs = this.#now() + options.resendIntervalMs;
  }

  /**
   * Takes the keys a look changed.
   * @param staleAfterMs when no look came for so long, nothing more is sent: what fires now is then not known
   */
  note(keys: readonly string[], staleAfterMs: number): void {
    if (this.#closed) return;
    this.#staleAfterMs = staleAfterMs;
    for (const key of keys) this.#due.add(key);
    this.#forget();
    this.#tellWaiting();
    // After a failure the retry decides when: the changes go with it.
    if (this.#due.size > 0 && this.#failures === 0) this.#wakeBy(this.#now() + GATHER_MS);
    if (this.#timer === undefined && !this.#busy) this.#wakeBy(this.#roundAtMs);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #now(): number {
    return this.#options.clock.now().monotonicMs;
  }

  #wakeBy(atMs: number): void {
    if (this.#closed || this.#busy || (this.#timer !== undefined && this.#wakeAtMs <= atMs)) return;
    clearTimeout(this.#timer);
    this.#wakeAtMs = atMs;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        void this.#work();
      },
      Math.max(0, atMs - this.#now()),
    );
    // It is the agent that keeps the process alive, and one that could not start does not.
    this.#timer.unref();
  }

  async #work(): Promise<void> {
    const { book, resendIntervalMs, random } = this.#options;
    // Looks have stopped coming. The next one wakes this up again; until then alerts may run out.
    if (this.#now() - book.notedMs > this.#staleAfterMs) return;
    if (this.#now() >= this.#roundAtMs) {
      for (const key of book.entries.keys()) this.#due.add(key);
      this.#roundAtMs = this.#now() + resendIntervalMs;
    }
    this.#busy = true;
    const delivered = await this.#sendAll();
    this.#busy = false;
    // Its metrics have ended: one more word would bring them back.
    if (this.#closed) return;
    this.#tellWaiting();
    if (delivered) this.#wakeBy(this.#roundAtMs);
    else
      this.#wakeBy(
        this.#now() + fullJitter(this.#failures, { firstMs: FIRST_RETRY_MS, maxMs: resendIntervalMs, random }),
      );
  }

  /** Whether all went well, or as well as it can. */
  async #sendAll(): Promise<boolean> {
    for (let batch = this.#batch(); batch.length > 0; batch = this.#batch()) {
      const outcome = await this.#options
        .post(batch.map(([, entry]) => entry))
        .catch((error: unknown): Outcome => ({ kind: 'refused', detail: String(error) }));
      if (this.#closed) return true;
      this.#note(outcome, batch.length);
      if (outcome.kind === 'failed') {
        this.#failures += 1;
        return false;
      }
      this.#failures = 0;
      // What changed meanwhile stays due.
      for (const [key, { revision }] of batch)
        if (this.#options.book.entries.get(key)?.revision === revision) this.#due.delete(key);
      this.#tellWaiting();
    }
    return true;
  }

  #batch(): (readonly [key: string, entry: BookEntry])[] {
    const { book } = this.#options;
    this.#forget();
    const batch: (readonly [string, BookEntry])[] = [];
    for (const key of this.#due) {
      if (batch.length === BATCH) break;
      const entry = book.entries.get(key);
      if (entry !== undefined) batch.push([key, entry]);
    }
    return batch;
  }

  /** Drops what the book no longer has: no more is ever due than the book holds, however long an Alertmanager is down. */
  #forget(): void {
    const { alertmanager, book, metrics } = this.#options;
    for (const key of this.#due) {
      if (book.entries.has(key)) continue;
      this.#due.delete(key);
      metrics.dropped(alertmanager, 1);
    }
  }

  #note(outcome: Outcome, alerts: number): void {
    const { alertmanager, metrics, logger } = this.#options;
    if (outcome.kind === 'accepted') {
      metrics.sent(alertmanager, alerts, outcome.latencySeconds);
      if (this.#trouble !== undefined) logger.info({ alertmanager }, 'alerts are accepted again');
      this.#trouble = undefined;
      return;
    }
    metrics.failed(alertmanager, alerts);
    if (outcome.kind === 'refused') metrics.dropped(alertmanager, alerts);
    if (this.#trouble !== outcome.kind)
      logger.warn({ alertmanager, alerts, error: outcome.detail }, `alerts were not accepted (${outcome.kind})`);
    this.#trouble = outcome.kind;
  }

  #tellWaiting(): void {
    this.#options.metrics.waiting(this.#options.alertmanager, this.#due.size);
  }
}
