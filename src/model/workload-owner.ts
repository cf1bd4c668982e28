import type { PodFacts } from '../kube/api/types.ts';

/** What a pod belongs to, as people name it: `Deployment cart`, not the ReplicaSet between. */
export interface WorkloadOwner {
  readonly kind: string;
  readonly name: string;
}

/** A CronJob names its jobs after the minute they were due, counted since 1970. */
const SCHEDULED = /^(.+)-(\d{8})$/;
/** 2017 and 2065; a date such as 20261121 at the end of a name is no such number. */
const MINUTES = { from: 25_000_000, to: 50_000_000 };

/**
 * The workload of a pod. A ReplicaSet made by a Deployment is named after it and the pod's label `pod-template-hash`; a Job made by
 * a CronJob is named after it and the minute it was due. Both are naming rules of the controllers, not fields of the pod.
 */
export function workloadOwner({
  owner,
  podTemplateHash: hash,
}: Pick<PodFacts, 'owner' | 'podTemplateHash'>): WorkloadOwner | undefined {
  if (owner === undefined) return undefined;
  if (owner.kind === 'ReplicaSet' && hash !== undefined && hash !== '' && owner.name.endsWith(`-${hash}`)) {
    const name = owner.name.slice(0, -hash.length - 1);
    if (name !== '') return { kind: 'Deployment', name };
  }
  const [, name, minutes] = (owner.kind === 'Job' ? SCHEDULED.exec(owner.name) : null) ?? [];
  const scheduled = Number(minutes) >= MINUTES.from && Number(minutes) <= MINUTES.to;
  return name !== undefined && scheduled ? { kind: 'CronJob', name } : owner;
}
