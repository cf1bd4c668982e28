import type { ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const GZIP_FROM_BYTES = 1024;
const gzipAsync = promisify(gzip);

/** What a handler answers. */
export interface HttpResponse {
  readonly status: number;
  /** Always sent as given: Prometheus 3 fails a scrape without a right Content-Type. */
  readonly contentType: string;
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A line of plain text. */
export function textResponse(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${text}\n`, headers };
}

/**
 * Writes `answer`, compressed with gzip level 1 when the client takes it and the body is over 1 KiB. Content-Length is that of
 * the bytes a GET sends, also for HEAD. Rejects, with nothing written, when a header is not valid.
 */
export async function respond(
  response: ServerResponse,
  answer: HttpResponse,
  request: { readonly head: boolean; readonly acceptEncoding: string | undefined; readonly close: boolean },
): Promise<void> {
  const plain = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body;
  const compress = plain.length > GZIP_FROM_BYTES && acceptsGzip(request.acceptEncoding);
  const bytes = compress ? await gzipAsync(plain, { level: 1 }) : plain;
  // The client or the deadline may have ended the exchange meanwhile.
  if (response.headersSent || response.destroyed) return;
  response.writeHead(answer.status, {
    ...answer.headers,
    'content-type': answer.contentType,
    'content-length': bytes.length,
    'x-content-type-options': 'nosniff',
    ...(plain.length > GZIP_FROM_BYTES ? { vary: 'Accept-Encoding' } : {}),
    ...(compress ? { 'content-encoding': 'gzip' } : {}),
    ...(request.close ? { connection: 'close' } : {}),
  });
  if (request.head) response.end();
  else response.end(bytes);
}

/**
 * Whether an Accept-Encoding header takes gzip, and likes nothing sent plain better (RFC 9110 section 12.5.3). No header: only
 * identity, as curl means it.
 */
export function acceptsGzip(header: string | undefined): boolean {
  const qualities = new Map<string, number>();
  for (const part of (header ?? '').split(',')) {
    const [name = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    const quality = parameters.find((parameter) => parameter.startsWith('q='));
    const value = quality === undefined ? 1 : Number(quality.slice(2));
    qualities.set(name === 'x-gzip' ? 'gzip' : name, value > 0 ? value : 0);
  }
  const gzip = qualities.get('gzip') ?? qualities.get('*') ?? 0;
  return gzip > 0 && gzip >= (qualities.get('identity') ?? 0);
}
