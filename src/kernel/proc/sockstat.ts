import { ascii, decimal, digitsEnd, NO_NUMBER, startsWith } from '../cgroup/scan.ts';
import { lineEnd } from './text.ts';

const TCP = ascii('TCP: inuse ');
const TCP6 = ascii('TCP6: inuse ');

/**
 * The TCP sockets of a network namespace that listen or are connected, from /proc/PID/net/sockstat (IPv4) or sockstat6 (IPv6): the
 * `inuse` of its `TCP:` or `TCP6:` line. Sockets in TIME_WAIT and half-open ones are not among them, though net/tcp lists them.
 * IPv6 sockets of Multipath TCP may be left out by kernels without a fix of April 2026 (net/mptcp/subflow.c mptcp_subflow_v6_init).
 * Undefined when there is no such line. Source: net/ipv4/proc.c sockstat_seq_show, net/ipv6/proc.c sockstat6_seq_show, Linux 6.18.
 */
export function parseTcpInUse(bytes: Uint8Array, length: number): number | undefined {
  for (let start = 0; start < length; ) {
    const end = lineEnd(bytes, start, length);
    const head = startsWith(bytes, start, end, TCP6) ? TCP6 : TCP;
    if (startsWith(bytes, start, end, head)) {
      const at = start + head.length;
      const count = decimal(bytes, at, digitsEnd(bytes, at, end));
      return count === NO_NUMBER ? undefined : count;
    }
    start = end + 1;
  }
  return undefined;
}
