import type { Instant } from '../base/clock.ts';
import type { NodeModel } from '../model/node-types.ts';
import { type HeldSeverity, heldSeverity } from './held-severity.ts';
import { IgnoredRules } from './ignored.ts';
import { type Asking, judge, type Memories, memoryOf } from './subjects.ts';
import type { Thresholds } from './thresholds.ts';
import type { Finding, FindingState, Rule, RuleId, Subject, Unjudged, Verdict } from './types.ts';

type Holds = Extract<Verdict, { outcome: 'holds' }>;

/** When a condition began: for people, and to measure by. */
interface Since {
  readonly sinceUnixMs: number;
  readonly sinceMs: number;
}

interface Track {
  finding: Finding;
  held: number;
  cleared: number;
  /** Cycles in which the subject was not in the model. */
  absent: number;
  /** Monotonic milliseconds, as are all times here but those a finding shows: the wall clock can be set. */
  sinceMs: number;
  lastHeldMs: number;
  severity: HeldSeverity;
}

export interface EngineOptions {
  readonly rules: readonly Rule[];
  readonly thresholds: Thresholds;
  /** A condition must hold in this many models in a row before it fires. */
  readonly forCycles: number;
  /** And be clear in this many before it resolves. */
  readonly clearCycles: number;
  /** A finding that comes back within so many seconds after it resolved is the old one, and fires at once. */
  readonly coolDownSeconds?: number;
  /** The operator's word on some subjects. The first that fits a setting counts. Pods switch rules off for themselves besides. */
  readonly overrides?: readonly RuleOverride[];
}

/** Thresholds and rules for the subjects that all given names fit. */
export interface RuleOverride {
  readonly namespace?: string | undefined;
  readonly pod?: string | undefined;
  readonly container?: string | undefined;
  readonly disable: readonly string[];
  /** All thresholds, with those of this override in place. */
  readonly thresholds: Thresholds;
}

/** What the engine says after a model. */
export interface Evaluation {
  /** Pending and firing findings, and those that resolved just now. */
  readonly findings: readonly Finding[];
  readonly unjudged: readonly Unjudged[];
}

const ABSENT_CYCLES = 2;

/**
 * Remembers what holds. Between models it keeps one small record per finding, nothing per healthy subject but its key.
 * `unknown` changes nothing: a finding stays while its input is missing. A new pid or a re-created cgroup is a new subject.
 */
export class RuleEngine {
  #options: EngineOptions;
  readonly #tracks = new Map<string, Track>();
  readonly #remembered: Memories = new Map();
  /** When findings resolved, and since when they had held. */
  readonly #resolved = new Map<string, Since & { readonly atMs: number }>();
  /** Subjects of the last {@link ABSENT_CYCLES} models, newest first: one that misses a cycle is not new. */
  #seen: readonly ReadonlySet<string>[] = [];

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** Takes new thresholds or rules; findings of rules that are gone are dropped. */
  reconfigure(options: EngineOptions): void {
    this.#options = options;
    const ids = new Set(options.rules.map((rule) => rule.id));
    for (const [key, track] of this.#tracks) if (!ids.has(track.finding.rule)) this.#tracks.delete(key);
    const memories = new Set(options.rules.map(memoryOf));
    for (const name of this.#remembered.keys()) if (!memories.has(name)) this.#remembered.delete(name);
  }

  /** What it runs with now. */
  get options(): EngineOptions {
    return this.#options;
  }

  /** For asking once more about the model evaluated last, rules that are off too: the answers are the same, and nothing is remembered. */
  askingAgain(): Asking {
    const before = this.#seen.slice(1);
    return {
      ...this.#asking(),
      isOff: () => false,
      seenBefore: (key) => before.some((keys) => keys.has(key)),
      observed: true,
    };
  }

  /** Judges one model. Call once a cycle, with models in order of time. */
  evaluate(model: NodeModel): Evaluation {
    const { rules } = this.#options;
    const now = model.at.monotonicMs;
    const findings: Finding[] = [];
    const unjudged: Unjudged[] = [];
    const asked = new Set<string>();
    const inUse = new Map<string, Set<string>>();
    const subjects = new Set<string>();
    // Most rules are clear everywhere: no key is made for what nothing is known of.
    const followed = new Set(Array.from(this.#tracks.values(), ({ finding }) => finding.rule));
    judge(rules, model, this.#asking(new IgnoredRules(model)), (rule, subject, verdict) => {
      if (rule.observe !== undefined) noteUse(inUse, memoryOf(rule), subject.key);
      subjects.add(subject.key);
      if (verdict.outcome === 'unknown') unjudged.push({ rule: rule.id, subject, missing: verdict.missing });
      if (verdict.outcome !== 'holds' && !followed.has(rule.id)) return;
      const key = stateKey(rule.id, subject.key);
      asked.add(key);
      const track = this.#tracks.get(key);
      if (verdict.outcome === 'holds') {
        const { sinceUnixMs, sinceMs } = this.#since(key, track, model.at);
        const state = verdict.atOnce === true ? 'firing' : 'pending';
        const finding: Finding = { rule: rule.id, subject, sinceUnixMs, ...report(verdict), state };
        this.#hold(key, track, rule, finding, sinceMs, now);
      } else if (track !== undefined) {
        track.absent = 0;
        if (verdict.outcome === 'clear') this.#clear(key, track, rule, now, findings);
      }
    });
    this.#forgetAbsent(asked, findings, now);
    this.#seen = [subjects, ...this.#seen].slice(0, ABSENT_CYCLES);
    this.#forgetMemories(inUse, subjects);
    for (const track of this.#tracks.values()) findings.push(track.finding);
    return { findings, unjudged };
  }

  /** What a rule remembers survives a missed cycle, and ends with its subject or when the rule is not asked about it any more. */
  #forgetMemories(inUse: ReadonlyMap<string, ReadonlySet<string>>, subjects: ReadonlySet<string>): void {
    for (const [name, memory] of this.#remembered)
      for (const key of memory.keys()) {
        const switchedOff = subjects.has(key) && inUse.get(name)?.has(key) !== true;
        if (switchedOff || !this.#seen.some((keys) => keys.has(key))) memory.delete(key);
      }
  }

  #hold(key: string, track: Track | undefined, rule: Rule, finding: Finding, sinceMs: number, now: number): void {
    const held = (track?.held ?? 0) + 1;
    // An event is over by the next cycle: waiting for a second one would miss it.
    const wasFiring = track?.finding.state === 'firing';
    const longEnough = held >= this.#options.forCycles && now - sinceMs >= (rule.forSeconds ?? 0) * 1000;
    const returned = track === undefined && sinceMs < now;
    const state: FindingState =
      wasFiring || returned || rule.keepSeconds !== undefined || longEnough ? 'firing' : finding.state;
    const severity = heldSeverity(
      wasFiring ? track.severity : undefined,
      finding.severity,
      now,
      this.#options.clearCycles,
    );
    const told = { ...finding, severity: severity.is, state };
    this.#tracks.set(key, { finding: told, held, cleared: 0, absent: 0, sinceMs, lastHeldMs: now, severity });
  }

  #clear(key: string, track: Track, rule: Rule, now: number, findings: Finding[]): void {
    track.held = 0;
    track.cleared += 1;
    if (track.finding.state === 'pending') {
      this.#tracks.delete(key);
      return;
    }
    const kept = rule.keepSeconds !== undefined && now - track.lastHeldMs < rule.keepSeconds * 1000;
    if (kept || track.cleared < this.#options.clearCycles) return;
    this.#tracks.delete(key);
    this.#resolved.set(key, { atMs: now, sinceUnixMs: track.finding.sinceUnixMs, sinceMs: track.sinceMs });
    findings.push({ ...track.finding, state: 'resolved' });
  }

  /** When a condition began: now, unless its finding resolved so lately that it counts as the same one. */
  #since(key: string, track: Track | undefined, { wallMs, monotonicMs }: Instant): Since {
    if (track !== undefined) return { sinceUnixMs: track.finding.sinceUnixMs, sinceMs: track.sinceMs };
    const last = this.#resolved.get(key);
    const coolDownMs = (this.#options.coolDownSeconds ?? 0) * 1000;
    return last !== undefined && monotonicMs - last.atMs < coolDownMs
      ? last
      : { sinceUnixMs: wallMs, sinceMs: monotonicMs };
  }

  #asking(ignored?: IgnoredRules): Asking {
    const { thresholds, overrides = [] } = this.#options;
    return {
      thresholdsFor: (subject) =>
        overrides.find((override) => overrideFits(override, subject))?.thresholds ?? thresholds,
      isOff: (rule, subject) =>
        ignored?.has(rule, subject) === true ||
        overrides.some((override) => override.disable.includes(rule) && overrideFits(override, subject)),
      seenBefore: (key) => this.#seen.some((keys) => keys.has(key)),
      remembered: this.#remembered,
    };
  }

  #forgetAbsent(asked: ReadonlySet<string>, findings: Finding[], now: number): void {
    const coolDownMs = (this.#options.coolDownSeconds ?? 0) * 1000;
    for (const [key, { atMs }] of this.#resolved) if (now - atMs >= coolDownMs) this.#resolved.delete(key);
    for (const [key, track] of this.#tracks) {
      if (asked.has(key)) continue;
      track.absent += 1;
      if (track.absent < ABSENT_CYCLES) continue;
      this.#tracks.delete(key);
      if (track.finding.state === 'firing') findings.push({ ...track.finding, state: 'resolved' });
    }
  }
}

function stateKey(rule: RuleId, subjectKey: string): string {
  return `${rule}|${subjectKey}`;
}

function noteUse(inUse: Map<string, Set<string>>, memory: string, subjectKey: string): void {
  const keys = inUse.get(memory);
  if (keys === undefined) inUse.set(memory, new Set([subjectKey]));
  else keys.add(subjectKey);
}

function report(verdict: Holds): Pick<Finding, 'severity' | 'summary' | 'evidence' | 'remedy'> {
  return { severity: verdict.severity, summary: verdict.summary, evidence: verdict.evidence, remedy: verdict.remedy };
}

/** Whether an override is about this subject: every name it gives is the subject's. */
export function overrideFits({ namespace, pod, container }: RuleOverride, subject: Subject): boolean {
  return (
    (namespace === undefined || namespace === subject.namespace) &&
    (pod === undefined || pod === subject.pod) &&
    (container === undefined || container === subject.container)
  );
}
