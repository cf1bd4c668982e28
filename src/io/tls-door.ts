import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { Logger } from '../base/logger.ts';
import { found, type Miss, missed, type Reading } from '../base/reading.ts';
import { errorCode } from './errno.ts';
import { clientRefusal } from './tls-client.ts';
import { materialStamp, readMaterial } from './tls-material.ts';
import type { TlsSettings } from './web-settings.ts';

export interface TlsDoorOptions {
  /** Takes a connection whose handshake is done. */
  readonly onSecure: (socket: TLSSocket) => void;
  readonly handshakeTimeoutMs: number;
  readonly logger: Logger;
}

/**
 * Turns accepted connections into TLS ones, each by the settings and files of that moment. Settings and files that stay the same
 * share a TLS server, which listens on nothing and is handed connections. Node's own ways to renew a certificate do not do:
 * SNICallback is not asked by clients that connect by address, and nothing renews what is asked of clients.
 */
export class TlsDoor {
  readonly #options: TlsDoorOptions;
  /** By both ends: a TLS socket does not tell which connection it is on. */
  readonly #shakingHands = new Map<string, Socket>();
  #settings: TlsSettings | undefined;
  #stamp = '';
  #server: Reading<Server> | undefined;

  constructor(options: TlsDoorOptions) {
    this.#options = options;
  }

  /** Whether settings and files can be used now, without a connection. */
  problem(settings: TlsSettings): Miss | undefined {
    const server = this.#serverFor(settings);
    return server.ok ? undefined : server.miss;
  }

  /** Begins the handshake; on a problem with the files the connection is left to the caller. */
  open(socket: Socket, settings: TlsSettings): Miss | undefined {
    const server = this.#serverFor(settings);
    if (!server.ok) return server.miss;
    const ends = endsOf(socket);
    this.#shakingHands.set(ends, socket);
    socket.on('close', () => {
      if (this.#shakingHands.get(ends) === socket) this.#shakingHands.delete(ends);
    });
    // The TLS socket tells of the same error; without a listener here it would end the process.
    socket.on('error', () => undefined);
    server.value.emit('connection', socket);
    return undefined;
  }

  /** Ends handshakes under way. What has been let in is left to who took it. */
  close(): void {
    for (const socket of this.#shakingHands.values()) socket.destroy();
  }

  #serverFor(settings: TlsSettings): Reading<Server> {
    const stamp = materialStamp(settings);
    if (this.#server === undefined || settings !== this.#settings || stamp !== this.#stamp) {
      this.#server = this.#make(settings);
      this.#settings = settings;
      this.#stamp = stamp;
    }
    return this.#server;
  }

  #make(settings: TlsSettings): Reading<Server> {
    const material = readMaterial(settings);
    if (!material.ok) return material;
    const { cert, key, ca } = material.value;
    try {
      const server = createServer({
        cert,
        key,
        ...(ca === undefined ? {} : { ca }),
        ...(settings.ciphers === undefined ? {} : { ciphers: settings.ciphers }),
        ...(settings.curves === undefined ? {} : { ecdhCurve: settings.curves }),
        minVersion: settings.minVersion,
        maxVersion: settings.maxVersion,
        honorCipherOrder: settings.preferServerCiphers,
        requestCert: settings.clientAuth !== 'NoClientCert',
        rejectUnauthorized: settings.clientAuth === 'RequireAndVerifyClientCert',
        ALPNProtocols: ['http/1.1'],
        handshakeTimeout: this.#options.handshakeTimeoutMs,
      });
      server.on('secureConnection', (socket) => {
        this.#admit(socket, settings);
      });
      server.on('tlsClientError', (error, socket) => {
        this.#refused(socket, errorCode(error));
      });
      return found(server);
    } catch (error) {
      return missed('malformed', 'tls', '', `tls_server_config cannot be used: ${errorCode(error)}`);
    }
  }

  #admit(socket: TLSSocket, settings: TlsSettings): void {
    this.#shakingHands.delete(endsOf(socket));
    const refusal = clientRefusal(socket, settings);
    if (refusal === undefined) this.#options.onSecure(socket);
    else this.#refused(socket, refusal);
  }

  /** Anybody who can reach the port can cause these, so they are not for the usual log. */
  #refused(socket: TLSSocket, reason: string): void {
    this.#options.logger.debug({ client: socket.remoteAddress, reason }, 'TLS connection refused');
    socket.on('error', () => undefined);
    socket.destroy();
  }
}

function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return [remoteAddress, remotePort, localAddress, localPort].join(' ');
}
