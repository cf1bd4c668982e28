import type { Reading } from '../../base/reading.ts';
import type { ProcessReader } from '../../kernel/proc/process-reader.ts';
import type { ListenSocket } from '../../kernel/proc/types.ts';
import type { UnixListenSocket } from '../../kernel/proc/unix-sockets.ts';

/**
 * Sockets and addresses of network namespaces, read once for each however many processes are in it: one costs the kernel
 * milliseconds. Good for one pass over the processes, and then to be thrown away. A process of the namespace does the reading.
 */
export class NamespaceBook {
  readonly #processes: ProcessReader;
  readonly #tcp = new Map<string, Reading<ListenSocket[]>>();
  readonly #unix = new Map<string, Reading<UnixListenSocket[]>>();
  readonly #addresses = new Map<string, Reading<string[]>>();

  constructor(processes: ProcessReader) {
    this.#processes = processes;
  }

  tcp(namespace: string, pid: number): Reading<ListenSocket[]> {
    return kept(this.#tcp, namespace, () => this.#processes.listenSockets(pid));
  }

  unix(namespace: string, pid: number): Reading<UnixListenSocket[]> {
    return kept(this.#unix, namespace, () => this.#processes.unixListenSockets(pid));
  }

  addresses(namespace: string, pid: number): Reading<string[]> {
    return kept(this.#addresses, namespace, () => this.#processes.localAddresses(pid));
  }
}

function kept<T>(book: Map<string, Reading<T>>, namespace: string, read: () => Reading<T>): Reading<T> {
  const known = book.get(namespace);
  // A process that ended meanwhile says nothing of the others.
  if (known !== undefined && (known.ok || known.miss.kind !== 'absent')) return known;
  const reading = read();
  book.set(namespace, reading);
  return reading;
}
