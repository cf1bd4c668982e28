import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** Bounds on clients. */
export interface ServerLimits {
  /** To receive all request headers. Default 10 s. */
  readonly headersTimeoutMs: number;
  /** From the request's headers to the last byte of the answer. Default 60 s. */
  readonly exchangeTimeoutMs: number;
  /** A kept connection without a request. Default 65 s, above Prometheus's usual intervals. */
  readonly keepAliveTimeoutMs: number;
  readonly maxHeaderBytes: number;
  readonly maxConnections: number;
}

export const DEFAULT_SERVER_LIMITS: ServerLimits = {
  headersTimeoutMs: 10_000,
  exchangeTimeoutMs: 60_000,
  keepAliveTimeoutMs: 65_000,
  maxHeaderBytes: 16 * 1024,
  maxConnections: 256,
};

/** A server that listens on nothing yet and keeps to `limits`. */
export function configuredServer(
  limits: ServerLimits,
  serve: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const server = createServer(
    {
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: Math.max(limits.headersTimeoutMs, limits.exchangeTimeoutMs),
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      maxHeaderSize: limits.maxHeaderBytes,
      connectionsCheckingInterval: Math.min(5000, limits.headersTimeoutMs),
      insecureHTTPParser: false,
    },
    serve,
  );
  server.maxConnections = limits.maxConnections;
  return server;
}
