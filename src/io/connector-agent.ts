import { Agent, type ClientRequestArgs } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Miss, Reading } from '../base/reading.ts';
import { ConnectError, type Connector } from './connector.ts';

/** What a request hands to its agent besides what Node knows of. */
export interface ConnectorRequest extends ClientRequestArgs {
  readonly connector: Connector;
  readonly connectDeadlineMs: number;
}

const CLOSED: Miss = { kind: 'failed', reader: '', source: '', detail: 'the client is closed' };

/** Keeps connections that connectors made. Requests share one by the connector's key; host and port only make the Host header. */
export class ConnectorAgent extends Agent {
  readonly #underWay = new Set<(reading: Reading<Socket>) => void>();

  override getName(options?: ClientRequestArgs): string {
    return (options as ConnectorRequest | undefined)?.connector.key ?? '';
  }

  override createConnection(
    options: ClientRequestArgs,
    created?: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    const { connector, connectDeadlineMs } = options as ConnectorRequest;
    const settle = (reading: Reading<Socket>): void => {
      if (!this.#underWay.delete(settle)) {
        // The agent was destroyed meanwhile, and the request has been told.
        if (reading.ok) reading.value.destroy();
      } else if (reading.ok) created?.(null, reading.value);
      // Node's type wants a socket with every call; with an error it looks at nothing else.
      else (created as ((error: Error) => void) | undefined)?.(new ConnectError(reading.miss));
    };
    this.#underWay.add(settle);
    void connector.connect(connectDeadlineMs).then(settle);
  }

  override destroy(): void {
    super.destroy();
    for (const settle of this.#underWay) settle({ ok: false, miss: CLOSED });
  }
}
