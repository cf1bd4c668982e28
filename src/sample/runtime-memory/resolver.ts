import { missed, type Reading } from '../../base/reading.ts';
import { resolveRuntime } from '../../go/memory/resolve.ts';
import type { RuntimeAddresses } from '../../go/memory/types.ts';
import { stampKey, withRandomAccess } from '../../io/random-access.ts';

const READER = 'runtime_addresses';

/** Finds where an executable keeps its runtime's variables: tens of milliseconds of work for a stripped one. Never rejects. */
export interface AddressResolver {
  resolve(search: ExecutableSearch): Promise<Reading<RuntimeAddresses>>;
}

/** A file to search: where it can be opened, and which version of which file must be found there ({@link stampKey}). */
export interface ExecutableSearch {
  readonly exe: string;
  readonly executable: string;
}

/** Reads an executable as far as needed, in one go. The path may be /proc/PID/exe, where another file may be by now (`absent`). */
export function resolveExecutable({ exe, executable }: ExecutableSearch): Reading<RuntimeAddresses> {
  return withRandomAccess(exe, READER, (readAt, stamp) => {
    const { size } = stamp;
    if (stampKey(stamp) !== executable) return missed('absent', READER, exe, 'the process runs another program by now');
    const steps = resolveRuntime(readAt, size, exe);
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
    }
  });
}

/** Does the work in the calling thread: for commands that have nothing else to do, and where there is no thread to be had. */
export const inThisThread: AddressResolver = {
  resolve: (search) => Promise.resolve().then(() => resolveExecutable(search)),
};
