import type { Logger } from '../base/logger.ts';
import type { Miss, MissKind } from '../base/reading.ts';

const MAX_KEYS = 4096;
const MAX_LINES = 20;
const MAX_GROUPS = 10;

/**
 * Logs misses once per change of state: a warning when a source starts to miss or misses for another reason, a line of
 * information when it no longer does. Only failed, malformed and denied count; absent and unsupported are normal.
 * More than 20 changes in one cycle become one line, and at most 4096 sources are remembered.
 */
export class MissLog {
  readonly #logger: Logger;
  readonly #known = new Map<string, Miss>();
  #full = false;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Takes all misses of one cycle. A source not among them is read again, or gone. */
  note(misses: readonly Miss[]): void {
    const current = new Map<string, Miss>();
    for (const miss of misses) if (isTrouble(miss.kind)) current.set(keyOf(miss), miss);
    const ended: Miss[] = [];
    for (const [key, miss] of this.#known) {
      if (current.has(key)) continue;
      this.#known.delete(key);
      ended.push(miss);
    }
    const started: Miss[] = [];
    let untracked = 0;
    for (const [key, miss] of current) {
      const before = this.#known.get(key);
      if (before === undefined && this.#known.size >= MAX_KEYS) {
        untracked += 1;
        continue;
      }
      this.#known.set(key, miss);
      if (before?.kind !== miss.kind) started.push(miss);
    }
    this.#tellStarted(started);
    this.#tellEnded(ended);
    this.#tellFull(untracked);
  }

  #tellStarted(misses: readonly Miss[]): void {
    if (misses.length > MAX_LINES) {
      this.#logger.warn(summaryOf(misses), 'many sources cannot be read');
      return;
    }
    for (const { reader, kind, source, detail } of misses) {
      this.#logger.warn({ reader, kind, source, detail }, 'cannot be read');
    }
  }

  #tellEnded(misses: readonly Miss[]): void {
    if (misses.length > MAX_LINES) {
      this.#logger.info(summaryOf(misses), 'many sources are read again, or gone');
      return;
    }
    for (const { reader, kind, source } of misses) {
      this.#logger.info({ reader, kind, source }, 'read again, or gone');
    }
  }

  #tellFull(untracked: number): void {
    if (untracked > 0 && !this.#full) {
      this.#logger.warn(
        { untracked, remembered: MAX_KEYS },
        'too many sources cannot be read; further ones are not logged',
      );
    }
    this.#full = untracked > 0;
  }
}

function isTrouble(kind: MissKind): boolean {
  return kind === 'failed' || kind === 'malformed' || kind === 'denied';
}

function keyOf(miss: Miss): string {
  return `${miss.reader}\u0000${miss.source}`;
}

function summaryOf(misses: readonly Miss[]): Record<string, unknown> {
  const counts = new Map<string, number>();
  for (const { reader, kind } of misses) {
    const group = `${reader} ${kind}`;
    counts.set(group, (counts.get(group) ?? 0) + 1);
  }
  const largest = [...counts].sort((a, b) => b[1] - a[1]).slice(0, MAX_GROUPS);
  const groups = largest.map(([group, count]) => `${group}: ${count}`).join(', ');
  const example = misses[0];
  return {
    sources: misses.length,
    groups: counts.size > MAX_GROUPS ? `${groups}, and ${counts.size - MAX_GROUPS} more` : groups,
    example: example === undefined ? '' : `${example.source} (${example.detail})`,
  };
}
