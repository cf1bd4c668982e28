import type { FiringAlert } from '../../export/alertmanager/firing.ts';

/** As in Prometheus: a notice that an alert ended is sent again for so long (prometheus/prometheus, rules/alerting.go, resolvedRetention). */
const ENDED_RETENTION_MS = 15 * 60_000;

/** One alert that fires, or fired lately. */
export interface BookEntry {
  readonly alert: FiringAlert;
  /** Unix milliseconds. */
  readonly sinceUnixMs: number;
  /** Monotonic milliseconds; undefined while it fires. */
  readonly endedMs: number | undefined;
  /** Another one each time it begins or ends. */
  readonly revision: number;
}

/** What a look changed. */
export interface BookChanges {
  /** Keys of alerts that began or ended. */
  readonly keys: readonly string[];
  /** Alerts that began and found no room. */
  readonly crowdedOut: number;
}

/**
 * The state of all alerts, which is what is sent: not a queue of events. It holds at most `capacity` alerts that fire and as many that
 * ended. One that is in stays in while it fires; where there is no room for all that begin, the gravest come in.
 */
export class AlertBook {
  readonly #capacity: number;
  readonly #entries = new Map<string, BookEntry>();
  #outside: ReadonlySet<string> = new Set();
  #revisions = 0;
  #notedMs = Number.NEGATIVE_INFINITY;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get entries(): ReadonlyMap<string, BookEntry> {
    return this.#entries;
  }

  /** Monotonic milliseconds of the last look. */
  get notedMs(): number {
    return this.#notedMs;
  }

  /** Takes the alerts of one look, gravest first. */
  note(alerts: readonly FiringAlert[], nowMs: number): BookChanges {
    this.#notedMs = nowMs;
    const firing = new Set(alerts.map(({ key }) => key));
    const keys: string[] = [];
    let count = 0;
    for (const [key, entry] of this.#entries) {
      if (entry.endedMs !== undefined) continue;
      if (firing.has(key)) {
        count += 1;
      } else {
        this.#put(key, { ...entry, endedMs: nowMs, revision: this.#revise() });
        keys.push(key);
      }
    }
    const outside = new Set<string>();
    let crowdedOut = 0;
    for (const alert of alerts) {
      const { key } = alert;
      const known = this.#entries.get(key);
      const { sinceUnixMs } = alert.finding;
      if (known !== undefined && known.endedMs === undefined) {
        this.#entries.set(key, { ...known, alert, sinceUnixMs: Math.min(known.sinceUnixMs, sinceUnixMs) });
      } else if (count < this.#capacity) {
        count += 1;
        this.#put(key, { alert, sinceUnixMs, endedMs: undefined, revision: this.#revise() });
        keys.push(key);
      } else {
        outside.add(key);
        if (!this.#outside.has(key)) crowdedOut += 1;
      }
    }
    this.#outside = outside;
    this.#forget(nowMs);
    return { keys, crowdedOut };
  }

  clear(): void {
    this.#entries.clear();
    this.#outside = new Set();
  }

  #revise(): number {
    this.#revisions += 1;
    return this.#revisions;
  }

  /** Ended entries lie in the order in which they ended. */
  #put(key: string, entry: BookEntry): void {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
  }

  #forget(nowMs: number): void {
    const ended = [...this.#entries].filter(([, { endedMs }]) => endedMs !== undefined);
    for (const [index, [key, { endedMs }]] of ended.entries()) {
      const old = nowMs - (endedMs ?? nowMs) > ENDED_RETENTION_MS;
      if (old || ended.length - index > this.#capacity) this.#entries.delete(key);
    }
  }
}
