import type { LinkedHandlers } from '../../go/types.ts';
import { linkTarget } from '../../io/directory.ts';
import type { ProcessReader } from '../../kernel/proc/process-reader.ts';
import { NamespaceBook } from './discover-namespaces.ts';
import { DiscoveryPass } from './discover-pass.ts';
import type { ConfiguredEndpoint, Discovery } from './discover-types.ts';

export { connectorFor } from './discover-connect.ts';
export { type Candidate, placeOf } from './discover-place.ts';
export type { ConfiguredEndpoint, Discovery } from './discover-types.ts';

export interface DiscoveryOptions {
  /** Give loopback of other network namespaces as candidates to be entered. Default false. */
  readonly enterNetworkNamespaces?: boolean;
}

/**
 * Finds where a Go process may be asked, from /proc alone and without sending anything. A process is asked only on ports it owns
 * itself, by socket inode; where that cannot be told, only when it is the sole Go program of a network namespace of its own.
 */
export class EndpointDiscovery {
  readonly #processes: ProcessReader;
  readonly #enterNamespaces: boolean;
  readonly #ownNamespace: string | undefined;
  readonly #nodeNamespace: string | undefined;
  readonly #nodeUserNamespace: string | undefined;

  constructor(procRoot: string, processes: ProcessReader, options: DiscoveryOptions = {}) {
    const namespace = (process: string, kind = 'net'): string | undefined => {
      const link = linkTarget(`${procRoot}/${process}/ns/${kind}`, 'proc.ns');
      return link.ok ? link.value : undefined;
    };
    this.#processes = processes;
    this.#enterNamespaces = options.enterNetworkNamespaces ?? false;
    this.#ownNamespace = namespace('self');
    this.#nodeNamespace = namespace('1');
    this.#nodeUserNamespace = namespace('1', 'user');
  }

  /** Begins a pass over processes: what belongs to a network namespace is read once in it. Hold it no longer than the pass. */
  begin(): DiscoveryPass {
    return new DiscoveryPass({
      processes: this.#processes,
      book: new NamespaceBook(this.#processes),
      enterNamespaces: this.#enterNamespaces,
      ownNamespace: this.#ownNamespace,
      nodeNamespace: this.#nodeNamespace,
      nodeUserNamespace: this.#nodeUserNamespace,
    });
  }

  /** A pass over one process. */
  discover(pid: number, handlers: LinkedHandlers | undefined, soleGoProcess: boolean): Discovery {
    return this.begin().discover(pid, handlers, soleGoProcess);
  }

  /** A pass over one process whose endpoint an operator named. */
  configured(pid: number, endpoint: ConfiguredEndpoint): Discovery {
    return this.begin().configured(pid, endpoint);
  }
}
