import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Miss, MissKind } from '../base/reading.ts';
import { errorCode, missKindOf } from './errno.ts';
import { MAX_HEADER_BYTES } from './http-exchange.ts';
import { formatAuthority } from './listen-address.ts';

/** One GET over TLS whose answer is taken piece by piece. */
export interface HttpsGet {
  /** Address or name. A name is looked up: this is for servers that the operator chose, not for programs that are watched. */
  readonly host: string;
  readonly port: number;
  /** Path and query, starting with a slash. */
  readonly path: string;
  /** Certificates that may have signed the server's, PEM; undefined: those Node knows. */
  readonly ca: string | undefined;
  /** Take any certificate. */
  readonly insecureSkipVerify: boolean;
  /** Sent as `Authorization: Bearer`. */
  readonly token: string | undefined;
  /** Reader name of a miss. */
  readonly reader: string;
  /** For everything from the call to the last byte. */
  readonly deadlineMs: number;
  /** Longest time without a byte, connecting included. */
  readonly silenceMs: number;
  /** Cap on the body, both as sent and as inflated. */
  readonly maxBytes: number;
}

/** How a stream ended. `ended`: the server said so. `stopped`: by the taker or the signal. */
export type StreamEnd =
  | { readonly how: 'ended' | 'stopped' }
  | {
      readonly how: 'missed';
      readonly miss: Miss;
      /** Of an HTTP answer. */
      readonly status: number | undefined;
      /** How long the server asks to be left alone. */
      readonly retryAfterSeconds: number | undefined;
    };

export interface StreamTaker {
  /** The answer has begun, with status 200. */
  readonly onOpen?: () => void;
  /** A piece of the inflated body, valid during the call only; false ends the stream. */
  readonly take: (piece: Uint8Array) => boolean;
}

const MAX_RETRY_AFTER_SECONDS = 600;

/**
 * Sends a GET and hands the body over as it comes. No redirects; gzip is accepted; every bound ends the connection. Never rejects,
 * unless `take` throws. Misses: 401 and 403 `denied`, 404 `absent`, broken compression `malformed`, all else `failed`. The token is in no miss.
 */
export function httpsStream(get: HttpsGet, taker: StreamTaker, signal?: AbortSignal): Promise<StreamEnd> {
  const source = `https://${formatAuthority(get.host, get.port)}${get.path}`;
  return new Promise((resolve, reject) => {
    let request: ClientRequest | undefined;
    let body: Readable | undefined;
    let silence: NodeJS.Timeout | undefined;
    let settled = false;
    const settle = (end: StreamEnd): void => {
      if (settled) return;
      settled = true;
      clearTimeout(deadline);
      clearTimeout(silence);
      signal?.removeEventListener('abort', stop);
      resolve(end);
      body?.destroy();
      request?.destroy();
    };
    const stop = (): void => {
      settle({ how: 'stopped' });
    };
    const miss = (kind: MissKind, detail: string, status?: number, retryAfterSeconds?: number): void => {
      settle({ how: 'missed', miss: { kind, reader: get.reader, source, detail }, status, retryAfterSeconds });
    };
    const heard = (): void => {
      clearTimeout(silence);
      if (settled) return;
      silence = setTimeout(() => {
        miss('failed', `nothing came for ${get.silenceMs} ms`);
      }, get.silenceMs);
    };
    const deadline = setTimeout(() => {
      miss('failed', `no complete answer within ${get.deadlineMs} ms`);
    }, get.deadlineMs);
    signal?.addEventListener('abort', stop);
    if (signal?.aborted === true) {
      stop();
      return;
    }
    heard();
    const onResponse = (response: IncomingMessage): void => {
      response.on('error', (error) => {
        miss('failed', `the answer ended early: ${errorCode(error)}`);
      });
      const refusal = refusalOf(response);
      if (refusal !== undefined) {
        miss(refusal.kind, refusal.detail, response.statusCode, retryAfter(response));
        return;
      }
      taker.onOpen?.();
      let wire = 0;
      response.on('data', (chunk: Buffer) => {
        wire += chunk.length;
        heard();
        if (wire > get.maxBytes) miss('failed', `over ${get.maxBytes} bytes`);
      });
      response.on('close', () => {
        if (!response.complete) miss('failed', 'the answer ended early');
      });
      body = inflated(response);
      let taken = 0;
      body.on('data', (piece: Buffer) => {
        if (settled) return;
        taken += piece.length;
        try {
          if (taken > get.maxBytes) miss('failed', `inflates to over ${get.maxBytes} bytes`);
          else if (!taker.take(piece)) stop();
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
          settle({ how: 'stopped' });
        }
      });
      body.on('end', () => {
        if (response.complete) settle({ how: 'ended' });
        else miss('failed', 'the answer ended early');
      });
      body.on('error', (error) => {
        miss('malformed', `not complete gzip data: ${errorCode(error)}`);
      });
    };
    try {
      request = httpsRequest({
        host: get.host,
        port: get.port,
        path: get.path,
        method: 'GET',
        agent: false,
        maxHeaderSize: MAX_HEADER_BYTES,
        rejectUnauthorized: !get.insecureSkipVerify,
        ...(get.ca === undefined ? {} : { ca: get.ca }),
        headers: {
          accept: 'application/json',
          'accept-encoding': 'gzip',
          'user-agent': 'cgopher',
          ...(get.token === undefined ? {} : { authorization: `Bearer ${get.token}` }),
        },
      });
    } catch (error) {
      // Node refuses a path or header with control characters by throwing, and its message would quote neither.
      miss('failed', errorCode(error));
      return;
    }
    request.on('response', onResponse);
    request.on('error', (error) => {
      miss(missKindOf(error), errorCode(error));
    });
    request.end();
  });
}

function encodingOf(response: IncomingMessage): string {
  return (response.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
}

function inflated(response: IncomingMessage): Readable {
  return encodingOf(response) === 'gzip' ? response.pipe(createGunzip()) : response;
}

function refusalOf(response: IncomingMessage): { readonly kind: MissKind; readonly detail: string } | undefined {
  const status = response.statusCode ?? 0;
  const encoding = encodingOf(response);
  if (status === 401 || status === 403) return { kind: 'denied', detail: `HTTP ${status}` };
  if (status === 404) return { kind: 'absent', detail: 'HTTP 404' };
  if (status !== 200) return { kind: 'failed', detail: `HTTP ${status}` };
  if (encoding !== 'identity' && encoding !== 'gzip')
    return { kind: 'malformed', detail: `content-encoding ${encoding.slice(0, 40)} was not asked for` };
  return undefined;
}

function retryAfter(response: IncomingMessage): number | undefined {
  const seconds = Number(response.headers['retry-after']);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, MAX_RETRY_AFTER_SECONDS) : undefined;
}
