import type { MissKind } from '../base/reading.ts';

/**
 * What an error from a system call means for a reader.
 * ENODEV is a cgroup removed under an open descriptor; ENOTSUP is how Node names errno 95, which PSI files give when PSI is off.
 */
export function missKindOf(error: unknown): MissKind {
  switch (errorCode(error)) {
    case 'ENOENT':
    case 'ENODEV':
    case 'ESRCH':
    case 'ENOTDIR':
      return 'absent';
    case 'ENOTSUP':
    case 'EOPNOTSUPP':
    case 'ENOSYS':
      return 'unsupported';
    case 'EACCES':
    case 'EPERM':
      return 'denied';
    default:
      return 'failed';
  }
}

/** The `code` of a Node system error, or the message of anything else. */
export function errorCode(error: unknown): string {
  if (error instanceof Error) {
    const code = (error as NodeJS.ErrnoException).code;
    return typeof code === 'string' ? code : error.message;
  }
  return String(error);
}
