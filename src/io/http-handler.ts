import type { IncomingHttpHeaders } from 'node:http';
import type { HttpResponse } from './http-respond.ts';

/** What a handler is given. */
export interface HttpRequest {
  readonly method: 'GET' | 'HEAD';
  /** Path and query are the client's; the origin is a placeholder. */
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  /** X-Prometheus-Scrape-Timeout-Seconds as sent, without a margin; undefined when absent or not a positive number. */
  readonly scrapeTimeoutMs: number | undefined;
}

/** Answers one path. HEAD is answered as GET; the server leaves the body out. */
export type HttpHandler = (request: HttpRequest) => HttpResponse | Promise<HttpResponse>;
