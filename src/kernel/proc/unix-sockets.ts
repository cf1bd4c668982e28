import { ascii, COLON, decimal, digitsEnd, NO_NUMBER, SPACE, spacesEnd, startsWith } from '../cgroup/scan.ts';
import { lineEnd, utf8 } from './text.ts';

/** A listening stream socket of a network namespace that has a name. */
export interface UnixListenSocket {
  /** As bound: a path as the process saw it then, absolute or not, or `@name` for an abstract one. */
  readonly path: string;
  /** Socket inode, to find its owner through /proc/PID/fd. */
  readonly inode: number;
}

/** Listening sockets kept at most, so that a hostile pod cannot fill memory. */
const MAX_SOCKETS = 1024;
/** sun_path of struct sockaddr_un, unix(7). */
const MAX_PATH_BYTES = 108;
const HEADING = ascii('Num ');
/* Columns: Num, RefCount, Protocol, Flags, Type, St, Inode, Path. Printed "%pK: %08X %08X %08X %04X %02X %5lu". */
const FLAGS_AFTER_COLON = 20;
/** __SO_ACCEPTCON, SOCK_STREAM, SS_UNCONNECTED. */
const LISTENING_STREAM = ascii('00010000 0001 01 ');

/**
 * Parses the listening stream sockets of /proc/PID/net/unix that have a name: those of the whole network namespace. Undefined when
 * the heading is not of its form. The kernel prints names byte for byte, line feeds too, so a process can forge rows by the name it
 * binds: a row that is not of the form is passed over, and one that is proves nothing but what its text says.
 * Source: net/unix/af_unix.c unix_seq_show, Linux 6.18.
 */
export function parseUnixListenSockets(bytes: Uint8Array, length: number): UnixListenSocket[] | undefined {
  if (!startsWith(bytes, 0, length, HEADING)) return undefined;
  const sockets: UnixListenSocket[] = [];
  let start = lineEnd(bytes, 0, length) + 1;
  while (start < length && sockets.length < MAX_SOCKETS) {
    const end = lineEnd(bytes, start, length);
    const socket = parseRow(bytes, start, end);
    if (socket !== undefined) sockets.push(socket);
    start = end + 1;
  }
  return sockets;
}

function parseRow(bytes: Uint8Array, start: number, end: number): UnixListenSocket | undefined {
  // The first column holds a pointer: 8 or 16 digits.
  const colon = bytes[start + 16] === COLON ? start + 16 : start + 8;
  if (bytes[colon] !== COLON || !startsWith(bytes, colon + FLAGS_AFTER_COLON, end, LISTENING_STREAM)) return undefined;
  const inodeStart = spacesEnd(bytes, colon + FLAGS_AFTER_COLON + LISTENING_STREAM.length, end);
  const inodeEnd = digitsEnd(bytes, inodeStart, end);
  const inode = decimal(bytes, inodeStart, inodeEnd);
  const pathStart = inodeEnd + 1;
  if (inode === NO_NUMBER || bytes[inodeEnd] !== SPACE) return undefined;
  if (pathStart >= end || end - pathStart > MAX_PATH_BYTES) return undefined;
  return { path: utf8(bytes, pathStart, end), inode };
}
