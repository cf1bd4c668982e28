import { formatAuthority } from '../../io/listen-address.ts';
import type { ListenSocket } from '../../kernel/proc/types.ts';
import { type Candidate, isLoopback, isWildcard, plainCandidate, type Way } from './discover-place.ts';

/** What decides where a listening socket of a process can be reached. */
export interface Surroundings {
  /** The process is in the network namespace of the agent. */
  readonly sameNamespace: boolean;
  /** Addresses the network namespace of the process holds, loopback and link-local ones left out. */
  readonly ownAddresses: readonly string[];
  /** How to enter the namespace, where that is wanted. */
  readonly enter: Way | undefined;
}

/** Where TCP sockets can be reached, and what of them cannot. */
export interface TcpPlaces {
  readonly candidates: readonly Candidate[];
  /** Bound to loopback of another network namespace: `127.0.0.1:6060`. */
  readonly behindLoopback: readonly string[];
  /** Bound to an address the namespace does not hold. */
  readonly foreign: readonly string[];
}

/**
 * Finds how to reach each socket, those bound to one address first: debug ports are often kept to loopback. A process may listen on an address that is not its host's (IP_FREEBIND), to be
 * told answers of somebody else: only addresses the namespace itself holds are asked.
 */
export function tcpPlaces(sockets: readonly ListenSocket[], surroundings: Surroundings): TcpPlaces {
  const candidates = new Map<string, Candidate>();
  const behindLoopback = new Set<string>();
  const foreign = new Set<string>();
  for (const { address, port } of [...sockets].sort(wildcardsLast)) {
    const listen = formatAuthority(address, port);
    const taken = (host: string): boolean => candidates.has(formatAuthority(host, port));
    const host = reach(address, surroundings, taken);
    if (host === undefined) (isLoopback(address) ? behindLoopback : foreign).add(listen);
    else if (!taken(host)) {
      const way = isLoopback(address) && !surroundings.sameNamespace ? surroundings.enter : undefined;
      candidates.set(formatAuthority(host, port), plainCandidate(host, port, listen, !isLoopback(address), way));
    }
  }
  return { candidates: [...candidates.values()], behindLoopback: [...behindLoopback], foreign: [...foreign] };
}

/** What is bound to one address answers there, whoever else holds the port with a wildcard. */
function wildcardsLast(a: ListenSocket, b: ListenSocket): number {
  return Number(isWildcard(a.address)) - Number(isWildcard(b.address));
}

function reach(
  address: string,
  { sameNamespace, ownAddresses, enter }: Surroundings,
  taken: (host: string) => boolean,
): string | undefined {
  if (isLoopback(address)) return sameNamespace || enter !== undefined ? address : undefined;
  if (!isWildcard(address)) return ownAddresses.includes(address) ? address : undefined;
  // Go's ":8080" shows as the IPv6 wildcard and takes IPv4 as well.
  if (sameNamespace && !taken('127.0.0.1')) return '127.0.0.1';
  return ownAddresses.find((own) => !own.includes(':')) ?? ownAddresses[0];
}
