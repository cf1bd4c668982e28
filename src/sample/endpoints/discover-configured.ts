import { formatAuthority } from '../../io/listen-address.ts';
import { type Candidate, isLinkLocal, isLoopback, isWildcard, USUAL_PATHS, type Way } from './discover-place.ts';
import { addressesAreGiven, type ConfiguredEndpoint, type Discovery, type PassContext } from './discover-types.ts';

/** The place of an endpoint that an operator named, or why there is none. */
export function configuredPlace(context: PassContext, pid: number, endpoint: ConfiguredEndpoint): Discovery {
  const { processes, book, ownNamespace, nodeNamespace, enterNamespaces } = context;
  const { port, scheme, insecureSkipVerify, paths } = endpoint;
  const namespace = processes.networkNamespace(pid);
  const sameNamespace = namespace.ok && namespace.value === ownNamespace;
  const hostNetwork = namespace.ok && nodeNamespace !== undefined ? namespace.value === nodeNamespace : undefined;
  const nothing = (detail: string): Discovery => ({ candidates: [], detail, hostNetwork });
  let way: Way | undefined;
  if (endpoint.address !== undefined && namespace.ok && !sameNamespace) {
    if (!enterNamespaces)
      return nothing(`${endpoint.address} is configured, but the program has a network namespace of its own`);
    if (scheme === 'https')
      return nothing(
        `${endpoint.address} is configured with https, which is not spoken inside another network namespace`,
      );
    way = { kind: 'namespace', pid, namespace: namespace.value };
  }
  const host = endpoint.address ?? (sameNamespace ? '127.0.0.1' : podAddress());
  if (host === undefined) return nothing('the address of the pod is not known');
  const bound = boundAs(host);
  const candidate: Candidate = {
    host,
    port,
    tls: scheme === 'https',
    insecureSkipVerify,
    paths: {
      pprof: paths?.pprof ?? USUAL_PATHS.pprof,
      expvar: paths?.expvar ?? USUAL_PATHS.expvar,
      metrics: paths?.metrics ?? USUAL_PATHS.metrics,
    },
    beyondLoopback: !isLoopback(bound ?? host),
    listen: bound === undefined ? undefined : formatAuthority(bound, port),
  };
  return { candidates: [way === undefined ? candidate : { ...candidate, way }], detail: '', hostNetwork };

  function podAddress(): string | undefined {
    const addresses = processes.localAddresses(pid);
    if (!addresses.ok || !addressesAreGiven(context, pid)) return undefined;
    const own = addresses.value.filter((address) => !isLinkLocal(address));
    return own.find((address) => !address.includes(':')) ?? own[0];
  }

  /** The address a listener on the port is bound to, which tells whether others than loopback reach it. */
  function boundAs(asked: string): string | undefined {
    const sockets = namespace.ok ? book.tcp(namespace.value, pid) : undefined;
    const onPort = sockets?.ok === true ? sockets.value.filter((socket) => socket.port === port) : [];
    return (onPort.find(({ address }) => address === asked) ?? onPort.find(({ address }) => isWildcard(address)))
      ?.address;
  }
}
