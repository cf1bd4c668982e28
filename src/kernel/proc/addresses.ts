import { ipv6Text } from './ip-address.ts';
import { latin1, lineEnd } from './text.ts';

/** Addresses kept at most. A load balancer node may have hundreds. */
const MAX_ADDRESSES = 1024;

/**
 * The IPv4 addresses of a network namespace from /proc/PID/net/fib_trie: leaves with a `/32 host LOCAL` entry, each once, without
 * 127.0.0.0/8. An empty file (no routes) gives none; undefined when there is no leaf in it at all.
 * Source: net/ipv4/fib_trie.c fib_trie_seq_show, Linux 6.12.
 */
export function parseFibTrie(bytes: Uint8Array, length: number): string[] | undefined {
  const found = new Set<string>();
  let leaf: string | undefined;
  let leaves = 0;
  for (let start = 0; start < length && found.size < MAX_ADDRESSES; ) {
    const end = lineEnd(bytes, start, length);
    const line = latin1(bytes, start, Math.min(end, start + 256)).trim();
    if (line.startsWith('|-- ')) {
      leaves += 1;
      leaf = isIpv4(line.slice(4)) ? line.slice(4) : undefined;
    } else if (line === '/32 host LOCAL' && leaf !== undefined && !leaf.startsWith('127.')) {
      found.add(leaf);
    }
    start = end + 1;
  }
  return leaves === 0 && length > 0 ? undefined : [...found];
}

/**
 * The global IPv6 addresses of a network namespace from /proc/PID/net/if_inet6 (scope 00), canonical text. An empty file gives none;
 * undefined when a line is not of the form. Source: net/ipv6/addrconf.c if6_seq_show, Linux 6.12.
 */
export function parseIfInet6(bytes: Uint8Array, length: number): string[] | undefined {
  const found: string[] = [];
  for (let start = 0; start < length && found.length < MAX_ADDRESSES; ) {
    const end = lineEnd(bytes, start, length);
    const line = latin1(bytes, start, Math.min(end, start + 256));
    const columns = /^([0-9a-f]{32}) [0-9a-f]{2,8} [0-9a-f]{2} ([0-9a-f]{2}) [0-9a-f]{2,8} +\S+ *$/.exec(line);
    const address = columns?.[1];
    if (address === undefined) return undefined;
    if (columns?.[2] === '00') {
      const groups: number[] = [];
      for (let at = 0; at < 32; at += 4) groups.push(Number.parseInt(address.slice(at, at + 4), 16));
      found.push(ipv6Text(groups));
    }
    start = end + 1;
  }
  return found;
}

function isIpv4(text: string): boolean {
  return /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text);
}
