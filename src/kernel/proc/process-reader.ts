import { found, missed, type Reading } from '../../base/reading.ts';
import { entries, linkTarget, procDirectorySize } from '../../io/directory.ts';
import type { FileReader } from '../../io/file-reader.ts';
import { readSlices } from '../../io/read-slices.ts';
import { parseFibTrie, parseIfInet6 } from './addresses.ts';
import { parseProcCgroup } from './cgroup.ts';
import { type GoVariables, parseGoEnvironment } from './environ.ts';
import { parseProcLimits } from './limits.ts';
import { parseMountInfo } from './mountinfo.ts';
import { ListenerRows, parseListenSockets } from './net.ts';
import { socketInode } from './socket-link.ts';
import { parseTcpInUse } from './sockstat.ts';
import { parseProcStat } from './stat.ts';
import { parseProcStatus } from './status.ts';
import type { ListenSocket, MountInfo, ProcCgroup, ProcLimits, ProcStat, ProcStatus } from './types.ts';
import { parseUnixListenSockets, type UnixListenSocket } from './unix-sockets.ts';

/** Descriptors looked at per process. A server with more may have a listening socket that is not found. */
const MAX_DESCRIPTORS = 4096;
const DELETED = ' (deleted)';
/** Room for three rows of net/tcp: with more the kernel looks for connections nobody asked about. */
const TCP_SLICE_BYTES = 512;

type Parser<T> = (bytes: Uint8Array, length: number) => T | undefined;

/** What {@link ProcessReader} needs. */
export interface ProcessReaderOptions {
  /** Where the host's /proc is: `/proc` with hostPID. */
  readonly procRoot: string;
  readonly files: FileReader;
}

/** Reads /proc/PID. Needs no capability unless a method says so; a process that has gone is `absent`. */
export class ProcessReader {
  readonly #procRoot: string;
  readonly #files: FileReader;

  constructor(options: ProcessReaderOptions) {
    this.#procRoot = options.procRoot;
    this.#files = options.files;
  }

  /** /proc/PID/stat. */
  stat(pid: number): Reading<ProcStat> {
    return this.#read(pid, 'stat', 'proc.stat', parseProcStat);
  }

  /** /proc/PID/status. */
  status(pid: number): Reading<ProcStatus> {
    return this.#read(pid, 'status', 'proc.status', parseProcStatus);
  }

  /** /proc/PID/limits. */
  limits(pid: number): Reading<ProcLimits> {
    return this.#read(pid, 'limits', 'proc.limits', parseProcLimits);
  }

  /** /proc/PID/cgroup. The path is relative to this reader's own cgroup namespace. */
  cgroup(pid: number): Reading<ProcCgroup> {
    return this.#read(pid, 'cgroup', 'proc.cgroup', parseProcCgroup);
  }

  /** /proc/PID/mountinfo. */
  mountinfo(pid: number): Reading<MountInfo[]> {
    return this.#read(pid, 'mountinfo', 'proc.mountinfo', parseMountInfo);
  }

  /** The Go variables at exec. Of another user's process this needs CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH. */
  goEnvironment(pid: number): Reading<GoVariables> {
    const path = this.#path(pid, 'environ');
    const length = this.#files.read(path);
    const variables = length < 0 ? undefined : parseGoEnvironment(this.#files.bytes, length);
    // The buffer is shared and long-lived, and a failed read leaves what it had got: no environment may stay in it.
    this.#files.bytes.fill(0, 0, length < 0 ? undefined : length);
    if (variables !== undefined) return found(variables);
    return missed(this.#files.failure.kind, 'proc.environ', path, this.#files.failure.code);
  }

  /**
   * TCP sockets listening in the process's network namespace, IPv4 first. A kernel without IPv6 has no tcp6, which is no miss. A
   * family costs the kernel a walk of about a millisecond, and next to nothing where net/sockstat can be trusted that it has no socket.
   */
  listenSockets(pid: number): Reading<ListenSocket[]> {
    const none: Reading<ListenSocket[]> = found([]);
    const v4 = this.#hasNone(pid, 'net/sockstat') ? none : this.#listeners(pid, 'net/tcp');
    // Kernels without a fix of April 2026 do not count the IPv6 sockets of Multipath TCP, and Go listens so by default since 1.24:
    // mptcp_subflow_init copied tcpv6_prot before it had a place in the count.
    const v6 = this.#hasNone(pid, 'net/sockstat6') && !this.#hasMultipath() ? none : this.#listeners(pid, 'net/tcp6');
    return bothFamilies(v4, v6);
  }

  /** Named unix stream sockets listening in the process's network namespace. */
  unixListenSockets(pid: number): Reading<UnixListenSocket[]> {
    return this.#read(pid, 'net/unix', 'proc.net', parseUnixListenSockets);
  }

  /** IPv4 (not 127.*) and global IPv6 addresses of the process's network namespace. */
  localAddresses(pid: number): Reading<string[]> {
    const v4 = this.#read(pid, 'net/fib_trie', 'proc.net', parseFibTrie);
    const v6 = this.#read(pid, 'net/if_inet6', 'proc.net', parseIfInet6);
    return bothFamilies(v4, v6);
  }

  /** Names the network namespace: `net:[4026531840]`. Needs CAP_SYS_PTRACE. */
  networkNamespace(pid: number): Reading<string> {
    return linkTarget(this.#path(pid, 'ns/net'), 'proc.ns');
  }

  /** Open files of the process, without listing them: the size of /proc/PID/fd (proc_fd_getattr, Linux 6.2). */
  openFiles(pid: number): Reading<number> {
    return procDirectorySize(this.#path(pid, 'fd'), 'proc.fd');
  }

  /** The user namespace: `user:[4026531837]`. Needs CAP_SYS_PTRACE. */
  userNamespace(pid: number): Reading<string> {
    return linkTarget(this.#path(pid, 'ns/user'), 'proc.ns');
  }

  /** Inodes of the sockets the process holds. Needs CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH. */
  socketInodes(pid: number): Reading<ReadonlySet<number>> {
    const directory = this.#path(pid, 'fd');
    const names = entries(directory, 'proc.fd');
    if (!names.ok) return names;
    const inodes = new Set<number>();
    for (const name of names.value.slice(0, MAX_DESCRIPTORS)) {
      const target = linkTarget(`${directory}/${name}`, 'proc.fd');
      if (target.ok) {
        const inode = socketInode(target.value);
        if (inode !== undefined) inodes.add(inode);
      } else if (target.miss.kind !== 'absent') return target;
    }
    return found(inodes);
  }

  /**
   * The executable's path in the process's own mount namespace, for its name only: open /proc/PID/exe, not this. ` (deleted)`, which
   * the kernel adds when the file was replaced, is cut off. Needs CAP_SYS_PTRACE. A kernel thread has none (`absent`).
   */
  exePath(pid: number): Reading<string> {
    const target = linkTarget(this.#path(pid, 'exe'), 'proc.exe');
    return target.ok && target.value.endsWith(DELETED) ? found(target.value.slice(0, -DELETED.length)) : target;
  }

  /**
   * Runs `read` and then makes sure that `pid` is still the process that started at `startTimeTicks`. Process numbers are reused:
   * when another process has it now, or none, what was read may be anybody's and is given up.
   */
  guarded<T>(pid: number, startTimeTicks: number, read: () => Reading<T>): Reading<T> {
    const reading = read();
    if (!reading.ok) return reading;
    const after = this.stat(pid);
    if (!after.ok) return after;
    if (after.value.startTimeTicks === startTimeTicks) return reading;
    return missed('absent', 'proc.stat', this.#path(pid, 'stat'), 'process was replaced while it was read');
  }

  #hasNone(pid: number, name: string): boolean {
    const inUse = this.#read(pid, name, 'proc.net', parseTcpInUse);
    return inUse.ok && inUse.value === 0;
  }

  #hasMultipath(): boolean {
    return this.#files.read(`${this.#procRoot}/sys/net/mptcp/enabled`) >= 0 || this.#files.failure.kind !== 'absent';
  }

  #listeners(pid: number, name: string): Reading<ListenSocket[]> {
    const path = this.#path(pid, name);
    const { bytes } = this.#files;
    const rows = new ListenerRows();
    const read = readSlices(path, 'proc.net', bytes, TCP_SLICE_BYTES, (length) => rows.seenAll(bytes, length));
    if (!read.ok) return read;
    const sockets = parseListenSockets(bytes, read.value.ended ? read.value.length : rows.end);
    return sockets === undefined
      ? missed('malformed', 'proc.net', path, `not in the form of /proc/PID/${name}`)
      : found(sockets);
  }

  #read<T>(pid: number, name: string, reader: string, parse: Parser<T>): Reading<T> {
    const path = this.#path(pid, name);
    const length = this.#files.read(path);
    if (length < 0) return missed(this.#files.failure.kind, reader, path, this.#files.failure.code);
    const value = parse(this.#files.bytes, length);
    return value === undefined
      ? missed('malformed', reader, path, `not in the form of /proc/PID/${name}`)
      : found(value);
  }

  #path(pid: number, name: string): string {
    return `${this.#procRoot}/${pid}/${name}`;
  }
}

function bothFamilies<T>(v4: Reading<T[]>, v6: Reading<T[]>): Reading<T[]> {
  if (!v4.ok) return v4;
  if (v6.ok) return found([...v4.value, ...v6.value]);
  return v6.miss.kind === 'absent' ? v4 : v6;
}
