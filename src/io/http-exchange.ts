import type { ClientRequest, IncomingMessage } from 'node:http';
import type { MissKind } from '../base/reading.ts';
import { CappedBytes } from './capped-bytes.ts';
import { ConnectError } from './connector.ts';
import { errorCode, missKindOf } from './errno.ts';
import { MAX_TELLING_BYTES, otherProtocol, saysItWantsTls } from './other-protocol.ts';

/** Header bytes taken from a server at most; node's own default, held fixed. */
export const MAX_HEADER_BYTES = 16 * 1024;

/** The answer to one request as it came over the wire, or why there is none. */
export type Exchange =
  | { readonly ok: true; readonly response: IncomingMessage; readonly wire: Buffer }
  | {
      readonly ok: false;
      readonly kind: MissKind;
      readonly detail: string;
      /** The server had closed a kept connection before this request reached it: worth one more try. */
      readonly staleSocket: boolean;
    };

/** Bounds of one exchange. The deadline counts from the call and covers queueing, connecting, headers and body. */
export interface ExchangeLimits {
  readonly deadlineMs: number;
  readonly maxBytes: number;
  /** Done when the head of the answer is there; the body is not taken and the connection is closed. */
  readonly headOnly?: boolean;
}

/** Sends `request` and takes the whole answer within `limits`. Whatever goes wrong, the socket is gone when this resolves. */
export function exchange(request: ClientRequest, limits: ExchangeLimits): Promise<Exchange> {
  return new Promise((resolve) => {
    let settled = false;
    const settle = (result: Exchange): void => {
      // Listeners stay after the end, because a late error without one would end the process; a connection that went back
      // to the pool is no longer this request's to destroy.
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      resolve(result);
      if (!result.ok) request.destroy();
    };
    // A 400 may say in plain HTTP that the port wants TLS. Of the rest of it nothing matters, so any end is as good as its own.
    let badRequest: CappedBytes | undefined;
    const fail = (kind: MissKind, detail: string, staleSocket = false): void => {
      const failure = badRequest === undefined ? { kind, detail } : badRequestOf(badRequest.bytes());
      settle({ ok: false, ...failure, staleSocket });
    };
    const timer = setTimeout(() => {
      fail('failed', `no complete answer within ${limits.deadlineMs} ms`);
    }, limits.deadlineMs);
    let answered = false;
    request.on('error', (error) => {
      const stale = !answered && request.reusedSocket && ['ECONNRESET', 'EPIPE'].includes(errorCode(error));
      const other = answered ? undefined : otherProtocolOf(request, error);
      const { kind, detail } =
        other === undefined ? failureOf(error) : ({ kind: 'unsupported', detail: other } as const);
      fail(kind, detail, stale);
    });
    request.on('close', () => {
      // With an answer under way its own end decides: the socket may close before the last bytes are taken.
      if (!answered) fail('failed', 'closed without an answer');
    });
    request.on('response', (response) => {
      answered = true;
      const body = new CappedBytes(limits.maxBytes);
      response.on('error', (error) => {
        fail('failed', `the answer ended early: ${errorCode(error)}`);
      });
      response.on('close', () => {
        fail('failed', 'the answer ended early');
      });
      if (response.statusCode === 400) {
        badRequest = new CappedBytes(MAX_TELLING_BYTES);
        const { socket } = response;
        response.on('data', (chunk: Buffer) => {
          if (badRequest?.push(chunk) !== true) fail('failed', 'HTTP 400');
        });
        response.on('end', () => {
          // Read to its end, the connection is about to go back to the pool.
          socket.destroy();
          fail('failed', 'HTTP 400');
        });
        return;
      }
      const headOnly = limits.headOnly === true;
      const refusal = refusalOf(response, headOnly ? Number.POSITIVE_INFINITY : limits.maxBytes);
      if (refusal !== undefined) {
        fail(refusal.kind, refusal.detail);
        return;
      }
      if (headOnly) {
        settle({ ok: true, response, wire: Buffer.alloc(0) });
        request.destroy();
        return;
      }
      response.on('data', (chunk: Buffer) => {
        if (!body.push(chunk)) fail('failed', `over ${limits.maxBytes} bytes`);
      });
      response.on('end', () => {
        if (response.complete) settle({ ok: true, response, wire: body.bytes() });
        else fail('failed', 'the answer ended early');
      });
    });
    request.end();
  });
}

function refusalOf(
  response: IncomingMessage,
  maxBytes: number,
): { readonly kind: MissKind; readonly detail: string } | undefined {
  const status = response.statusCode ?? 0;
  // Go's handlers mark their own 404 so: the profile is unknown, but pprof is there.
  const from = response.headers['x-go-pprof'] === undefined ? '' : ' from net/http/pprof';
  if (status >= 300 && status < 400 && response.headers.location !== undefined) {
    return { kind: 'failed', detail: `redirected to ${response.headers.location.slice(0, 200)}, not followed` };
  }
  if (status === 404) return { kind: 'absent', detail: `HTTP 404${from}` };
  if (status === 401 || status === 403) return { kind: 'denied', detail: `HTTP ${status}` };
  if (status < 200 || status >= 300) return { kind: 'failed', detail: `HTTP ${status}${from}` };
  const length = response.headers['content-length'];
  if (length !== undefined && Number(length) > maxBytes) return { kind: 'failed', detail: `over ${maxBytes} bytes` };
  return undefined;
}

function badRequestOf(body: Uint8Array): { readonly kind: MissKind; readonly detail: string } {
  return saysItWantsTls(body) ? { kind: 'unsupported', detail: 'TLS' } : { kind: 'failed', detail: 'HTTP 400' };
}

/** What spoke in place of an HTTP server, told by the first bytes of a connection that broke HTTP/1. */
function otherProtocolOf(request: ClientRequest, error: Error): string | undefined {
  const first = 'rawPacket' in error ? error.rawPacket : undefined;
  if (!(first instanceof Uint8Array) || request.reusedSocket) return undefined;
  return request.socket?.bytesRead === first.length ? otherProtocol(first) : undefined;
}

function failureOf(error: Error): { readonly kind: MissKind; readonly detail: string } {
  if (error instanceof ConnectError) return error.miss;
  const code = errorCode(error);
  if (code === 'HPE_HEADER_OVERFLOW') return { kind: 'failed', detail: `headers over ${MAX_HEADER_BYTES} bytes` };
  // llhttp's codes: the answer breaks HTTP/1.1.
  if (code.startsWith('HPE_')) return { kind: 'malformed', detail: `not an HTTP answer: ${code}` };
  return { kind: missKindOf(error), detail: code };
}
