import { found, missed, type Reading } from '../../base/reading.ts';
import { type FileReader } from '../../io/file-reader.ts';

/** Where a server is and how it is to be trusted. */
export interface ServerPlace {
  readonly host: string;
  readonly port: number;
  /** PEM file of the certificates that may have signed the server's. */
  readonly caFile: string;
  readonly insecureSkipVerify: boolean;
  readonly tokenFile: string;
}

/** What a request needs besides its path. */
export interface Credentials {
  readonly host: string;
  readonly port: number;
  readonly ca: string | undefined;
  readonly insecureSkipVerify: boolean;
  readonly token: string;
}

/** How to get at a server now. */
export interface ServerAccess {
  credentials(reader: string): Reading<Credentials>;
}

/** Of a bearer token (RFC 6750): nothing that could end a header. */
const TOKEN = /^[A-Za-z0-9._~+/=-]{1,65536}$/;

const CERTIFICATE = '-----BEGIN CERTIFICATE-----';

/**
 * Reads the token and the certificates anew for each request: the kubelet replaces the token's file long before the token ends, and
 * requests are rare. The token is kept nowhere.
 */
export function serverAccess(place: ServerPlace, files: FileReader): ServerAccess {
  const read = (path: string, reader: string): Reading<string> => {
    const length = files.read(path);
    return length < 0
      ? missed(files.failure.kind, reader, path, files.failure.code)
      : found(files.bytes.toString('utf8', 0, length));
  };
  return {
    credentials(reader) {
      const token = read(place.tokenFile, reader);
      if (!token.ok) return token;
      const value = token.value.trim();
      if (!TOKEN.test(value)) return missed('malformed', reader, place.tokenFile, 'the file holds no bearer token');
      const ca = place.insecureSkipVerify ? found(undefined) : read(place.caFile, reader);
      if (!ca.ok) return ca;
      // Of a text without one, Node would make no restriction: any public authority would do.
      if (ca.value?.includes(CERTIFICATE) === false)
        return missed('malformed', reader, place.caFile, 'the file holds no certificate');
      const { host, port, insecureSkipVerify } = place;
      return found({ host, port, insecureSkipVerify, ca: ca.value, token: value });
    },
  };
}
