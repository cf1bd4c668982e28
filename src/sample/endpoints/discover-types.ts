import type { ProcessReader } from '../../kernel/proc/process-reader.ts';
import type { NamespaceBook } from './discover-namespaces.ts';
import type { Candidate } from './discover-place.ts';

/** Where to ask, or why nowhere. */
export interface Discovery {
  readonly candidates: readonly Candidate[];
  /** Why there is no candidate, or what besides the candidates cannot be asked; empty when there is nothing to say. */
  readonly detail: string;
  /**
   * The process is in the network namespace of the node's first process: its ports are the node's. Undefined when that could not
   * be told.
   */
  readonly hostNetwork?: boolean | undefined;
}

/** What an operator says of an endpoint. Whoever knows it from elsewhere, such as annotations of the pod, can say it in this form. */
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

/** What a pass over processes goes by. */
export interface PassContext {
  readonly processes: ProcessReader;
  readonly book: NamespaceBook;
  readonly enterNamespaces: boolean;
  readonly ownNamespace: string | undefined;
  readonly nodeNamespace: string | undefined;
  /** User namespace of the node's first process; undefined when it could not be told. */
  readonly nodeUserNamespace: string | undefined;
}

/**
 * Whether the addresses of a process's network namespace can be believed. Who has a user namespace of his own can make network
 * namespaces and give them any address, to have the agent ask somebody else.
 */
export function addressesAreGiven({ processes, nodeUserNamespace }: PassContext, pid: number): boolean {
  if (nodeUserNamespace === undefined) return true;
  const own = processes.userNamespace(pid);
  return own.ok && own.value === nodeUserNamespace;
}
