import type { ContainerModel, GoProcessModel, NodeModel, PodModel } from '../model/types.ts';
import type { Thresholds } from './thresholds.ts';

/** Ids of all rules, as in docs, metrics and alerts. */
export const RULE_IDS = [
  'GomaxprocsAboveCpuLimit',
  'GomaxprocsNotContainerAware',
  'GomaxprocsMissesAncestorLimit',
  'CpuThrottled',
  'GomemlimitMissing',
  'GomemlimitAboveMemoryLimit',
  'NextGcBeyondMemoryLimit',
  'GcOffUnbounded',
  'OomKilled',
  'NodeNotUnifiedCgroupV2',
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
    /** `env`: container environment. `resources`: pod spec resources. `go.mod`: directives. `kernel`: boot arguments. */
    readonly kind: 'env' | 'resources' | 'go.mod' | 'kernel';
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
    }
  | { readonly outcome: 'clear'; readonly reason: string; readonly evidence: readonly Evidence[] }
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

export interface ProcessContext {
  readonly process: GoProcessModel;
  readonly container: ContainerModel | undefined;
  readonly thresholds: Thresholds;
}

export interface ContainerContext {
  readonly container: ContainerModel;
  readonly processes: readonly GoProcessModel[];
  readonly thresholds: Thresholds;
}

export interface PodContext {
  readonly pod: PodModel;
  readonly containers: readonly ContainerModel[];
  readonly processes: readonly GoProcessModel[];
  /** This is the first time the pod is looked at. */
  readonly firstSeen: boolean;
  readonly thresholds: Thresholds;
}

export interface NodeContext {
  readonly model: NodeModel;
  readonly thresholds: Thresholds;
}

interface RuleBase {
  readonly id: RuleId;
  /** One line: what it means when it fires. */
  readonly title: string;
  /** After the last time it held, how long the finding is kept. Only for events, which are true for one instant. */
  readonly keepSeconds?: number;
}

/** A rule is data and one pure function. */
export type Rule =
  | (RuleBase & { readonly subject: 'process'; readonly detect: (context: ProcessContext) => Verdict })
  | (RuleBase & { readonly subject: 'container'; readonly detect: (context: ContainerContext) => Verdict })
  | (RuleBase & { readonly subject: 'pod'; readonly detect: (context: PodContext) => Verdict })
  | (RuleBase & { readonly subject: 'node'; readonly detect: (context: NodeContext) => Verdict });

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
