import { SPACE } from '../cgroup/scan.ts';
import { ipv4Text, ipv6Text } from './ip-address.ts';
import { latin1, lineEnd } from './text.ts';
import type { ListenSocket } from './types.ts';

/** Listening sockets kept at most, so that a hostile pod cannot fill memory. */
const MAX_SOCKETS = 4096;
/* Columns: sl, local_address, rem_address, st, tx_queue:rx_queue, tr:tm->when, retrnsmt, uid, timeout, inode. */
const STATE_COLUMN = 3;
const LISTEN_ROW = /^ *\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) \S+ 0A \S+ \S+ \S+ +\d+ +\d+ (\d{1,15})(?: |$)/;

/**
 * Parses the listening sockets of /proc/PID/net/tcp or tcp6: those of the whole network namespace. Undefined when the heading or a
 * listening row is not of its form. Addresses are printed as words of the host's byte order; this reads little-endian (amd64, arm64).
 * An IPv4 address mapped into IPv6 is given as IPv4, which is what reaches it. A Go server on `:8080` is in tcp6 only, as `::`.
 * Source: Documentation/networking/proc_net_tcp.rst, net/ipv4/tcp_ipv4.c get_tcp4_sock, net/ipv6/tcp_ipv6.c, Linux 6.12.
 */
export function parseListenSockets(bytes: Uint8Array, length: number): ListenSocket[] | undefined {
  const sockets: ListenSocket[] = [];
  let start = lineEnd(bytes, 0, length) + 1;
  if (!latin1(bytes, 0, Math.min(start, length)).trimStart().startsWith('sl ')) return undefined;
  while (start < length && sockets.length < MAX_SOCKETS) {
    const end = lineEnd(bytes, start, length);
    if (isListening(bytes, start, end)) {
      const socket = parseRow(latin1(bytes, start, end));
      if (socket === undefined) return undefined;
      sockets.push(socket);
    }
    start = end + 1;
  }
  return sockets;
}

/**
 * Tells while /proc/PID/net/tcp is read when all its listeners were seen: the kernel lists them before all other sockets. What comes
 * behind them is dear: the kernel walks its whole table of connections, a quarter of a million places on a usual node, for every
 * network namespace anew. Source: net/ipv4/tcp_ipv4.c tcp_get_idx, Linux 6.18; the same since 2.6.
 */
export class ListenerRows {
  #rows = 0;
  #at = 0;

  /** Where the listeners seen so far end: what {@link parseListenSockets} is to be given. */
  get end(): number {
    return this.#at;
  }

  /** Looks at the rows that are whole by now. True when there are no more listeners. */
  seenAll(bytes: Uint8Array, length: number): boolean {
    for (;;) {
      const end = lineEnd(bytes, this.#at, length);
      if (end >= length) return false;
      const isHeading = this.#at === 0;
      if (!isHeading && !isListening(bytes, this.#at, end)) return true;
      this.#at = end + 1;
      if (!isHeading) this.#rows += 1;
      if (this.#rows >= MAX_SOCKETS) return true;
    }
  }
}

/** A busy node has thousands of rows and a handful of listeners: only the state column of a row is looked at. */
function isListening(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  for (let column = 0; ; column += 1) {
    while (at < end && bytes[at] === SPACE) at += 1;
    if (column === STATE_COLUMN) return bytes[at] === 0x30 && bytes[at + 1] === 0x41 && at + 2 <= end;
    while (at < end && bytes[at] !== SPACE) at += 1;
    if (at >= end) return false;
  }
}

function parseRow(line: string): ListenSocket | undefined {
  const row = LISTEN_ROW.exec(line);
  const address = row?.[1];
  if (address === undefined) return undefined;
  const port = Number.parseInt(row?.[2] ?? '', 16);
  const inode = Number(row?.[3]);
  const words: number[] = [];
  for (let at = 0; at < address.length; at += 8) words.push(Number.parseInt(address.slice(at, at + 8), 16));
  const [first = 0, second, third, fourth = 0] = words;
  if (second === undefined) return { address: ipv4Text(first), port, family: 4, inode };
  if (first === 0 && second === 0 && third === 0xffff_0000) {
    return { address: ipv4Text(fourth), port, family: 4, inode };
  }
  return { address: ipv6Text(words.flatMap(groupsOf)), port, family: 6, inode };
}

/** The two 16-bit groups of a word that was printed with its bytes reversed. */
function groupsOf(word: number): [number, number] {
  return [((word & 0xff) << 8) | ((word >>> 8) & 0xff), ((word >>> 8) & 0xff00) | (word >>> 24)];
}
