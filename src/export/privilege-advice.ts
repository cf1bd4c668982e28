import type { NodeView } from '../model/node-types.ts';

/** One sentence on what cannot be seen and what would change that; undefined when nothing is lacking. */
export function privilegeAdvice({ ptrace, dacReadSearch }: NodeView['privileges'], unseen: number): string | undefined {
  if (unseen > 0 && ptrace === true) {
    return `${unseen} processes may not be looked at although SYS_PTRACE is there: an AppArmor or SELinux profile is in the way`;
  }
  if (unseen > 0)
    return `${unseen} processes may not be looked at: whether they are Go is not known (run as root, or add SYS_PTRACE)`;
  return dacReadSearch === false && ptrace === true
    ? 'memory and environments of other users’ processes may not be read: their runtimes are known from endpoints only (add DAC_READ_SEARCH)'
    : undefined;
}
