import type { Reading } from '../../base/reading.ts';
import { resolveRuntime } from '../../go/memory/resolve.ts';
import type { RuntimeAddresses } from '../../go/memory/types.ts';
import { withRandomAccess } from '../../io/random-access.ts';

/** Finds where an executable keeps its runtime's variables: tens of milliseconds of work for a stripped one. Never rejects. */
export interface AddressResolver {
  resolve(exe: string): Promise<Reading<RuntimeAddresses>>;
}

/** Reads an executable from end to end as far as needed, in one go. The path may be /proc/PID/exe. */
export function resolveExecutable(exe: string): Reading<RuntimeAddresses> {
  return withRandomAccess(exe, 'runtime_addresses', (readAt, { size }) => {
    const steps = resolveRuntime(readAt, size, exe);
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
    }
  });
}

/** Does the work in the calling thread: for commands that have nothing else to do, and where there is no thread to be had. */
export const inThisThread: AddressResolver = {
  resolve: (exe) => Promise.resolve().then(() => resolveExecutable(exe)),
};
