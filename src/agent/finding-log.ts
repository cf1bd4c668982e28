import type { Logger } from '../base/logger.ts';
import type { Finding } from '../rules/types.ts';

/** Logs a finding when it begins to fire and when it ends, once each. */
export class FindingLog {
  readonly #logger: Logger;
  #firing: ReadonlySet<string> = new Set();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Takes all findings of one cycle. */
  note(findings: readonly Finding[]): void {
    const firing = new Set<string>();
    for (const finding of findings) {
      const { rule, severity, subject, summary, remedy } = finding;
      const key = `${rule}|${subject.key}`;
      const { namespace, pod, container, process } = subject;
      if (finding.state === 'firing') {
        firing.add(key);
        if (this.#firing.has(key)) continue;
        const fields = { rule, severity, namespace, pod, container, process, remedy: remedy.text };
        if (severity === 'info') this.#logger.info(fields, summary);
        else this.#logger.warn(fields, summary);
      } else if (finding.state === 'resolved') {
        this.#logger.info({ rule, namespace, pod, container, process }, 'finding resolved');
      }
    }
    this.#firing = firing;
  }
}
