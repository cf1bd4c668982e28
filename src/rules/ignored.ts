import type { NodeModel } from '../model/node-types.ts';
import { RULE_IDS, type RuleId, type Subject } from './types.ts';

const KNOWN: ReadonlySet<string> = new Set(RULE_IDS);

/** A pod whose annotation names rules that do not exist. */
export interface UnknownIgnores {
  readonly namespace: string;
  readonly pod: string;
  readonly podUid: string;
  readonly names: readonly string[];
}

/** Which rules the pods of a model switch off for themselves, with the annotation `cgopher.dev/ignore`. */
export class IgnoredRules {
  readonly #byPod = new Map<string, ReadonlySet<string>>();

  constructor(model: NodeModel) {
    for (const { namespace, pod, spec } of model.pods) {
      const known = spec?.ignore.filter((name) => KNOWN.has(name)) ?? [];
      if (namespace !== undefined && pod !== undefined && known.length > 0)
        this.#byPod.set(`${namespace}/${pod}`, new Set(known));
    }
  }

  /** The subject is in a pod that does not want this rule. */
  has(rule: RuleId, { namespace, pod }: Subject): boolean {
    return this.#byPod.size > 0 && this.#byPod.get(`${namespace}/${pod}`)?.has(rule) === true;
  }
}

/** Names in such annotations that are no rule's, pod by pod. */
export function unknownIgnores(model: NodeModel): UnknownIgnores[] {
  return model.pods.flatMap(({ podUid, spec }) => {
    const names = spec?.ignore.filter((name) => !KNOWN.has(name)) ?? [];
    return spec === undefined || names.length === 0
      ? []
      : [{ namespace: spec.namespace, pod: spec.name, podUid, names }];
  });
}
