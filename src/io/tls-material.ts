import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { found, missed, type Reading } from '../base/reading.ts';
import { errorCode } from './errno.ts';
import { fileStamp, readWebFile } from './web-config-file.ts';
import type { PemSource, TlsSettings } from './web-settings.ts';

const READER = 'tls';

/** PEM texts that belong together. */
export interface TlsMaterial {
  readonly cert: string;
  readonly key: string;
  readonly ca: string | undefined;
}

/** Differs when one of the files did. */
export function materialStamp(settings: TlsSettings): string {
  return sourcesOf(settings)
    .map((source) => ('path' in source ? fileStamp(source.path) : ''))
    .join(' ');
}

/** Reads certificate, key and authorities, and says which of them is wrong. */
export function readMaterial(settings: TlsSettings): Reading<TlsMaterial> {
  const cert = pemOf(settings.cert);
  if (!cert.ok) return cert;
  const key = pemOf(settings.key);
  if (!key.ok) return key;
  const ca = settings.clientCa === undefined ? undefined : pemOf(settings.clientCa);
  if (ca?.ok === false) return ca;
  const problem =
    (settings.clientCa === undefined ? undefined : certificateProblem(settings.clientCa, ca?.value)) ??
    certificateProblem(settings.cert, cert.value) ??
    keyProblem(settings, cert.value, key.value);
  if (problem !== undefined) return problem;
  return found({ cert: cert.value, key: key.value, ca: ca?.value });
}

function pemOf(source: PemSource): Reading<string> {
  if ('text' in source) return found(source.text);
  const text = readWebFile(source.path);
  return text.ok ? text : missed(text.miss.kind, READER, source.path, `${placeOf(source)} ${text.miss.detail}`);
}

function certificateProblem(source: PemSource, pem: string | undefined): Reading<never> | undefined {
  try {
    new X509Certificate(pem ?? '');
    return undefined;
  } catch {
    return malformed(source, 'has no certificate in PEM form');
  }
}

function keyProblem(settings: TlsSettings, cert: string, pem: string): Reading<never> | undefined {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (error) {
    const encrypted = errorCode(error) === 'ERR_MISSING_PASSPHRASE' || pem.includes('ENCRYPTED');
    return malformed(settings.key, encrypted ? 'is encrypted' : 'has no private key in PEM form');
  }
  if (new X509Certificate(cert).checkPrivateKey(key)) return undefined;
  return malformed(settings.key, `is not the key of the certificate of ${placeOf(settings.cert)}`);
}

function malformed(source: PemSource, detail: string): Reading<never> {
  return missed('malformed', READER, 'path' in source ? source.path : '', `${placeOf(source)} ${detail}`);
}

function placeOf(source: PemSource): string {
  const setting = `tls_server_config.${source.setting}`;
  return 'path' in source ? `${setting} (${source.path})` : setting;
}

function sourcesOf({ cert, key, clientCa }: TlsSettings): PemSource[] {
  return clientCa === undefined ? [cert, key] : [cert, key, clientCa];
}
