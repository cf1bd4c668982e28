import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { found, type MissKind, missed, type Reading } from '../base/reading.ts';
import { CappedBytes } from './capped-bytes.ts';
import { errorCode } from './errno.ts';
import { MAX_HEADER_BYTES } from './http-exchange.ts';
import { type PostCredentials, type PostSecrets, readCredentials } from './http-post-auth.ts';

export interface HttpPosterOptions extends PostCredentials {
  /** http or https, without credentials in it. */
  readonly url: string;
  /** Reader name of a miss. */
  readonly reader: string;
  /** For looking up the name, connecting, sending and the answer together. */
  readonly deadlineMs: number;
  /** How much of the text of a refusal is kept. */
  readonly maxAnswerBytes: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** What a server answered. */
export interface HttpAnswer {
  readonly status: number;
  /** The beginning of the body where the status is not 2xx; else empty, and the body was not waited for. */
  readonly text: string;
  readonly latencyMs: number;
}

/**
 * POSTs JSON to one address. Files with secrets are read again each time. Redirects are not followed, and what an answer may cost is
 * bounded: of a 2xx the header is enough, of anything else a few bytes. {@link post} never rejects; any status is an answer.
 */
export class HttpPoster {
  readonly #options: HttpPosterOptions;
  readonly #url: URL;
  readonly #plain = new HttpAgent({ keepAlive: false });
  // Kept for its cache of TLS sessions: a connection a minute need not cost a full handshake.
  readonly #tls = new HttpsAgent({ keepAlive: false });
  readonly #open = new Set<ClientRequest>();
  #closed = false;

  constructor(options: HttpPosterOptions) {
    this.#options = options;
    this.#url = new URL(options.url);
  }

  async post(body: string): Promise<Reading<HttpAnswer>> {
    const { reader, now } = this.#options;
    const refuse = (kind: MissKind, detail: string): Reading<never> => missed(kind, reader, this.#url.href, detail);
    if (this.#closed) return refuse('failed', 'the client is closed');
    const secrets = readCredentials(this.#options, reader);
    if (!secrets.ok) return secrets;
    const begin = now();
    let request: ClientRequest;
    try {
      request = this.#request(Buffer.from(body), secrets.value);
    } catch (error) {
      // Files that are no PEM, a header with characters it may not have.
      return refuse('malformed', errorCode(error));
    }
    this.#open.add(request);
    const answer = await this.#answerOf(request);
    this.#open.delete(request);
    if (typeof answer !== 'string') return found({ ...answer, latencyMs: now() - begin });
    return refuse('failed', this.#reason(answer));
  }

  /** Ends what is under way with a miss. */
  close(): void {
    this.#closed = true;
    for (const request of this.#open) request.destroy();
    this.#plain.destroy();
    this.#tls.destroy();
  }

  #reason(detail: string): string {
    return this.#closed ? 'the client is closed' : detail;
  }

  #request(body: Buffer, { authorization, tls }: PostSecrets): ClientRequest {
    const options: RequestOptions = {
      method: 'POST',
      maxHeaderSize: MAX_HEADER_BYTES,
      insecureHTTPParser: false,
      headers: {
        'content-type': 'application/json',
        'content-length': body.length,
        'accept-encoding': 'identity',
        'user-agent': 'cgopher',
        ...(authorization === undefined ? {} : { authorization }),
      },
    };
    const request =
      this.#url.protocol === 'https:'
        ? httpsRequest(this.#url, { ...options, ...tls, agent: this.#tls })
        : httpRequest(this.#url, { ...options, agent: this.#plain });
    request.end(body);
    return request;
  }

  /** Status and text, or in one line why there is none. The connection is gone when this resolves. */
  #answerOf(request: ClientRequest): Promise<Omit<HttpAnswer, 'latencyMs'> | string> {
    const { deadlineMs, maxAnswerBytes } = this.#options;
    return new Promise((resolve) => {
      const settle = (result: Omit<HttpAnswer, 'latencyMs'> | string): void => {
        clearTimeout(timer);
        resolve(result);
        request.destroy();
      };
      let refused: (() => void) | undefined;
      const timer = setTimeout(() => {
        if (refused === undefined) settle(`no answer within ${deadlineMs} ms`);
        else refused();
      }, deadlineMs);
      // It stays after the end: a late error without a listener would end the process.
      request.on('error', (error) => {
        settle(errorCode(error));
      });
      request.on('close', () => {
        if (refused === undefined) settle('closed without an answer');
      });
      request.on('response', (response) => {
        const status = response.statusCode ?? 0;
        if (status >= 200 && status < 300) {
          settle({ status, text: '' });
          return;
        }
        const bytes = new CappedBytes(maxAnswerBytes);
        refused = () => {
          settle({ status, text: bytes.bytes().toString('utf8') });
        };
        response.on('data', (chunk: Buffer) => {
          const room = maxAnswerBytes - bytes.bytes().length;
          bytes.push(chunk.subarray(0, room));
          if (chunk.length >= room) refused?.();
        });
        response.on('error', refused);
        response.on('close', refused);
      });
    });
  }
}
