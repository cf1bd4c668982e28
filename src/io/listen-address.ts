/** Where to listen. `host` is undefined for all interfaces. */
export interface ListenAddress {
  readonly host: string | undefined;
  readonly port: number;
}

/**
 * Reads an address as Prometheus exporters write it: `:10119`, `127.0.0.1:10119`, `[::1]:10119`, `localhost:10119`.
 * Port 0 lets the kernel choose. Undefined for anything else, a bare port number included.
 */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]*)):(\d{1,5})$/.exec(text);
  if (match === null) return undefined;
  const port = Number(match[3]);
  if (port > 65535) return undefined;
  const host = match[1] ?? match[2];
  return { host: host === '' ? undefined : host, port };
}

/** `127.0.0.1:10119` or `[::1]:10119`. */
export function formatAuthority(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
