import type { Logger } from '../base/logger.ts';
import type { NodeModel } from '../model/node-types.ts';
import { unknownIgnores } from '../rules/ignored.ts';

const MAX_PODS = 4096;
const MAX_NAMED = 5;

/** Tells once for each pod, and again when it changes, of an annotation that ignores rules which do not exist. */
export class AnnotationLog {
  readonly #logger: Logger;
  #known: ReadonlyMap<string, string> = new Map();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  note(model: NodeModel): void {
    const current = new Map<string, string>();
    for (const { namespace, pod, podUid, names } of unknownIgnores(model).slice(0, MAX_PODS)) {
      const rules = names.slice(0, MAX_NAMED).join(', ') + (names.length > MAX_NAMED ? ' and more' : '');
      current.set(podUid, rules);
      if (this.#known.get(podUid) !== rules)
        this.#logger.warn({ namespace, pod, rules }, 'cgopher.dev/ignore names rules that do not exist');
    }
    this.#known = current;
  }
}
