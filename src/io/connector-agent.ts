import { Agent, type ClientRequestArgs } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Miss } from '../base/reading.ts';
import { ConnectError, type Connector } from './connector.ts';

/** What a request hands to its agent besides what Node knows of. */
export interface ConnectorRequest extends ClientRequestArgs {
  readonly connector: Connector;
  readonly connectDeadlineMs: number;
}

const CLOSED: Miss = { kind: 'failed', reader: '', source: '', detail: 'the client is closed' };

/** Keeps connections that connectors made. Requests share one by the connector's key; host and port only make the Host header. */
export class ConnectorAgent extends Agent {
  #closed = false;

  override getName(options?: ClientRequestArgs): string {
    return (options as ConnectorRequest | undefined)?.connector.key ?? '';
  }

  override createConnection(
    options: ClientRequestArgs,
    created?: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    const { connector, connectDeadlineMs } = options as ConnectorRequest;
    void connector.connect(connectDeadlineMs).then((reading) => {
      if (reading.ok && !this.#closed) {
        created?.(null, reading.value);
        return;
      }
      if (reading.ok) reading.value.destroy();
      const miss = reading.ok ? CLOSED : reading.miss;
      // Node's type wants a socket with every call; with an error it looks at nothing else.
      (created as ((error: Error) => void) | undefined)?.(new ConnectError(miss));
    });
  }

  override destroy(): void {
    this.#closed = true;
    super.destroy();
  }
}
