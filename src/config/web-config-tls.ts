import { dirname, isAbsolute, join } from 'node:path';
import * as z from 'zod';
import { CLIENT_AUTH_TYPES, type ClientAuth, type PemSource, type TlsSettings } from '../io/web-settings.ts';

/** Go's names of the suites it still offers (crypto/tls, CipherSuites) and OpenSSL's. */
const CIPHERS: Readonly<Record<string, string>> = {
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 'ECDHE-RSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: 'ECDHE-ECDSA-AES128-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: 'ECDHE-ECDSA-AES256-SHA',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 'ECDHE-RSA-AES128-SHA',
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: 'ECDHE-RSA-AES256-SHA',
};
const TLS13_CIPHERS = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];
const CURVES = { CurveP256: 'P-256', CurveP384: 'P-384', CurveP521: 'P-521', X25519: 'X25519' } as const;
const VERSIONS = { TLS12: 'TLSv1.2', TLS13: 'TLSv1.3' } as const;

const text = z.string().max(1024 * 1024);
const version = z.enum(['TLS12', 'TLS13'], 'expected TLS12 or TLS13; nothing older is spoken');

/** `tls_server_config`. An empty text is the same as no setting, as in the toolkit. */
export const tlsSchema = z
  .strictObject({
    cert: text.optional(),
    key: text.optional(),
    client_ca: text.optional(),
    cert_file: text.optional(),
    key_file: text.optional(),
    client_ca_file: text.optional(),
    // Its second name of RequireAnyClientCert is from the toolkit's early days.
    client_auth_type: z.enum(['', ...CLIENT_AUTH_TYPES, 'RequireClientCert']).optional(),
    client_allowed_sans: z.array(z.string().min(1).max(1024)).max(1000).optional(),
    min_version: version.default('TLS12'),
    max_version: version.default('TLS13'),
    cipher_suites: z
      .array(z.enum([...Object.keys(CIPHERS), ...TLS13_CIPHERS]))
      .max(100)
      .optional(),
    prefer_server_cipher_suites: z.boolean().default(true),
    curve_preferences: z
      .array(z.enum(Object.keys(CURVES) as (keyof typeof CURVES)[]))
      .max(10)
      .optional(),
  })
  .superRefine((file, context) => {
    const refuse = (key: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [key], message });
    };
    for (const name of ['cert', 'key', 'client_ca'] as const)
      if (isSet(file[name]) && isSet(file[`${name}_file`])) refuse(name, `${name}_file is set too; only one may be`);
    if (isOn(file)) {
      for (const name of ['cert', 'key'] as const)
        if (!isSet(file[name]) && !isSet(file[`${name}_file`])) refuse(name, `${name} or ${name}_file is required`);
    }
    if (file.min_version > file.max_version) refuse('min_version', 'is above max_version');
    const auth = clientAuthOf(file.client_auth_type);
    const ca = isSet(file.client_ca) ? 'client_ca' : isSet(file.client_ca_file) ? 'client_ca_file' : undefined;
    if (ca !== undefined && auth === 'NoClientCert') refuse(ca, 'has no effect without client_auth_type');
    const verifies = auth === 'VerifyClientCertIfGiven' || auth === 'RequireAndVerifyClientCert';
    // The toolkit takes the public authorities then, and with them a certificate of anybody.
    if (verifies && ca === undefined) refuse('client_auth_type', `${auth} needs client_ca or client_ca_file`);
    if (file.client_allowed_sans !== undefined && !auth.startsWith('Require'))
      refuse('client_allowed_sans', 'needs client_auth_type RequireAnyClientCert or RequireAndVerifyClientCert');
  });

type TlsFile = z.output<typeof tlsSchema>;

/** Undefined when nothing in it asks for TLS. Relative paths are taken from the directory of `path`. */
export function tlsSettings(file: TlsFile | undefined, path: string): TlsSettings | undefined {
  if (file === undefined || !isOn(file)) return undefined;
  const pem = (name: 'cert' | 'key' | 'client_ca'): PemSource | undefined => {
    const inline = file[name];
    if (isSet(inline)) return { setting: name, text: inline };
    const named = file[`${name}_file`];
    if (!isSet(named)) return undefined;
    return { setting: `${name}_file`, path: isAbsolute(named) ? named : join(dirname(path), named) };
  };
  const cert = pem('cert');
  const key = pem('key');
  if (cert === undefined || key === undefined) return undefined;
  return {
    cert,
    key,
    clientAuth: clientAuthOf(file.client_auth_type),
    clientCa: pem('client_ca'),
    clientAllowedSans: file.client_allowed_sans,
    minVersion: VERSIONS[file.min_version],
    maxVersion: VERSIONS[file.max_version],
    ciphers: ciphersOf(file.cipher_suites),
    preferServerCiphers: file.prefer_server_cipher_suites,
    curves: (file.curve_preferences ?? []).map((name) => CURVES[name]).join(':') || undefined,
  };
}

/** As in Go, the list is of suites up to TLS 1.2, and those of TLS 1.3 are always there. */
function ciphersOf(names: readonly string[] | undefined): string | undefined {
  if (names === undefined || names.length === 0) return undefined;
  return [...TLS13_CIPHERS, ...names.flatMap((name) => CIPHERS[name] ?? [])].join(':');
}

function clientAuthOf(name: TlsFile['client_auth_type']): ClientAuth {
  if (name === undefined || name === '') return 'NoClientCert';
  return name === 'RequireClientCert' ? 'RequireAnyClientCert' : name;
}

function isOn(file: TlsFile): boolean {
  const { cert, key, client_ca, cert_file, key_file, client_ca_file, client_auth_type } = file;
  return [cert, key, client_ca, cert_file, key_file, client_ca_file, client_auth_type].some(isSet);
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}
