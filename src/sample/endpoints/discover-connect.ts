import { missed } from '../../base/reading.ts';
import type { Connector } from '../../io/connector.ts';
import type { NamespaceDoors } from '../../io/namespace-doors.ts';
import { unixSocketInRoot } from '../../io/unix-in-root.ts';
import type { Candidate } from './discover-place.ts';

/**
 * The way to a candidate where host and port alone will not do; undefined where they will.
 *
 * @param doors undefined when no namespace is entered
 */
export function connectorFor(
  { way, host, port }: Candidate,
  procRoot: string,
  doors: NamespaceDoors | undefined,
): Connector | undefined {
  switch (way?.kind) {
    case 'unix':
      return unixSocketInRoot(`${procRoot}/${way.pid}/root`, way.path);
    case 'namespace':
      // Never undefined: the address means something else outside that namespace.
      return doors?.connector({ pid: way.pid, namespace: way.namespace, host, port }) ?? shut(way.namespace);
    case undefined:
      return undefined;
  }
}

function shut(namespace: string): Connector {
  const miss = missed('denied', 'namespace', namespace, 'network namespaces are not entered');
  return { key: `${namespace} shut`, connect: () => Promise.resolve(miss) };
}
