import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashSync } from 'bcryptjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseWebConfig } from '../../src/config/web-config.ts';
import { type HttpHandler, type RunningServer, startServer } from '../../src/io/http-server.ts';
import { WebConfigFile } from '../../src/io/web-config-file.ts';
import { recordingLogger } from '../agent/recording-logger.ts';

const HASH = hashSync('secret', 4);
let directory = '';
let file = '';
let server: RunningServer | undefined;
let asked: string[] = [];
let log: ReturnType<typeof recordingLogger>;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'web-guard-'));
  file = join(directory, 'web.yml');
  asked = [];
  log = recordingLogger();
});
afterEach(async () => {
  await server?.close(0);
  server = undefined;
  rmSync(directory, { recursive: true });
});

const put = (text: string): void => {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
};
async function start(text: string): Promise<void> {
  put(text);
  const started = await startServer({
    addresses: ['127.0.0.1:0'],
    routes: new Map<string, HttpHandler>([
      [
        '/',
        ({ url }) => {
          asked.push(url.pathname);
          return { status: 200, contentType: 'text/html', body: 'page', headers: { 'content-security-policy': 'own' } };
        },
      ],
      ['/-/healthy', () => ({ status: 200, contentType: 'text/plain', body: 'healthy\n' })],
    ]),
    logger: log.logger,
    web: new WebConfigFile(file, parseWebConfig),
  });
  if (!started.ok) throw new Error(started.miss.detail);
  server = started.value;
}
const get = (path: string, credentials?: string, init: RequestInit = {}) =>
  fetch(server!.addresses[0]!.url + path, {
    ...init,
    headers: credentials === undefined ? {} : { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
  });

describe('users', () => {
  it('are asked for everywhere: probes, paths that are not there, other methods', async () => {
    await start(`basic_auth_users: {ann: ${HASH}}\n`);
    for (const path of ['/', '/-/healthy', '/nothing']) {
      const answer = await get(path);
      expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
        401,
        'Basic realm="cgopher", charset="UTF-8"',
      ]);
    }
    expect((await get('/', undefined, { method: 'POST' })).status).toBe(401);
    expect((await get('/', 'ann:wrong')).status).toBe(401);
    expect((await get('/', 'eve:secret')).status).toBe(401);
    expect(asked).toEqual([]);
    expect((await get('/', 'ann:secret')).status).toBe(200);
    expect((await get('/-/healthy', 'ann:secret')).status).toBe(200);
    expect((await get('/nothing', 'ann:secret')).status).toBe(404);
    expect(asked).toEqual(['/']);
  });

  it('are those of the file as it is now', async () => {
    await start('{}\n');
    expect((await get('/')).status).toBe(200);
    put(`basic_auth_users: {ann: ${HASH}}\n`);
    expect((await get('/')).status).toBe(401);
    expect((await get('/', 'ann:secret')).status).toBe(200);
    put(`basic_auth_users: {bob: ${HASH}}\n`);
    expect((await get('/', 'ann:secret')).status).toBe(401);
    expect((await get('/', 'bob:secret')).status).toBe(200);
  });
});

describe('users that are gone', () => {
  // In place, as a shell's redirection writes: the file is empty before it is full.
  it.each(['', 'null\n', '{}\n', 'basic_auth_users: {}\n'])('let nobody in: %j', async (text) => {
    await start(`basic_auth_users: {ann: ${HASH}}\n`);
    writeFileSync(file, text);
    for (const credentials of [undefined, 'ann:secret']) {
      const answer = await get('/', credentials);
      expect(answer.status).toBe(500);
      expect(await answer.text()).not.toContain(file);
    }
    expect(asked).toEqual([]);
    expect(log.lines.map(({ fields }) => fields['problems'])).toEqual([
      `${file}: basic_auth_users is gone; passwords are not switched off without a restart`,
    ]);
    put(`basic_auth_users: {ann: ${HASH}}\n`);
    expect((await get('/')).status).toBe(401);
    expect((await get('/', 'ann:secret')).status).toBe(200);
  });

  it('let nobody in when they came while running', async () => {
    await start('{}\n');
    put(`basic_auth_users: {ann: ${HASH}}\n`);
    expect((await get('/')).status).toBe(401);
    put('{}\n');
    expect((await get('/')).status).toBe(500);
  });
});

it('asks for a password when the only user has the name of what JavaScript objects inherit from', async () => {
  await start(`basic_auth_users: {__proto__: ${HASH}}\n`);
  expect((await get('/')).status).toBe(401);
  expect((await get('/', '__proto__:secret')).status).toBe(200);
});

describe('a file that goes bad', () => {
  it('is answered 500, told once, and good again when it is', async () => {
    await start('{}\n');
    put('basic_auth_user: {}\n');
    for (let times = 0; times < 3; times += 1) {
      const answer = await get('/');
      expect(answer.status).toBe(500);
      expect(await answer.text()).not.toContain(file);
    }
    rmSync(file);
    expect((await get('/')).status).toBe(500);
    put('{}\n');
    expect((await get('/')).status).toBe(200);
    put('basic_auth_user: {}\n');
    expect((await get('/')).status).toBe(500);
    const bad = `${file}:1:1 basic_auth_user: unknown key; did you mean basic_auth_users?`;
    expect(log.lines.map(({ fields }) => fields['problems'])).toEqual([bad, `${file}: cannot be read: ENOENT`, bad]);
  });

  it('says that TLS is not switched on while running, and goes on as before', async () => {
    await start('{}\n');
    put('tls_server_config: {cert_file: a, key_file: b}\n');
    expect((await get('/')).status).toBe(200);
    expect((await get('/')).status).toBe(200);
    expect(log.lines.map(({ fields }) => fields['problems'])).toEqual([
      `${file}: tls_server_config is new; TLS is not switched on without a restart`,
    ]);
  });
});

it('sends the headers of the file, and those of a page where it has its own', async () => {
  await start(
    `http_server_config:\n  headers:\n    Content-Security-Policy: default-src 'self'\n    X-Frame-Options: deny\n    Strict-Transport-Security: max-age=60\nbasic_auth_users: {ann: ${HASH}}\n`,
  );
  const sent = async (path: string, credentials?: string) => {
    const { headers } = await get(path, credentials);
    return ['content-security-policy', 'x-frame-options', 'strict-transport-security'].map((name) => headers.get(name));
  };
  expect(await sent('/', 'ann:secret')).toEqual(['own', 'deny', 'max-age=60']);
  expect(await sent('/-/healthy', 'ann:secret')).toEqual(["default-src 'self'", 'deny', 'max-age=60']);
  expect(await sent('/')).toEqual(["default-src 'self'", 'deny', 'max-age=60']);
});
