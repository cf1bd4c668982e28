import { found, missed, type Reading } from '../base/reading.ts';
import { readSecretFile } from './secret-file.ts';

/** How a client shows who it is, and whom it trusts. All secrets are files. */
export interface PostCredentials {
  readonly basicAuth?: { readonly username: string; readonly passwordFile: string } | undefined;
  readonly bearerTokenFile?: string | undefined;
  readonly tls?:
    | {
        readonly caFile?: string | undefined;
        readonly certFile?: string | undefined;
        readonly keyFile?: string | undefined;
        readonly serverName?: string | undefined;
      }
    | undefined;
}

/** What the files say now. */
export interface PostSecrets {
  /** The Authorization header. */
  readonly authorization: string | undefined;
  /** As node:tls takes them. */
  readonly tls: { ca?: string; cert?: string; key?: string; servername?: string };
}

/** Reads all files that `credentials` name. The first that cannot be read is the miss. */
export function readCredentials(credentials: PostCredentials, reader: string): Reading<PostSecrets> {
  const { basicAuth, bearerTokenFile, tls } = credentials;
  const secrets: { authorization: string | undefined; tls: PostSecrets['tls'] } = { authorization: undefined, tls: {} };
  if (basicAuth !== undefined) {
    const password = readSecretFile(basicAuth.passwordFile, reader);
    if (!password.ok) return password;
    const pair = `${basicAuth.username}:${password.value.replace(/\r?\n$/, '')}`;
    secrets.authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
  }
  if (bearerTokenFile !== undefined) {
    const token = readSecretFile(bearerTokenFile, reader);
    if (!token.ok) return token;
    const text = token.value.trim();
    if (!/^[!-~]+$/.test(text)) return missed('malformed', reader, bearerTokenFile, 'is no token');
    secrets.authorization = `Bearer ${text}`;
  }
  const files = [
    ['ca', tls?.caFile],
    ['cert', tls?.certFile],
    ['key', tls?.keyFile],
  ] as const;
  for (const [name, path] of files) {
    if (path === undefined) continue;
    const pem = readSecretFile(path, reader);
    if (!pem.ok) return pem;
    secrets.tls[name] = pem.value;
  }
  if (tls?.serverName !== undefined) secrets.tls.servername = tls.serverName;
  return found(secrets);
}
