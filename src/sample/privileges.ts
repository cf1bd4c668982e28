import type { FileReader } from '../io/file-reader.ts';
import { parseProcStatus } from '../kernel/proc/status.ts';

/** What the agent itself is allowed, which says why things are missing. Undefined: could not be told. */
export interface Privileges {
  /** CAP_SYS_PTRACE: executables, namespaces and mounts of other users' processes. */
  readonly ptrace: boolean | undefined;
  /** CAP_DAC_READ_SEARCH: environments and descriptors of other users' processes. */
  readonly dacReadSearch: boolean | undefined;
}

/* Bit numbers of include/uapi/linux/capability.h, Linux 6.12. */
const CAP_DAC_READ_SEARCH = 2n;
const CAP_SYS_PTRACE = 19n;

/** Reads the agent's own effective capabilities from /proc/self/status. */
export function readPrivileges(procRoot: string, files: FileReader): Privileges {
  const length = files.read(`${procRoot}/self/status`);
  const mask = length < 0 ? undefined : parseProcStatus(files.bytes, length)?.capEff;
  const has = (bit: bigint): boolean | undefined => (mask === undefined ? undefined : ((mask >> bit) & 1n) === 1n);
  return { ptrace: has(CAP_SYS_PTRACE), dacReadSearch: has(CAP_DAC_READ_SEARCH) };
}
