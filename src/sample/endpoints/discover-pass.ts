import type { LinkedHandlers } from '../../go/types.ts';
import { configuredPlace } from './discover-configured.ts';
import { isLinkLocal, type Way } from './discover-place.ts';
import { type TcpPlaces, tcpPlaces } from './discover-tcp.ts';
import { addressesAreGiven, type ConfiguredEndpoint, type Discovery, type PassContext } from './discover-types.ts';
import { type UnixPlaces, unixPlaces } from './discover-unix.ts';

/** Places tried per process: a program with more listening sockets names its endpoint in the configuration. */
const MAX_PLACES = 8;
/** Places named in a detail. */
const MAX_NAMED = 4;

/** Finds endpoints of one process after the other, and remembers what they share. */
export class DiscoveryPass {
  readonly #context: PassContext;

  constructor(context: PassContext) {
    this.#context = context;
  }

  /** @param soleGoProcess the only Go process of its pod */
  discover(pid: number, handlers: LinkedHandlers | undefined, soleGoProcess: boolean): Discovery {
    if (handlers === undefined) return nothing('whether the program has debug handlers could not be read');
    if (!handlers.pprof && !handlers.expvar && !handlers.promhttp)
      return nothing('the program links neither net/http/pprof, expvar nor client_golang');
    const { processes, book, ownNamespace, nodeNamespace, enterNamespaces } = this.#context;
    const namespace = processes.networkNamespace(pid);
    if (!namespace.ok || ownNamespace === undefined)
      return nothing('the network namespace of the process could not be read (needs SYS_PTRACE)');
    const sameNamespace = namespace.value === ownNamespace;
    const hostNetwork = nodeNamespace === undefined ? undefined : namespace.value === nodeNamespace;
    const owned = processes.socketInodes(pid);
    // Others are in the network of the node, whatever the pod says.
    if (!owned.ok && (sameNamespace || hostNetwork !== false || !soleGoProcess))
      return nothing(
        'which ports the process owns could not be read (needs SYS_PTRACE and DAC_READ_SEARCH)',
        hostNetwork,
      );
    const mine = <T extends { readonly inode: number }>(sockets: readonly T[]): readonly T[] =>
      owned.ok ? sockets.filter((socket) => owned.value.has(socket.inode)) : sockets;
    if (owned.ok && owned.value.size === 0) return nothing(NOWHERE, hostNetwork);
    const sockets = book.tcp(namespace.value, pid);
    if (!sockets.ok) return nothing(`listening sockets could not be read: ${sockets.miss.detail}`, hostNetwork);
    const addresses = book.addresses(namespace.value, pid);
    const enter: Way | undefined = enterNamespaces ? { kind: 'namespace', pid, namespace: namespace.value } : undefined;
    const tcp = tcpPlaces(mine(sockets.value), {
      sameNamespace,
      ownAddresses:
        addresses.ok && (sameNamespace || addressesAreGiven(this.#context, pid))
          ? addresses.value.filter((address) => !isLinkLocal(address))
          : [],
      enter,
    });
    // A path lies in the root of one process: without knowing whose the socket is there is nowhere to look.
    const named = owned.ok ? book.unix(namespace.value, pid) : undefined;
    const unix = named?.ok === true ? unixPlaces(mine(named.value), pid) : NO_UNIX;
    const candidates = [...tcp.candidates, ...unix.candidates];
    const unreached = unreachedText(tcp, unix, hostNetwork, candidates.length > MAX_PLACES);
    if (candidates.length > 0) return { candidates: candidates.slice(0, MAX_PLACES), detail: unreached, hostNetwork };
    return nothing(unreached === '' ? NOWHERE : unreached, hostNetwork);
  }

  /** The endpoint an operator named. Its address is the process's own, or loopback. */
  configured(pid: number, endpoint: ConfiguredEndpoint): Discovery {
    return configuredPlace(this.#context, pid, endpoint);
  }
}

const NOWHERE = 'the program listens on no TCP port and no unix socket';
const NO_UNIX: UnixPlaces = { candidates: [], unreachable: [] };

function nothing(detail: string, hostNetwork?: boolean): Discovery {
  return { candidates: [], detail, hostNetwork };
}

/** What the process listens on that cannot be asked, and what would help. */
function unreachedText(tcp: TcpPlaces, unix: UnixPlaces, hostNetwork: boolean | undefined, more: boolean): string {
  const parts: string[] = [];
  const list = (places: readonly string[]): string =>
    places.slice(0, MAX_NAMED).join(', ') + (places.length > MAX_NAMED ? ` and ${places.length - MAX_NAMED} more` : '');
  if (tcp.behindLoopback.length > 0)
    parts.push(
      hostNetwork === true
        ? `listens on loopback of the node's network only: ${list(tcp.behindLoopback)}; run the agent in it (hostNetwork) or switch on discovery.enterNetworkNamespaces`
        : `listens on loopback of its own network namespace only: ${list(tcp.behindLoopback)}; switch on discovery.enterNetworkNamespaces, or let it listen on a unix socket`,
    );
  if (tcp.foreign.length > 0)
    parts.push(`listens on an address that its network namespace does not hold: ${list(tcp.foreign)}`);
  if (unix.unreachable.length > 0)
    parts.push(`listens on a unix socket without a plain path: ${list(unix.unreachable)}`);
  if (more) parts.push(`listens in more than ${MAX_PLACES} places; name the endpoint in endpoints.targets`);
  return parts.join('. ');
}
