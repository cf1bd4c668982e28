import { gzipText } from '../io/gzip.ts';
import type { NodeModel } from '../model/node-types.ts';
import type { Evaluation } from '../rules/engine.ts';
import type { Finding, Severity } from '../rules/types.ts';
import type { NodeSample } from '../sample/types.ts';
import { type EvidenceSource, evidenceText } from './evidence-document.ts';

export interface EvidenceLimits {
  readonly maxItems: number;
  /** Of all items, compressed. */
  readonly maxBytes: number;
  readonly maxItemBytes: number;
  /** Of one item before it is compressed, in characters. */
  readonly maxItemLength: number;
}

export const EVIDENCE_LIMITS: EvidenceLimits = {
  maxItems: 50,
  maxBytes: 16 * 1024 * 1024,
  maxItemBytes: 1024 * 1024,
  maxItemLength: 8 * 1024 * 1024,
};

/** One kept item, as the list shows it. */
export interface EvidenceEntry {
  readonly id: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly subject: Finding['subject'];
  readonly summary: string;
  /** Unix milliseconds of the cycle it began to fire in. */
  readonly firedAtUnixMs: number;
  /** Compressed. */
  readonly bytes: number;
}

interface Item {
  readonly entry: EvidenceEntry;
  readonly key: string;
  readonly gzip: Buffer;
}

/** The sample a finding fired on, the one before it, and one more: what a finding that fires after two cycles rests on. */
const SAMPLES = 3;
const SEVERITIES: readonly Severity[] = ['critical', 'warning', 'info'];

/**
 * Keeps in memory what was behind findings that began to fire: the newest, bounded by number and by size. Documents are made after the
 * cycle, one a turn of the event loop.
 */
export class EvidenceStore {
  readonly #limits: EvidenceLimits;
  #samples: readonly NodeSample[] = [];
  #firing: ReadonlySet<string> = new Set();
  #waiting: (EvidenceSource & { readonly key: string })[] = [];
  readonly #items = new Map<string, Item>();
  /** Finding to the newest item it has. */
  readonly #idOf = new Map<string, string>();
  #made = 0;
  #bytes = 0;
  #working: Promise<void> | undefined;

  constructor(limits: Partial<EvidenceLimits> = {}) {
    this.#limits = { ...EVIDENCE_LIMITS, ...limits };
  }

  /** Takes what one cycle gave. Costs no more than a look at its findings. */
  note({ findings }: Evaluation, model: NodeModel, sample: NodeSample): void {
    this.#samples = [sample, ...this.#samples].slice(0, SAMPLES);
    const firing = new Set<string>();
    const begun: Finding[] = [];
    for (const finding of findings) {
      if (finding.state !== 'firing') continue;
      const key = keyOf(finding);
      firing.add(key);
      if (!this.#firing.has(key)) begun.push(finding);
    }
    this.#firing = firing;
    if (begun.length === 0) return;
    // When more begin at once than are kept, the gravest are.
    begun.sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
    const room = this.#limits.maxItems - this.#waiting.length;
    for (const finding of begun.slice(0, Math.max(0, room))) {
      this.#made += 1;
      const id = `${finding.rule}-${Math.floor(model.at.wallMs / 1000)}-${this.#made}`;
      this.#waiting.push({ id, key: keyOf(finding), finding, model, samples: this.#samples });
    }
    this.#start();
  }

  /** What is kept, newest first. */
  list(): readonly EvidenceEntry[] {
    return [...this.#items.values()].map(({ entry }) => entry).reverse();
  }

  /** The document, gzip. Undefined when there is no such, or no longer. */
  get(id: string): Buffer | undefined {
    return this.#items.get(id)?.gzip;
  }

  /** The id of what is kept of a finding; undefined when nothing is, or not yet. */
  idOf(finding: Finding): string | undefined {
    return this.#idOf.get(keyOf(finding));
  }

  /** Findings with the id of what is kept of them, where it is. */
  marked(evaluation: Evaluation): Evaluation {
    const findings = evaluation.findings.map((finding) => {
      const evidenceId = this.#idOf.get(keyOf(finding));
      return evidenceId === undefined || finding.state === 'pending' ? finding : { ...finding, evidenceId };
    });
    return { ...evaluation, findings };
  }

  /** Settles when all that was noted is kept. */
  async settled(): Promise<void> {
    while (this.#working !== undefined) await this.#working;
  }

  /** Lets go of everything. */
  close(): void {
    this.#waiting = [];
    this.#samples = [];
    this.#items.clear();
    this.#idOf.clear();
    this.#bytes = 0;
  }

  #start(): void {
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
      // One may have come between the last look and here.
      if (this.#waiting.length > 0) this.#start();
    });
  }

  async #work(): Promise<void> {
    for (;;) {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      const source = this.#waiting.shift();
      if (source === undefined) return;
      // What cannot be kept is left out: evidence never ends the agent.
      const gzip = await compressed(source, this.#limits.maxItemLength).catch(() => undefined);
      if (gzip !== undefined && gzip.length <= this.#limits.maxItemBytes) this.#keep(source, gzip);
    }
  }

  #keep({ id, key, finding, model }: EvidenceSource & { readonly key: string }, gzip: Buffer): void {
    const { rule, severity, subject, summary } = finding;
    const entry = { id, rule, severity, subject, summary, firedAtUnixMs: model.at.wallMs, bytes: gzip.length };
    this.#items.set(id, { entry, key, gzip });
    this.#idOf.set(key, id);
    this.#bytes += gzip.length;
    for (const [oldest, item] of this.#items) {
      if (this.#items.size <= this.#limits.maxItems && this.#bytes <= this.#limits.maxBytes) break;
      this.#items.delete(oldest);
      this.#bytes -= item.gzip.length;
      if (this.#idOf.get(item.key) === oldest) this.#idOf.delete(item.key);
    }
  }
}

async function compressed(source: EvidenceSource, maxLength: number): Promise<Buffer | undefined> {
  const text = evidenceText(source, maxLength);
  return text.ok ? await gzipText(text.value) : undefined;
}

function keyOf(finding: Finding): string {
  return `${finding.rule}|${finding.subject.key}`;
}
