import type { Rule } from '../../../src/rules/types.ts';

/** What a finding names: a container, a pod, or only the node. */
export type Level = 'container' | 'pod' | 'node';

/** Rules about a process name its container: pids are not among the labels of a finding. */
export function levelOf({ subject }: Pick<Rule, 'subject'>): Level {
  return subject === 'process' ? 'container' : subject;
}

/** Labels that tell the subjects of a level apart. A systemd unit has neither namespace nor pod. */
export const SUBJECT_LABELS: Readonly<Record<Level, readonly string[]>> = {
  container: ['node', 'namespace', 'pod', 'container'],
  pod: ['node', 'namespace', 'pod'],
  node: ['node'],
};

/** The recorded series that the alerts of a level read. */
export function findingSeries(level: Level): string {
  return `${level}:cgopher_finding:max`;
}
