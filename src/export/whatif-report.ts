import type { NodeModel } from '../model/node-types.ts';
import { containerName } from '../rules/subjects.ts';
import type { WhatIf } from '../rules/what-if/what-if.ts';

/** One object with every row. What is not known is left out by JSON. */
export function whatIfReport(found: readonly WhatIf[], model: NodeModel, version: string): Record<string, unknown> {
  return {
    schemaVersion: 1,
    cgopherVersion: version,
    takenAt: new Date(model.at.wallMs).toISOString(),
    windowSeconds: model.windowSeconds,
    processes: found.map(({ process, gc, cpu }) => {
      const container = model.containers.find(({ key }) => key === process.containerKey);
      return {
        pid: process.pid,
        process: process.name,
        namespace: container?.identity.namespace,
        pod: container?.identity.pod,
        container: container === undefined ? undefined : containerName(container),
        cgroupPath: process.cgroupPath,
        gc,
        cpu: cpu === 'no limit' ? { limit: 'none' } : cpu,
      };
    }),
  };
}
