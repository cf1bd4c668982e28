import { percent } from './quantity.ts';
import type { ProcessContext, Rule, Verdict } from './types.ts';
import { clear, fromKnown, unknown } from './verdict.ts';

function detect({ process, thresholds }: ProcessContext): Verdict {
  const { openFiles, openFilesLimit } = process;
  if (openFilesLimit === undefined) return unknown('soft limit of open files (/proc/PID/limits)');
  if (openFiles === undefined)
    return unknown('open files (the kernel tells since 6.2, else process_open_fds of its metrics)');
  const ratio = openFiles.value / openFilesLimit;
  const evidence = [fromKnown('open files', openFiles, 'count', openFilesLimit)];
  if (ratio < thresholds.capacity.warningRatio)
    return clear(`${openFiles.value} of ${openFilesLimit} open files`, evidence);
  return {
    outcome: 'holds',
    severity: ratio >= thresholds.capacity.criticalRatio ? 'critical' : 'warning',
    summary: `${openFiles.value} of ${openFilesLimit} open files (${percent(ratio)}): at the limit every accept, dial and open fails with "too many open files"`,
    evidence,
    remedy: {
      text: `See whether the number grows without end: bodies and connections that are not closed, clients without timeouts, a transport made for each request. If the load is meant, raise the limit (LimitNOFILE of the unit or of the container runtime, \`ulimit -n\`) to ${2 * openFilesLimit} or more.`,
    },
  };
}

/** RLIMIT_NOFILE (getrlimit(2)); Go raises the soft limit to the hard one at start since 1.19 (os/rlimit.go), so there is no room left above it. */
export const fileDescriptorsNearLimit: Rule = {
  id: 'FileDescriptorsNearLimit',
  title: 'A process is near its limit of open files',
  subject: 'process',
  forSeconds: 60,
  about: {
    meaning:
      'Sockets and files count against the process’s limit of open files. At the limit a server can accept no connection and a client can open none, while everything else looks healthy. A count that only grows is a leak.',
    firesWhen: 'Open files reach `capacity.warningRatio` of the soft limit, for 60 s.',
    severity: 'warning; critical from `capacity.criticalRatio` on.',
    change: 'Close what is leaked, or raise the limit.',
    silentWhen: 'The limit is far.',
    unknownWhen:
      'The limit is not known or none; or the count is not: kernels before 6.2 tell it only through process_open_fds of the program.',
    sources: ['getrlimit(2)', 'fs/proc/fd.c proc_fd_getattr, Linux 6.2', 'os/rlimit.go, Go 1.19'],
  },
  detect,
};
