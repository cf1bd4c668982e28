import type { LinkedHandlers } from '../../go/types.ts';
import { linkTarget } from '../../io/directory.ts';
import type { ProcessReader } from '../../kernel/proc/process-reader.ts';
import type { ListenSocket } from '../../kernel/proc/types.ts';

/** Where a process can be asked. Only addresses of the process's own network namespace are ever here. */
export interface Candidate {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly insecureSkipVerify: boolean;
  readonly paths: { readonly pprof: string; readonly expvar: string; readonly metrics: string };
  /** The socket listens beyond loopback. */
  readonly beyondLoopback: boolean;
}

/** Where to ask, or why nowhere. */
export interface Discovery {
  readonly candidates: readonly Candidate[];
  readonly detail: string;
}

/** What an operator says of an endpoint. */
export interface ConfiguredEndpoint {
  readonly scheme: 'http' | 'https';
  readonly insecureSkipVerify: boolean;
  readonly address?: string | undefined;
  readonly port: number;
  readonly paths?:
    | {
        readonly metrics?: string | undefined;
        readonly expvar?: string | undefined;
        readonly pprof?: string | undefined;
      }
    | undefined;
}

const USUAL_PATHS = { pprof: '/debug/pprof/', expvar: '/debug/vars', metrics: '/metrics' } as const;

/** Ports tried per process: a program with more listening sockets names its endpoint in the configuration. */
const MAX_PORTS = 8;

const isLoopback = (address: string): boolean =>
  address.startsWith('127.') || address === '::1' || address.startsWith('::ffff:127.');
const isWildcard = (address: string): boolean => address === '0.0.0.0' || address === '::';

function candidate(host: string, port: number, beyondLoopback: boolean): Candidate {
  return { host, port, tls: false, insecureSkipVerify: false, paths: USUAL_PATHS, beyondLoopback };
}

/**
 * The address to reach a listening socket at, or undefined when there is none. A process may listen on an address that is not its
 * host's (IP_FREEBIND), to be told answers of somebody else: only addresses the namespace itself holds are asked.
 */
function reach(socket: ListenSocket, sameNamespace: boolean, ownAddresses: readonly string[]): string | undefined {
  if (isLoopback(socket.address)) return sameNamespace ? socket.address : undefined;
  if (!isWildcard(socket.address)) return ownAddresses.includes(socket.address) ? socket.address : undefined;
  // Go's ":8080" shows as the IPv6 wildcard and takes IPv4 as well.
  if (sameNamespace) return '127.0.0.1';
  return ownAddresses.find((address) => !address.includes(':')) ?? ownAddresses[0];
}

/** Link-local addresses are never a pod's own: 169.254.169.254 answers for the node's cloud. */
const isLinkLocal = (address: string): boolean => address.startsWith('169.254.') || address.startsWith('fe80:');

/**
 * Finds where a Go process may be asked, from /proc alone and without sending anything. A process is asked only on ports it owns
 * itself, by socket inode; where that cannot be told, only when it is the sole Go program of a network namespace of its own.
 */
export class EndpointDiscovery {
  readonly #processes: ProcessReader;
  readonly #ownNamespace: string | undefined;

  constructor(procRoot: string, processes: ProcessReader) {
    this.#processes = processes;
    const own = linkTarget(`${procRoot}/self/ns/net`, 'proc.ns');
    this.#ownNamespace = own.ok ? own.value : undefined;
  }

  /** @param soleGoProcess the only Go process of its pod */
  discover(pid: number, handlers: LinkedHandlers | undefined, soleGoProcess: boolean): Discovery {
    if (handlers === undefined) return nothing('whether the program has debug handlers could not be read');
    if (!handlers.pprof && !handlers.expvar && !handlers.promhttp)
      return nothing('the program links neither net/http/pprof, expvar nor client_golang');
    const namespace = this.#processes.networkNamespace(pid);
    if (!namespace.ok || this.#ownNamespace === undefined)
      return nothing('the network namespace of the process could not be read (needs SYS_PTRACE)');
    const sockets = this.#processes.listenSockets(pid);
    if (!sockets.ok) return nothing(`listening sockets could not be read: ${sockets.miss.detail}`);
    const sameNamespace = namespace.value === this.#ownNamespace;
    const owned = this.#processes.socketInodes(pid);
    if (!owned.ok && (sameNamespace || !soleGoProcess))
      return nothing('which ports the process owns could not be read (needs SYS_PTRACE and DAC_READ_SEARCH)');
    const mine = owned.ok ? sockets.value.filter((socket) => owned.value.has(socket.inode)) : sockets.value;
    if (mine.length === 0) return nothing('the program listens on no TCP port');
    const addresses = this.#processes.localAddresses(pid);
    const ownAddresses = addresses.ok ? addresses.value.filter((address) => !isLinkLocal(address)) : [];
    const candidates = new Map<string, Candidate>();
    for (const socket of mine.slice(0, MAX_PORTS)) {
      const host = reach(socket, sameNamespace, ownAddresses);
      if (host !== undefined)
        candidates.set(`${host}:${socket.port}`, candidate(host, socket.port, !isLoopback(socket.address)));
    }
    if (candidates.size === 0)
      return nothing(
        `the program listens on loopback inside its own network namespace only (port ${mine.map((socket) => socket.port).join(', ')})`,
      );
    return { candidates: [...candidates.values()], detail: '' };
  }

  /** The endpoint an operator named. Its address is the process's own, or loopback. */
  configured(pid: number, endpoint: ConfiguredEndpoint): Discovery {
    const { port, scheme, insecureSkipVerify, paths } = endpoint;
    const namespace = this.#processes.networkNamespace(pid);
    const sameNamespace = namespace.ok && namespace.value === this.#ownNamespace;
    if (endpoint.address !== undefined && namespace.ok && !sameNamespace)
      return nothing(`${endpoint.address} is configured, but the program has a network namespace of its own`);
    const addresses = sameNamespace ? undefined : this.#processes.localAddresses(pid);
    const podAddress =
      addresses?.ok === true
        ? (addresses.value.find((address) => !address.includes(':')) ?? addresses.value[0])
        : undefined;
    const host = endpoint.address ?? (sameNamespace ? '127.0.0.1' : podAddress);
    if (host === undefined) return nothing('the address of the pod is not known');
    return {
      candidates: [
        {
          host,
          port,
          tls: scheme === 'https',
          insecureSkipVerify,
          paths: {
            pprof: paths?.pprof ?? USUAL_PATHS.pprof,
            expvar: paths?.expvar ?? USUAL_PATHS.expvar,
            metrics: paths?.metrics ?? USUAL_PATHS.metrics,
          },
          beyondLoopback: !isLoopback(host),
        },
      ],
      detail: '',
    };
  }
}

function nothing(detail: string): Discovery {
  return { candidates: [], detail };
}
