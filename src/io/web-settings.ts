/** What a client must show in the handshake, by the names of Go's `tls.ClientAuthType`. */
export const CLIENT_AUTH_TYPES = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const;
export type ClientAuth = (typeof CLIENT_AUTH_TYPES)[number];

/** PEM text: in the configuration itself, or in a file. `setting` names it in messages. */
export type PemSource =
  | { readonly setting: string; readonly text: string }
  | { readonly setting: string; readonly path: string };

/** How to speak TLS, in the words of OpenSSL. */
export interface TlsSettings {
  readonly cert: PemSource;
  readonly key: PemSource;
  readonly clientAuth: ClientAuth;
  /** Who signs the certificates of clients; undefined: they are not verified. */
  readonly clientCa: PemSource | undefined;
  /** A client's certificate must have one of these names; undefined: any. */
  readonly clientAllowedSans: readonly string[] | undefined;
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly maxVersion: 'TLSv1.2' | 'TLSv1.3';
  /** Undefined: those of Node. */
  readonly ciphers: string | undefined;
  readonly preferServerCiphers: boolean;
  /** Undefined: those of Node. */
  readonly curves: string | undefined;
}

/** A web configuration file, read and checked. */
export interface WebSettings {
  /** Undefined: plain HTTP. */
  readonly tls: TlsSettings | undefined;
  /** Lower-case names, for every answer that does not set them itself. */
  readonly headers: Readonly<Record<string, string>>;
  /** Bcrypt hash by user; empty: nobody is asked for a password. */
  readonly users: ReadonlyMap<string, string>;
}

/** Makes settings of the text of a file; `path` is for messages, and relative paths in it are of its directory. */
export type WebConfigParser = (
  text: string,
  path: string,
) =>
  | { readonly ok: true; readonly settings: WebSettings }
  | { readonly ok: false; readonly problems: readonly string[] };
