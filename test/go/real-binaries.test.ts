import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBuildInfo } from '../../src/go/build-info.ts';
import { findLinkedHandlers } from '../../src/go/linked-handlers.ts';
import type { BuildInfo } from '../../src/go/types.ts';
import { parseGoVersion } from '../../src/go/version.ts';
import { strictReadAt } from './elf-image.ts';

const ENVIRONMENT = {
  ...process.env,
  GOTOOLCHAIN: 'local',
  GOPROXY: 'off',
  GOFLAGS: '-mod=mod',
  CGO_ENABLED: '0',
  GOWORK: 'off',
};
const toolchain = spawnSync('go', ['env', 'GOVERSION'], { env: ENVIRONMENT, encoding: 'utf8' });
const goVersion = toolchain.status === 0 ? toolchain.stdout.trim() : undefined;
const minor = goVersion === undefined ? 0 : (parseGoVersion(goVersion)?.minor ?? 0);

const SERVER =
  'package main\n\nimport (\n\t_ "expvar"\n\t"net/http"\n\t_ "net/http/pprof"\n)\n\nfunc main() { _ = http.ListenAndServe("127.0.0.1:0", nil) }\n';
const PLAIN = 'package main\n\nfunc main() { println("hello") }\n';

describe.skipIf(minor < 25)(`binaries built by ${goVersion ?? 'a go toolchain, of which there is none here'}`, () => {
  let folder = '';
  const build = (name: string, module: string, flags: readonly string[]) => {
    execFileSync('go', ['build', '-o', join(folder, name), ...flags, '.'], {
      cwd: join(folder, module),
      env: ENVIRONMENT,
      stdio: 'pipe',
    });
  };
  const open = (name: string) => {
    const file = readFileSync(join(folder, name));
    return {
      info: readBuildInfo(strictReadAt(file), file.length, name),
      handlers: findLinkedHandlers(strictReadAt(file), file.length, name),
      file,
    };
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cgopher-go-'));
    for (const [module, source, line] of [
      ['server', SERVER, '1.24'],
      ['plain', PLAIN, '1.25'],
    ] as const) {
      mkdirSync(join(folder, module));
      writeFileSync(join(folder, module, 'go.mod'), `module example.com/${module}\n\ngo ${line}\n`);
      writeFileSync(join(folder, module, 'main.go'), source);
    }
    build('default', 'server', []);
    build('stripped', 'server', ['-ldflags', '-s -w']);
    build('pie', 'server', ['-buildmode=pie']);
    build('small', 'plain', ['-trimpath', '-tags', 'a b']);
  }, 600_000);

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(['default', 'stripped', 'pie'])('reads %s', (name) => {
    const { info, handlers } = open(name);
    expect(handlers).toEqual({ ok: true, value: { pprof: true, expvar: true, promhttp: false } });
    if (!info.ok) throw new Error(info.miss.detail);
    const value: BuildInfo = info.value;
    expect(value.goVersion.text).toBe(goVersion);
    expect(value.path).toBe('example.com/server');
    expect(value.main).toEqual({ path: 'example.com/server', version: '(devel)', replacedBy: undefined });
    expect(value.settings.get('-ldflags')).toBe(name === 'stripped' ? '-s -w' : undefined);
    expect(value.settings.get('-buildmode')).toBe(name === 'pie' ? 'pie' : 'exe');
    expect(value.settings.get('CGO_ENABLED')).toBe('0');
    // The go line says 1.24, so the linker wrote what that turns off.
    expect(value.defaultGodebug.get('containermaxprocs')).toBe('0');
  });

  it('reads a program with nothing linked and a go line that changes nothing', () => {
    const { info, handlers } = open('small');
    expect(handlers).toEqual({ ok: true, value: { pprof: false, expvar: false, promhttp: false } });
    if (!info.ok) throw new Error(info.miss.detail);
    expect(info.value.defaultGodebug.has('containermaxprocs')).toBe(false);
    expect(info.value.settings.get('-trimpath')).toBe('true');
    expect(info.value.settings.get('-tags')).toBe('a,b');
  });

  it.each(['stripped', 'pie'])('reads %s without its section headers', (name) => {
    const file = Buffer.from(open(name).file);
    file.fill(0, 40, 48);
    file.fill(0, 58, 64);
    expect(readBuildInfo(strictReadAt(file), file.length)).toEqual(open(name).info);
    expect(findLinkedHandlers(strictReadAt(file), file.length)).toEqual(open(name).handlers);
  });

  it('reads the same settings as go version -m', () => {
    const printed = execFileSync('go', ['version', '-m', join(folder, 'default')], {
      env: ENVIRONMENT,
      encoding: 'utf8',
    });
    const expected = [...printed.matchAll(/^\tbuild\t([^=\n]+)=(.*)$/gm)].map(([, key, value]) => [key, value]);
    const { info } = open('default');
    expect(info.ok && [...info.value.settings]).toEqual(expected);
    expect(expected.length).toBeGreaterThan(5);
  });
});
