import type { Instant } from '../base/clock.ts';
import type { ContainerModel, PodModel } from '../model/container-types.ts';
import type { GoProcessModel } from '../model/go-process-types.ts';
import type { NodeModel, NodeView } from '../model/node-types.ts';
import type { Thresholds } from './thresholds.ts';

/** Ids of all rules, as in docs, metrics and alerts. */
export const RULE_IDS = [
  'GomaxprocsAboveCpuLimit',
  'GomaxprocsNotContainerAware',
  'GomaxprocsMissesAncestorLimit',
  'GomaxprocsBelowCpuLimit',
  'GomaxprocsIgnoresCpuset',
  'StaleCpuLimit',
  'FractionalCpuLimit',
  'CpuThrottled',
  'CpuThrottledByGc',
  'GcPauseStretchedByThrottling',
  'CpusetSpansNumaNodes',
  'SchedulerLatencyHigh',
  'GomemlimitMissing',
  'GomemlimitAboveMemoryLimit',
  'NextGcBeyondMemoryLimit',
  'GcOffUnbounded',
  'GcDeathSpiral',
  'GomemlimitAboveMemoryHigh',
  'NonGoMemory',
  'RuntimeRetainsFreedMemory',
  'StackMemory',
  'MemoryPressure',
  'StaleMemoryLimit',
  'MemoryLowBelowWorkingSet',
  'RequestFarBelowLimit',
  'SwapUnderGc',
  'ThpInflatesRss',
  'OomKilled',
  'OomKilledOutsidePods',
  'IoWeightDefaultUnderContention',
  'IoWeightIneffective',
  'GoroutineGrowth',
  'GoroutineLeak',
  'GoroutineBlocked',
  'StalledAfterSiblingExit',
  'ThreadGrowth',
  'PidsNearLimit',
  'FileDescriptorsNearLimit',
  'ContainerRestartLoop',
  'InitIgnoresSigterm',
  'PprofExposed',
  'SpecCgroupDrift',
  'PauseContainerAnomaly',
  'NodeNotUnifiedCgroupV2',
  'ControllersMissing',
  'ClockStepped',
  'NodeSysctls',
] as const;

export type RuleId = (typeof RULE_IDS)[number];

export type Severity = 'info' | 'warning' | 'critical';

/** One number a verdict rests on. */
export interface Evidence {
  /** What it is, in the model's words: `gomaxprocs`, `effective CPU limit`. */
  readonly signal: string;
  readonly value: number | string;
  /** Base unit: `cores`, `bytes`, `seconds`, `ratio`, `percent`, `count`; empty for text. */
  readonly unit: 'cores' | 'bytes' | 'seconds' | 'ratio' | 'percent' | 'count' | 'threads' | '';
  /** What it was compared with, in the same unit. */
  readonly bound?: number;
  /** Where the number comes from: file, endpoint, variable or inference. */
  readonly source: string;
}

/** What to change. `set` holds exact settings that can be applied as they stand. */
export interface Remedy {
  readonly text: string;
  readonly patch?: {
    /** `env`: container environment. `resources`: pod spec resources. `go.mod`: directives. `kernel`: boot arguments. `sysctl`: of the node. */
    readonly kind: 'env' | 'resources' | 'go.mod' | 'kernel' | 'sysctl';
    readonly set: Readonly<Record<string, string>>;
  };
}

/** What a rule says of one subject at one instant. `unknown` neither fires nor resolves. */
export type Verdict =
  | {
      readonly outcome: 'holds';
      readonly severity: Severity;
      readonly summary: string;
      readonly evidence: readonly Evidence[];
      readonly remedy: Remedy;
      /** What it foretells may come before the second look that a condition has to hold for otherwise. */
      readonly atOnce?: boolean;
    }
  | {
      readonly outcome: 'clear';
      readonly reason: string;
      readonly evidence: readonly Evidence[];
      /** It is so as far as the rule looked back. To somebody who looked once it says nothing. */
      readonly soFar?: true;
    }
  | { readonly outcome: 'unknown'; readonly missing: readonly string[] };

/** Whom a finding is about. Fields that do not apply are undefined. */
export interface Subject {
  readonly kind: 'process' | 'container' | 'pod' | 'node';
  /** Stable while the subject lives; another one after a restart. */
  readonly key: string;
  readonly namespace: string | undefined;
  readonly pod: string | undefined;
  readonly container: string | undefined;
  readonly cgroupPath: string | undefined;
  readonly pid: number | undefined;
  readonly process: string | undefined;
}

/** What every rule is given besides its subject. */
interface ContextBase {
  readonly at: Instant;
  /** Seconds since the model before; undefined on the first. */
  readonly windowSeconds: number | undefined;
  readonly thresholds: Thresholds;
}

export interface ProcessContext extends ContextBase {
  readonly process: GoProcessModel;
  readonly container: ContainerModel | undefined;
  /** The pod it is in, with all its containers; undefined outside of pods. */
  readonly pod: PodModel | undefined;
  /** The other containers of its pod; empty outside of pods. */
  readonly siblings: readonly ContainerModel[];
  readonly node: NodeView;
}

export interface ContainerContext extends ContextBase {
  readonly container: ContainerModel;
  readonly processes: readonly GoProcessModel[];
  /** All containers of the node: who it shares devices and memory with. */
  readonly neighbours: readonly ContainerModel[];
  readonly node: NodeView;
}

export interface PodContext extends ContextBase {
  readonly pod: PodModel;
  readonly containers: readonly ContainerModel[];
  readonly processes: readonly GoProcessModel[];
  /** This is the first time the pod is looked at. */
  readonly firstSeen: boolean;
}

export interface NodeContext extends ContextBase {
  readonly model: NodeModel;
}

/** What a rule does with a context: one pure function, or two when it looks back. */
export interface Judging<C> {
  readonly detect: (context: C, remembered?: unknown) => Verdict;
  /**
   * Folds each model into what the rule remembers of a subject: plain data of bounded size, thrown away with the subject. Called once a
   * cycle before `detect`, which is given the result.
   */
  readonly observe?: (before: unknown, context: C) => unknown;
  /**
   * Rules about the same kind of subject that name the same memory share what they remember: they have the same `observe`, to which a
   * model that it was given before makes no difference. Left out: the rule remembers for itself.
   */
  readonly memory?: string;
}

/** The two functions of a rule that looks back, with the type of what it remembers. The engine keeps it and never looks inside. */
export function remembering<C, S>(
  observe: (before: S | undefined, context: C) => S,
  detect: (context: C, remembered: S) => Verdict,
  memory?: string,
): Judging<C> {
  return {
    observe: (before, context) => observe(before as S | undefined, context),
    detect: (context, remembered) => detect(context, remembered as S),
    ...(memory === undefined ? {} : { memory }),
  };
}

/** What a person may read of a rule: the pages of docs/rules and `cgopher explain` are made of it. Plain text with Markdown code spans. */
export interface RuleAbout {
  /** What happens, and why it matters: two to four sentences. */
  readonly meaning: string;
  readonly firesWhen: string;
  readonly severity: string;
  readonly change: string;
  readonly silentWhen: string;
  readonly unknownWhen: string;
  /** Kernel document, Go file and version, issue. */
  readonly sources: readonly string[];
}

interface RuleBase {
  readonly id: RuleId;
  /** One line: what it means when it fires. */
  readonly title: string;
  readonly about: RuleAbout;
  /** Seconds it must have held before it fires, besides the cycles of the engine. For conditions that are normal while they are short. */
  readonly forSeconds?: number;
  /** After the last time it held, how long the finding is kept. Only for events, which are true for one instant. */
  readonly keepSeconds?: number;
}

/** A rule is data and pure functions. */
export type Rule =
  | (RuleBase & { readonly subject: 'process' } & Judging<ProcessContext>)
  | (RuleBase & { readonly subject: 'container' } & Judging<ContainerContext>)
  | (RuleBase & { readonly subject: 'pod' } & Judging<PodContext>)
  | (RuleBase & { readonly subject: 'node' } & Judging<NodeContext>);

export type FindingState = 'pending' | 'firing' | 'resolved';

/** A rule that holds, or held, for a subject. */
export interface Finding {
  readonly rule: RuleId;
  readonly severity: Severity;
  readonly state: FindingState;
  readonly subject: Subject;
  readonly summary: string;
  readonly evidence: readonly Evidence[];
  readonly remedy: Remedy;
  /** Unix milliseconds of the first time it held. */
  readonly sinceUnixMs: number;
}

/** A rule that could not judge a subject, and what it would need. */
export interface Unjudged {
  readonly rule: RuleId;
  readonly subject: Subject;
  readonly missing: readonly string[];
}
