import type { Reading } from '../base/reading.ts';
import type { RuntimeAddresses } from '../go/memory/types.ts';
import { JobWorker } from '../io/job-worker.ts';
import { type AddressResolver, type ExecutableSearch, inThisThread } from '../sample/runtime-memory/resolver.ts';

/** An {@link AddressResolver} that holds something until it is closed. */
export interface ClosableResolver extends AddressResolver {
  close(): void;
}

/** A stripped executable of 100 MB takes about a tenth of a second; a hostile one is given up. */
const DEADLINE_MS = 20_000;
/** Executables come in bursts, when pods start. */
const IDLE_MS = 5000;
const HEAP_MIB = 64;
const MAX_WAITING = 1024;

/**
 * Searches executables in a thread of its own, one at a time, so that no cycle and no scrape waits for it.
 * @param script the bundled module that does the work; undefined, as when run from source: the calling thread does it
 */
export function addressResolver(script: URL | undefined): ClosableResolver {
  if (script === undefined) return { ...inThisThread, close: () => undefined };
  const worker = new JobWorker<ExecutableSearch, RuntimeAddresses>({
    script,
    reader: 'runtime_addresses',
    deadlineMs: DEADLINE_MS,
    idleMs: IDLE_MS,
    heapMiB: HEAP_MIB,
    maxWaiting: MAX_WAITING,
  });
  return {
    resolve: (search): Promise<Reading<RuntimeAddresses>> => worker.ask(search),
    close: () => {
      worker.close();
    },
  };
}
