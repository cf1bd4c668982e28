import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseWebConfig } from '../../src/config/web-config.ts';

const HASH = `$2y$10$${'a'.repeat(53)}`;
const problems = (text: string): readonly string[] => {
  const result = parseWebConfig(text, '/etc/cgopher/web.yml');
  return result.ok ? ['accepted'] : result.problems.map((problem) => problem.replace('/etc/cgopher/web.yml:', ''));
};
const settings = (text: string) => {
  const result = parseWebConfig(text, '/etc/cgopher/web.yml');
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.settings;
};

describe('a web configuration', () => {
  it.each([
    '',
    '{}',
    'tls_server_config:\nbasic_auth_users:\nhttp_server_config:\n',
    'tls_server_config: {cert_file: ""}',
  ])('of %j is plain HTTP for everybody', (text) => {
    expect(settings(text)).toEqual({ tls: undefined, headers: {}, users: new Map() });
  });

  it('takes files from its own directory, and words of Go', () => {
    const { tls } = settings(`tls_server_config:
  cert_file: tls/tls.crt
  key_file: /keys/tls.key
  client_ca_file: ca.crt
  client_auth_type: RequireAndVerifyClientCert
  client_allowed_sans: [scraper.example]
  min_version: TLS13
  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256]
  prefer_server_cipher_suites: false
  curve_preferences: [X25519, CurveP256]
`);
    expect(tls).toEqual({
      cert: { setting: 'cert_file', path: '/etc/cgopher/tls/tls.crt' },
      key: { setting: 'key_file', path: '/keys/tls.key' },
      clientCa: { setting: 'client_ca_file', path: '/etc/cgopher/ca.crt' },
      clientAuth: 'RequireAndVerifyClientCert',
      clientAllowedSans: ['scraper.example'],
      minVersion: 'TLSv1.3',
      maxVersion: 'TLSv1.3',
      ciphers: 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:ECDHE-RSA-AES128-GCM-SHA256',
      preferServerCiphers: false,
      curves: 'X25519:P-256',
    });
  });

  it('has the defaults of the toolkit', () => {
    expect(settings('tls_server_config: {cert: a, key: b}').tls).toEqual({
      cert: { setting: 'cert', text: 'a' },
      key: { setting: 'key', text: 'b' },
      clientCa: undefined,
      clientAuth: 'NoClientCert',
      clientAllowedSans: undefined,
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.3',
      ciphers: undefined,
      preferServerCiphers: true,
      curves: undefined,
    });
  });

  it('has users and headers', () => {
    const { headers, users } = settings(
      `basic_auth_users: {ann: ${HASH}}\nhttp_server_config: {http2: false, headers: {X-Frame-Options: deny, X-XSS-Protection: ""}}`,
    );
    expect(headers).toEqual({ 'x-frame-options': 'deny' });
    expect([...users]).toEqual([['ann', HASH]]);
  });

  it.each([
    ['tls_server_config: {cert_fil: a}', ['1:21 tls_server_config.cert_fil: unknown key; did you mean cert_file?']],
    ['basic_auth: {}', ['1:1 basic_auth: unknown key; did you mean basic_auth_users?']],
    ['tls_server_config: {cert_file: a}', ['1:20 tls_server_config.key: key or key_file is required']],
    [
      'tls_server_config: {cert: a, cert_file: a, key: b}',
      ['1:27 tls_server_config.cert: cert_file is set too; only one may be'],
    ],
    [
      'tls_server_config: {cert: a, key: b, min_version: TLS13, max_version: TLS12}',
      ['1:51 tls_server_config.min_version: is above max_version'],
    ],
    [
      'tls_server_config: {cert: a, key: b, client_ca: c}',
      ['1:49 tls_server_config.client_ca: has no effect without client_auth_type'],
    ],
    [
      'tls_server_config: {cert: a, key: b, client_auth_type: RequireAndVerifyClientCert}',
      ['1:56 tls_server_config.client_auth_type: RequireAndVerifyClientCert needs client_ca or client_ca_file'],
    ],
    [
      'tls_server_config: {cert: a, key: b, client_auth_type: RequestClientCert, client_allowed_sans: [a]}',
      [
        '1:96 tls_server_config.client_allowed_sans: needs client_auth_type RequireAnyClientCert or RequireAndVerifyClientCert',
      ],
    ],
    [
      'tls_server_config: {cert: a, key: b, min_version: TLS10}',
      ['1:51 tls_server_config.min_version: expected TLS12 or TLS13; did you mean TLS12?'],
    ],
    [
      'http_server_config: {http2: true}',
      ['1:29 http_server_config.http2: HTTP/2 is not spoken: write false, or leave it out'],
    ],
    [
      'http_server_config: {headers: {X-Frame-Options: allow}}',
      ['1:49 http_server_config.headers.X-Frame-Options: expected deny or sameorigin'],
    ],
    [
      'http_server_config: {headers: {X-Own: a}}',
      [
        '1:32 http_server_config.headers.X-Own: unknown key; known here: Content-Security-Policy, X-Frame-Options, X-Content-Type-Options, X-XSS-Protection, Strict-Transport-Security',
      ],
    ],
    [
      'http_server_config: {headers: {Content-Security-Policy: "a\\r\\nb: c"}}',
      ['1:57 http_server_config.headers.Content-Security-Policy: expected printable ASCII'],
    ],
    [
      'rate_limit: {interval: 1s}',
      ['1:13 rate_limit: is not supported: --web.max-requests bounds what is answered at once'],
    ],
    [`basic_auth_users: {"a:b": ${HASH}}`, ['1:27 basic_auth_users.a:b: a user has a name, and no colon in it']],
    [
      `basic_auth_users: {ann: ${HASH.replace('10', '15')}}`,
      ['1:25 basic_auth_users.ann: the cost of the hash is 15, at most 14 is taken'],
    ],
    ['a: [', ['1:5: Flow sequence in block collection must be sufficiently indented and end with a ]']],
  ])('%s is refused', (text, expected) => {
    expect(problems(text)).toEqual(expected);
  });

  it.each(['hunter2', '12345', '[hunter2]', '{hunter2: 1}'])(
    'never shows what stands in the place of a hash: %s',
    (value) => {
      const said = problems(`basic_auth_users: {ann: ${value}}`).join('\n');
      expect(said).toBe('1:25 basic_auth_users.ann: expected a bcrypt hash, such as htpasswd -nB prints');
    },
  );

  it.each([
    ['basic_auth_users: "SECRET"', '1:19 basic_auth_users: expected a map of settings'],
    ['basic_auth_users: [SECRET]', '1:19 basic_auth_users: expected a map of settings'],
    ['SECRET', '1:1: expected a map of settings'],
    ['tls_server_config: "SECRET"', '1:20 tls_server_config: expected a map of settings'],
    ['tls_server_config: {min_version: SECRET}', '1:34 tls_server_config.min_version: expected TLS12 or TLS13'],
    ['tls_server_config: {cert_file: a, key_file: b, prefer_server_cipher_suites: SECRET}', ': expected true or false'],
    ['tls_server_config:\n  key: |SECRET\n', '2:9: Block scalar header includes extra characters'],
    ['tls_server_config:\n  key: !SECRET a\n', '2:8: Unresolved tag'],
    ['tls_server_config:\n  key: *SECRET\n', 'Unresolved alias (the anchor must be set before the alias)'],
    ['tls_server_config:\n  key: @SECRET\n', '2:8: '],
    ['tls_server_config:\n  key: a\nSECRET', '3:1: '],
    ['- a\nSECRET b\n- c', '2:1: '],
    ['a: {SECRET]', '1:'],
    ['"a"SECRET', '1:4: '],
  ])('never shows a value, which may be a piece of a key: %j', (text, expected) => {
    const said = problems(text).join('\n');
    expect(said).toContain(expected);
    expect(said).not.toMatch(/SECRET|SECRE/);
  });

  it('takes a user whose name is that of what JavaScript objects inherit from', () => {
    expect([...settings(`basic_auth_users: {__proto__: ${HASH}}`).users]).toEqual([['__proto__', HASH]]);
    expect(problems('basic_auth_users: {__proto__: hunter2}')).toEqual([
      '1:31 basic_auth_users.__proto__: expected a bcrypt hash, such as htpasswd -nB prints',
    ]);
  });

  it('takes any text without throwing', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseWebConfig(text, 'w').ok).toBeTypeOf('boolean');
      }),
    );
  });
});
