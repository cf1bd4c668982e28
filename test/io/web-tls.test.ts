import { copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { Agent, type RequestOptions, request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { hashSync } from 'bcryptjs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseWebConfig } from '../../src/config/web-config.ts';
import { type HttpHandler, type RunningServer, startServer } from '../../src/io/http-server.ts';
import { WebConfigFile } from '../../src/io/web-config-file.ts';
import { recordingLogger } from '../agent/recording-logger.ts';
import { hasOpenssl, type IssuedCertificate, TestAuthority } from '../tools/certificates.ts';

const possible = hasOpenssl();
let directory = '';
let authority: TestAuthority;
let stranger: TestAuthority;
let first: IssuedCertificate;
let second: IssuedCertificate;
let scraper: IssuedCertificate;
let strangers: IssuedCertificate;
beforeAll(() => {
  if (!possible) return;
  directory = mkdtempSync(join(tmpdir(), 'web-tls-'));
  authority = new TestAuthority(join(directory, 'a'));
  stranger = new TestAuthority(join(directory, 'b'));
  const names = 'DNS:localhost,IP:127.0.0.1';
  first = authority.issue('first', names, 'serverAuth');
  second = authority.issue('second', names, 'serverAuth');
  scraper = authority.issue('scraper', 'DNS:scraper.example,URI:spiffe://a/b,IP:::1', 'clientAuth');
  strangers = stranger.issue('stranger', 'DNS:scraper.example', 'clientAuth');
}, 60_000);
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

let file = '';
let log: ReturnType<typeof recordingLogger>;
let server: RunningServer | undefined;
beforeEach(() => {
  log = recordingLogger();
  file = join(directory, 'web.yml');
});
afterEach(async () => {
  await server?.close(0);
  server = undefined;
});

const tls = (more = ''): string => `tls_server_config:\n  cert_file: own.pem\n  key_file: own.key\n${more}`;
const put = (text: string): void => {
  // As a person's editor and the kubelet do: a new file in place of the old.
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
};
const own = (certificate: IssuedCertificate): void => {
  copyFileSync(certificate.cert, join(directory, 'own.pem'));
  copyFileSync(certificate.key, join(directory, 'own.key'));
};

const here: HttpHandler = () => ({ status: 200, contentType: 'text/plain', body: 'here\n' });

async function start(text: string, handler = here) {
  put(text);
  const started = await startServer({
    addresses: ['127.0.0.1:0'],
    routes: new Map([['/', handler]]),
    logger: log.logger,
    web: new WebConfigFile(file, parseWebConfig),
    limits: { headersTimeoutMs: 500 },
  });
  if (started.ok) server = started.value;
  return started;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly server: string | undefined;
  readonly protocol: string | null;
  readonly cipher: string;
}

/** One request on a connection of its own, unless an agent is given. */
function ask(options: RequestOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { port } = server!.addresses[0]!;
    const asked = request({ host: '127.0.0.1', port, path: '/', ca: ca(), agent: false, ...options }, (response) => {
      const { socket } = response;
      if (!(socket instanceof TLSSocket)) throw new Error('not a TLS connection');
      const facts = {
        server: socket.getPeerCertificate().subject.CN as string | undefined,
        protocol: socket.getProtocol(),
        cipher: socket.getCipher().name,
      };
      let body = '';
      response.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      response.on('end', () => {
        resolve({ status: response.statusCode!, headers: response.headers, body, ...facts });
      });
    });
    asked.on('error', reject);
    asked.end();
  });
}

const ca = () => readFileSync(authority.cert);
const as = (certificate: IssuedCertificate): RequestOptions => ({
  cert: readFileSync(certificate.cert),
  key: readFileSync(certificate.key),
});

describe.skipIf(!possible)('TLS', () => {
  it('serves by an address without a name, and says https', async () => {
    own(first);
    await start(tls());
    expect(server!.addresses[0]!.url).toBe(`https://127.0.0.1:${server!.addresses[0]!.port}`);
    expect(await ask()).toMatchObject({ status: 200, body: 'here\n', server: 'first', protocol: 'TLSv1.3' });
  });

  it('takes a renewed certificate at the next connection, and leaves kept ones alone', async () => {
    own(first);
    await start(tls());
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect((await ask({ agent })).server).toBe('first');
    own(second);
    expect((await ask()).server).toBe('second');
    expect((await ask({ agent })).server).toBe('first');
    agent.destroy();
  });

  it('lets nobody in while certificate and key do not fit, says so once, and goes on when they do', async () => {
    own(first);
    await start(tls());
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await ask({ agent });
    copyFileSync(second.cert, join(directory, 'own.pem'));
    await expect(ask()).rejects.toThrow();
    await expect(ask()).rejects.toThrow();
    // A connection from before is not in the way of its scrapes.
    expect((await ask({ agent })).status).toBe(200);
    const told = log.lines.filter(({ level }) => level === 'error');
    expect(told).toHaveLength(1);
    expect(told[0]!.fields['problems']).toBe(
      `${file}: tls_server_config.key_file (${join(directory, 'own.key')}) is not the key of the certificate of tls_server_config.cert_file (${join(directory, 'own.pem')})`,
    );
    own(second);
    expect((await ask()).server).toBe('second');
    agent.destroy();
  });

  it('refuses connections and requests while the file is bad', async () => {
    own(first);
    await start(tls());
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await ask({ agent });
    put(tls('  min_versoin: TLS13\n'));
    await expect(ask()).rejects.toThrow();
    expect((await ask({ agent })).status).toBe(500);
    put('basic_auth_users: {}\n');
    await expect(ask()).rejects.toThrow();
    expect((await ask({ agent })).status).toBe(500);
    const told = log.lines.filter(({ level }) => level === 'error').map(({ fields }) => fields['problems']);
    expect(told).toEqual([
      `${file}:4:3 tls_server_config.min_versoin: unknown key; did you mean min_version?`,
      `${file}: tls_server_config is gone; TLS is not switched off without a restart`,
    ]);
    put(tls());
    expect((await ask()).status).toBe(200);
    agent.destroy();
  });

  it('closes connections and refuses requests while users are gone, and says so once', async () => {
    own(first);
    const users = `basic_auth_users: {ann: ${hashSync('secret', 4)}}\n`;
    await start(tls() + users);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const auth = 'ann:secret';
    expect((await ask({ agent, auth })).status).toBe(200);
    put(tls());
    expect((await ask({ agent, auth })).status).toBe(500);
    await expect(ask({ auth })).rejects.toThrow();
    await expect(ask()).rejects.toThrow();
    const told = log.lines.filter(({ level }) => level === 'error').map(({ fields }) => fields['problems']);
    expect(told).toEqual([`${file}: basic_auth_users is gone; passwords are not switched off without a restart`]);
    put(tls() + users);
    expect([(await ask()).status, (await ask({ auth })).status]).toEqual([401, 200]);
    agent.destroy();
  });

  it('finishes an answer under way when it is closed, and keeps no idle connection', async () => {
    own(first);
    let begin = (): void => undefined;
    let finish = (): void => undefined;
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let asked = 0;
    await start(tls(), async (request) => {
      asked += 1;
      if (asked === 2) {
        begin();
        await finished;
      }
      return here(request);
    });
    const agent = new Agent({ keepAlive: true });
    await ask({ agent });
    const answer = ask();
    await begun;
    const closed = server!.close(60_000);
    finish();
    expect(await answer).toMatchObject({ status: 200, body: 'here\n' });
    await closed;
    agent.destroy();
  });

  it.each([
    ['no such file', 'cert_file: gone.pem', 'key_file: own.key', /cert_file \(\/.*gone\.pem\) cannot be read: ENOENT$/],
    ['no certificate', 'cert_file: own.key', 'key_file: own.key', /cert_file \(.*\) has no certificate in PEM form$/],
    ['no key', 'cert_file: own.pem', 'key_file: own.pem', /key_file \(.*\) has no private key in PEM form$/],
    ['a directory', 'cert_file: .', 'key_file: own.key', /cert_file \(.*\) is not a regular file$/],
  ])('does not start with %s', async (_, cert, key, message) => {
    own(first);
    const started = await start(`tls_server_config:\n  ${cert}\n  ${key}\n`);
    expect(started).toMatchObject({ ok: false, miss: { reader: 'web config', source: file } });
    expect(started.ok ? '' : started.miss.detail).toMatch(message);
  });

  it('takes certificate and key written into the file', async () => {
    const inline = (pem: string) => readFileSync(pem, 'utf8').trimEnd().replaceAll('\n', '\n    ');
    await start(`tls_server_config:\n  cert: |\n    ${inline(second.cert)}\n  key: |\n    ${inline(second.key)}\n`);
    expect((await ask()).server).toBe('second');
  });

  it('keeps to versions, suites and curves', async () => {
    own(first);
    await start(tls('  max_version: TLS12\n  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]\n'));
    expect(await ask()).toMatchObject({ protocol: 'TLSv1.2', cipher: 'ECDHE-ECDSA-AES256-GCM-SHA384' });
    await expect(ask({ ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' })).rejects.toThrow();
    put(tls('  min_version: TLS13\n  curve_preferences: [CurveP384]\n'));
    expect(await ask()).toMatchObject({ protocol: 'TLSv1.3' });
    await expect(ask({ maxVersion: 'TLSv1.2' })).rejects.toThrow();
    await expect(ask({ ecdhCurve: 'X25519' })).rejects.toThrow();
    // As in Go, the list is not about TLS 1.3.
    put(tls('  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]\n'));
    expect(await ask()).toMatchObject({ protocol: 'TLSv1.3' });
  });

  it('shows out who speaks plain HTTP or nothing, and closes with a handshake under way', async () => {
    own(first);
    await start(tls());
    const { port } = server!.addresses[0]!;
    const ended = (said: string) =>
      new Promise<void>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => socket.write(said));
        socket.on('error', () => undefined);
        socket.resume();
        socket.on('close', () => {
          resolve();
        });
      });
    await Promise.all([ended('GET / HTTP/1.1\r\nHost: a\r\n\r\n'), ended('')]);
    const waiting = ended('');
    expect((await ask()).status).toBe(200);
    await server!.close(0);
    await waiting;
  });
});

describe.skipIf(!possible)('what clients must show', () => {
  const policy = (type: string, more = ''): string =>
    tls(`  client_auth_type: ${type}\n  client_ca_file: a/ca.pem\n${more}`);
  const outcome = async (options: RequestOptions): Promise<string> =>
    ask({ ...options, ca: ca() }).then(
      ({ status }) => String(status),
      () => 'ended',
    );
  const who = async (): Promise<Record<string, string>> => ({
    nobody: await outcome({}),
    scraper: await outcome(as(scraper)),
    stranger: await outcome(as(strangers)),
    // Of the right authority, and for servers only.
    server: await outcome(as(second)),
  });
  const all = { nobody: '200', scraper: '200', stranger: '200', server: '200' };

  it.each([
    ['RequestClientCert', all],
    ['RequireAnyClientCert', { ...all, nobody: 'ended' }],
    ['RequireClientCert', { ...all, nobody: 'ended' }],
    ['VerifyClientCertIfGiven', { ...all, stranger: 'ended', server: 'ended' }],
    ['RequireAndVerifyClientCert', { nobody: 'ended', scraper: '200', stranger: 'ended', server: 'ended' }],
  ])('%s', async (type, expected) => {
    own(first);
    await start(policy(type));
    expect(await who()).toEqual(expected);
    // TLS 1.2 tells the client before its handshake is done, 1.3 after.
    put(policy(type, '  max_version: TLS12\n'));
    expect(await who()).toEqual(expected);
  });

  it('asks differently from one connection to the next', async () => {
    own(first);
    await start(tls());
    expect(await outcome({})).toBe('200');
    put(policy('RequireAndVerifyClientCert'));
    expect(await outcome({})).toBe('ended');
    put(tls());
    expect(await outcome({})).toBe('200');
  });

  it.each(['scraper.example', 'spiffe://a/b', '::1'])('lets in who has the name %s', async (name) => {
    own(first);
    await start(policy('RequireAndVerifyClientCert', `  client_allowed_sans: ['${name}']\n`));
    expect(await outcome(as(scraper))).toBe('200');
    put(policy('RequireAndVerifyClientCert', "  client_allowed_sans: ['example', 'scraper.example.org']\n"));
    expect(await outcome(as(scraper))).toBe('ended');
  });
});
