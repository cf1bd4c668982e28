import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CheckReport, checkReportSchema } from '../../src/export/check-schema.ts';

/** One program in the guest and what the agent ought to say of it; written by settle.mjs. */
export interface Workload {
  readonly kind: 'kubernetes' | 'docker' | 'systemd';
  readonly namespace?: string;
  readonly pod?: string;
  readonly container?: string;
  readonly podUid?: string;
  readonly containerId?: string;
  readonly qos?: 'guaranteed' | 'burstable' | 'besteffort';
  readonly cgroup: string;
  readonly processCgroup: string;
  readonly url?: string;
  readonly serves?: 'metrics' | 'pprof';
  readonly go: boolean;
  /** It is killed during the look, so its process changes. */
  readonly restarts: boolean;
  readonly fires: readonly string[];
  readonly silent: readonly string[];
  readonly may: readonly string[];
  readonly pid: number;
}

/** Raw text of one workload's files and endpoint at one moment; written by values.mjs. */
export interface Moment {
  readonly files: Readonly<Record<string, string>>;
  readonly startTicks?: number;
  readonly metrics?: string;
}

export interface Results {
  readonly workloads: readonly Workload[];
  readonly before: Readonly<Record<string, Moment>>;
  readonly after: Readonly<Record<string, Moment>>;
  /** The moment after the look without endpoints; undefined when the agent is not built. */
  readonly later: Readonly<Record<string, Moment>> | undefined;
  readonly variants: readonly { readonly name: string; readonly skipped?: string }[];
  /** Undefined when the agent is not built. */
  readonly check: { readonly code: number; readonly log: string; readonly json: unknown } | undefined;
  readonly agent: { readonly code: number; readonly log: string; readonly metrics: string } | undefined;
}

const text = (folder: string, name: string) => readFileSync(join(folder, name), 'utf8');
const json = (folder: string, name: string) => JSON.parse(text(folder, name)) as unknown;

function parsedOrText(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return content;
  }
}

export function readResults(folder: string): Results {
  const looked = existsSync(join(folder, 'check.code'));
  return {
    workloads: (json(folder, 'expected.json') as { workloads: Workload[] }).workloads,
    before: (json(folder, 'before.json') as { workloads: Record<string, Moment> }).workloads,
    after: (json(folder, 'after.json') as { workloads: Record<string, Moment> }).workloads,
    later: looked ? (json(folder, 'later.json') as { workloads: Record<string, Moment> }).workloads : undefined,
    variants: (json(folder, 'targets.json') as { variants: Results['variants'] }).variants,
    check: looked
      ? {
          code: Number(text(folder, 'check.code')),
          log: text(folder, 'check.log'),
          json: parsedOrText(text(folder, 'check.json')),
        }
      : undefined,
    agent: looked
      ? {
          code: Number(text(folder, 'agent.code')),
          log: text(folder, 'agent.log'),
          metrics: text(folder, 'agent-metrics.txt'),
        }
      : undefined,
  };
}

/** The report of `check`, held against its own schema. */
export function reportOf(results: Results): CheckReport {
  return checkReportSchema.parse(results.check?.json);
}

/** A workload in words, for messages. */
export function nameOf(workload: Workload): string {
  return workload.pod === undefined ? workload.cgroup : `${workload.namespace ?? ''}/${workload.pod}`;
}

/** `key value` in a kernel file such as cpu.stat; undefined when it is not there. */
export function keyed(moment: Moment, file: string, key: string): number | undefined {
  const found = new RegExp(`^${key} (\\d+)$`, 'm').exec(moment.files[file] ?? '');
  return found?.[1] === undefined ? undefined : Number(found[1]);
}

/** total= of the `some` line of a pressure file, in seconds. */
export function stalledSeconds(moment: Moment, file: string): number | undefined {
  const found = /^some .*total=(\d+)$/m.exec(moment.files[file] ?? '');
  return found?.[1] === undefined ? undefined : Number(found[1]) / 1e6;
}

/** An unlabelled sample of an exposition text. */
export function metric(exposition: string | undefined, name: string): number | undefined {
  const found = new RegExp(`^${name} (\\S+)$`, 'm').exec(exposition ?? '');
  return found?.[1] === undefined ? undefined : Number(found[1]);
}

/** Rules of the firing findings about a workload, as the agent's /metrics has them. */
export function rulesInMetrics(exposition: string, workload: Workload): string[] {
  const rules = [];
  for (const [, labels = ''] of exposition.matchAll(/^cgopher_finding\{([^}]*)\} 1$/gm)) {
    const label = (name: string) => new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1];
    if (label('namespace') === workload.namespace && label('pod') === workload.pod) rules.push(label('rule') ?? '?');
  }
  return rules;
}
