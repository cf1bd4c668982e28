import type { Socket } from 'node:net';
import type { Miss, Reading } from '../base/reading.ts';

/** A way to a server that connecting to an address does not give. */
export interface Connector {
  /** Names the way: requests with the same key share their connections. */
  readonly key: string;
  /** Never rejects. The socket is connected, nothing has been read from it, and it is the caller's to destroy. */
  connect(deadlineMs: number): Promise<Reading<Socket>>;
}

/** A miss on its way through an interface of Node that knows only errors. */
export class ConnectError extends Error {
  readonly miss: Miss;

  constructor(miss: Miss) {
    super(miss.detail);
    this.miss = miss;
  }
}
