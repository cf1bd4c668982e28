import type { GoProcessModel } from '../../model/go-process-types.ts';
import type { NodeModel } from '../../model/node-types.ts';
import { processSubject } from '../subjects.ts';
import type { Thresholds } from '../thresholds.ts';
import type { ProcessContext, Subject } from '../types.ts';

/** What predictions for a process are made of. */
export type WhatIfContext = Pick<ProcessContext, 'process' | 'container' | 'thresholds'>;

/** What a person names. Undefined: any. */
export interface Names {
  readonly namespace: string | undefined;
  readonly pod: string | undefined;
  readonly container: string | undefined;
  /** A pid, the program's name, or the path of its main module or package. */
  readonly process: string | undefined;
}

/** The Go processes that fit the names, with what is around them, in the order of namespace, pod, container and pid. */
export function processContexts(
  model: NodeModel,
  names: Names,
  thresholdsFor: (subject: Subject) => Thresholds,
): WhatIfContext[] {
  const containers = new Map(model.containers.map((container) => [container.key, container]));
  const found = model.goProcesses.flatMap((process) => {
    const container = process.containerKey === undefined ? undefined : containers.get(process.containerKey);
    const subject = processSubject(process, container);
    const wanted = fitsNames(process, subject, names);
    return wanted ? [{ subject, context: { process, container, thresholds: thresholdsFor(subject) } }] : [];
  });
  return found.sort((a, b) => order(a.subject).localeCompare(order(b.subject))).map(({ context }) => context);
}

function fitsNames({ pid, name, mainModule, mainPath }: GoProcessModel, subject: Subject, names: Names): boolean {
  const { namespace, pod, container, process } = names;
  if (namespace !== undefined && subject.namespace !== namespace) return false;
  if (pod !== undefined && subject.pod !== pod) return false;
  if (container !== undefined && subject.container !== container) return false;
  return process === undefined || [String(pid), name, mainModule, mainPath].includes(process);
}

function order({ namespace, pod, container, cgroupPath, pid }: Subject): string {
  return [namespace ?? '', pod ?? cgroupPath ?? '\uffff', container ?? '', String(pid ?? 0).padStart(9, '0')].join(
    '\0',
  );
}
