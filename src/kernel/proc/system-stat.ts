import { decimal, NO_NUMBER } from '../cgroup/scan.ts';
import { latin1, lineEnd } from './text.ts';

/** What this project uses of /proc/stat. */
export interface SystemStat {
  /** Unix seconds at which the machine was booted. */
  readonly bootTimeSeconds: number | undefined;
  /** Number of `cpuN` lines: the CPUs that are online. */
  readonly cpus: number;
}

/**
 * Parses /proc/stat by lines, since its `intr` line alone may be tens of kilobytes. Undefined when it does not start with the `cpu` line
 * or the boot time is no number.
 * Source: Documentation/filesystems/proc.rst section 1.7, Linux 6.12.
 */
export function parseSystemStat(bytes: Uint8Array, length: number): SystemStat | undefined {
  if (latin1(bytes, 0, Math.min(length, 4)) !== 'cpu ') return undefined;
  let bootTimeSeconds: number | undefined;
  let cpus = 0;
  for (let start = 0; start < length; ) {
    const end = lineEnd(bytes, start, length);
    const head = latin1(bytes, start, Math.min(end, start + 10));
    if (/^cpu\d+ /.test(head)) cpus += 1;
    else if (head.startsWith('btime ')) {
      const seconds = decimal(bytes, start + 6, end);
      if (seconds === NO_NUMBER) return undefined;
      bootTimeSeconds = seconds;
    }
    start = end + 1;
  }
  return { bootTimeSeconds, cpus };
}
