import { formatAuthority } from '../../io/listen-address.ts';
/** A place where a process listens, in the network namespace or root directory it has. */
export type Way =
  | { readonly kind: 'unix'; readonly pid: number; readonly path: string }
  | { readonly kind: 'namespace'; readonly pid: number; readonly namespace: string };

/** Where a process can be asked. Only addresses of the process's own network namespace are ever here. */
export interface Candidate {
  /** An IP address; `localhost` for a unix socket, which needs none. */
  readonly host: string;
  /** 0 for a unix socket, which needs none. */
  readonly port: number;
  readonly tls: boolean;
  readonly insecureSkipVerify: boolean;
  readonly paths: { readonly pprof: string; readonly expvar: string; readonly metrics: string };
  /** The socket listens beyond loopback. A unix socket does not. */
  readonly beyondLoopback: boolean;
  /** As the process bound it: `0.0.0.0:6060`, `[::1]:6060`, `unix:/run/app.sock`. Undefined for an endpoint that was configured. */
  readonly listen?: string | undefined;
  /** How to get there where connecting to host and port will not do. */
  readonly way?: Way | undefined;
}

/** Where handlers are mounted when nobody says otherwise. */
export const USUAL_PATHS = { pprof: '/debug/pprof/', expvar: '/debug/vars', metrics: '/metrics' } as const;

/** A place without TLS and with the usual paths. */
export function plainCandidate(
  host: string,
  port: number,
  listen: string,
  beyondLoopback: boolean,
  way?: Way,
): Candidate {
  const candidate = { host, port, tls: false, insecureSkipVerify: false, paths: USUAL_PATHS, beyondLoopback, listen };
  return way === undefined ? candidate : { ...candidate, way };
}

/** A candidate's place in words for a person: `10.0.0.7:8080`, `[fd00::7]:8080`, `unix:/run/app.sock`. */
export function placeOf({ host, port, way }: Candidate): string {
  return way?.kind === 'unix' ? `unix:${way.path}` : formatAuthority(host, port);
}

/** 127.0.0.0/8, ::1, and the former written as IPv6. */
export const isLoopback = (address: string): boolean =>
  address.startsWith('127.') || address === '::1' || address.startsWith('::ffff:127.');
/** All addresses of a family, or of both. */
export const isWildcard = (address: string): boolean => address === '0.0.0.0' || address === '::';
/** Never a pod's own: 169.254.169.254 answers for the node's cloud. */
export const isLinkLocal = (address: string): boolean => address.startsWith('169.254.') || address.startsWith('fe80:');
