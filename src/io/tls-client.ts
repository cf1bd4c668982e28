import { isIPv6 } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { TlsSettings } from './web-settings.ts';

/** Why a client is shown out after its handshake; undefined when it may stay. */
export function clientRefusal(
  socket: Pick<TLSSocket, 'authorized' | 'getPeerX509Certificate'>,
  settings: Pick<TlsSettings, 'clientAuth' | 'clientAllowedSans'>,
): string | undefined {
  const { clientAuth, clientAllowedSans } = settings;
  if (clientAuth === 'NoClientCert' || clientAuth === 'RequestClientCert') return undefined;
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined)
    return clientAuth === 'VerifyClientCertIfGiven' ? undefined : 'the client has no certificate';
  if (clientAuth !== 'RequireAnyClientCert' && !socket.authorized)
    return 'the certificate of the client is not of a known authority';
  if (clientAllowedSans === undefined) return undefined;
  const names = alternativeNames(certificate.subjectAltName ?? '');
  return names.some((name) => clientAllowedSans.includes(name))
    ? undefined
    : 'no name of the client is in client_allowed_sans';
}

const KINDS = ['DNS', 'IP Address', 'email', 'URI'];

/**
 * Names of a certificate out of Node's text of them, `DNS:a, IP Address:10.0.0.1, DNS:"with, comma"`. What may look like another
 * entry is a JSON string there (node:crypto, subjectAltName), so that nobody can write himself a second name. A text of another
 * form has no names. Addresses of IPv6 in their short form.
 */
export function alternativeNames(text: string): string[] {
  const entry = /([^:,"]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?:, |$)/y;
  const names: string[] = [];
  while (entry.lastIndex < text.length) {
    const match = entry.exec(text);
    if (match === null) return [];
    const [, kind = '', value = ''] = match;
    const name = value.startsWith('"') ? unquoted(value) : value;
    if (name === undefined) return [];
    if (KINDS.includes(kind) && name !== '') names.push(kind === 'IP Address' ? shortAddress(name) : name);
  }
  return names;
}

function unquoted(value: string): string | undefined {
  try {
    const name: unknown = JSON.parse(value);
    return typeof name === 'string' ? name : undefined;
  } catch {
    return undefined;
  }
}

function shortAddress(address: string): string {
  return isIPv6(address) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}
