import { found, missed, type Reading } from '../base/reading.ts';
import { errorCode } from './errno.ts';

/** Memory of the machine as this process sees it. */
export interface HostMemory {
  readonly totalBytes: number;
  readonly swapTotalBytes: number;
}

type LoadSystemInformation = () => Promise<{ mem(): Promise<{ total: number; swaptotal: number }> }>;

/**
 * Total memory and swap from the agent's own view of the machine, to check that the /proc it was pointed at is this machine's:
 * a wrong `--path.procfs`, or lxcfs over one of the two, makes the totals differ from MemTotal there.
 *
 * `mem()` is the one call of systeminformation that starts no process and is right without a shell; the package is imported on
 * the first call because it is needed once.
 */
export async function readHostMemory(
  load: LoadSystemInformation = () => import('systeminformation'),
): Promise<Reading<HostMemory>> {
  const source = 'systeminformation mem()';
  try {
    const { total, swaptotal } = await (await load()).mem();
    // It answers 0 where it could not read.
    if (!Number.isSafeInteger(total) || total <= 0 || !Number.isSafeInteger(swaptotal) || swaptotal < 0) {
      return missed('failed', 'host_memory', source, `total ${total}, swap ${swaptotal}`);
    }
    return found({ totalBytes: total, swapTotalBytes: swaptotal });
  } catch (error) {
    return missed('failed', 'host_memory', source, errorCode(error));
  }
}
