import { type Endpoint, openEndpoint } from '../../src/demo/endpoints.ts';
import type { Running } from '../../src/demo/world.ts';

/** One server that stands for every Go program of the node: the agent asks it as it asks real ones. */
export function openGoEndpoint(running: Running | undefined): Promise<Endpoint> {
  return openEndpoint(
    '127.0.0.1',
    () => {
      if (running?.runtime === undefined || running.workload.go === undefined) return undefined;
      return {
        workload: running.workload,
        program: running.workload.go,
        stats: running.runtime,
        goroutines: running.workload.go.goroutines,
        startedAtMs: 0,
        lastGcMs: undefined,
        cpuSeconds: 1,
        residentBytes: running.memory.anon,
        openFiles: 12,
      };
    },
    Date.now,
  );
}
