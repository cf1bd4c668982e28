import { execFile } from 'node:child_process';
import { accessSync, constants, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A program that its authors give out as Go source. */
export interface GoProgram {
  readonly name: string;
  /** The package with its version, as `go install` takes it. */
  readonly source: string;
  /** The oldest Go that builds it: `1.26`. */
  readonly minimumGo: string;
  /** Variables its authors set when they link it. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** Used where the Go that is there is too old. */
const NEWEST_GO = '1.27.4';

/** Long enough for a machine that is busy with other things. Alone, two cores take two to three minutes. */
const BUILD_TIMEOUT_MS = 20 * 60_000;

/** The version of a program that the tests are written for: `v3.22.0`. */
export function versionOf(program: GoProgram): string {
  return program.source.split('@').at(-1) ?? '';
}

/**
 * Where a program is: on PATH unless just the version named will do (`exact`), else in a cache, else with CGOPHER_TOOLS=build built there through the Go
 * module proxy. Without that nothing is built, because it takes minutes: undefined then, so that what needs the program is skipped in plain sight.
 * A build that fails is an error.
 */
export async function goProgram(program: GoProgram, exact = false): Promise<string | undefined> {
  for (const directory of exact ? [] : (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(directory, program.name);
    if (directory !== '' && isExecutable(path)) return path;
  }
  const root = process.env['XDG_CACHE_HOME'];
  const cache = join(root === undefined || root === '' ? join(homedir(), '.cache') : root, 'cgopher-tools');
  const folder = join(cache, `${program.name}-${versionOf(program)}`);
  const cached = join(folder, program.name);
  if (isExecutable(cached)) return cached;
  if (process.env['CGOPHER_TOOLS'] === 'build') {
    await build(program, cache, folder);
    return cached;
  }
  console.warn(
    `skipped: what only the real ${program.name} can tell. It is neither on PATH nor in the cache; CGOPHER_TOOLS=build builds it once`,
  );
  return undefined;
}

/** Builds next to its place and moves there in one step: two runs may do this at the same time. */
async function build(program: GoProgram, cache: string, folder: string): Promise<void> {
  const go = await goFor(program.minimumGo);
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'build-'));
  try {
    console.warn(`building ${program.source}, once: this takes some minutes`);
    const variables = Object.entries(program.variables ?? {}).map(([name, value]) => ` -X ${name}=${value}`);
    await run(go, ['install', '-trimpath', `-ldflags=-s -w${variables.join('')}`, program.source], {
      cwd: work,
      env: { ...process.env, GOBIN: work, GOFLAGS: '-mod=mod', GOWORK: 'off', GOTOOLCHAIN: 'local', CGO_ENABLED: '0' },
      timeout: BUILD_TIMEOUT_MS,
      maxBuffer: 16 * 1024 * 1024,
    });
    renameSync(work, folder);
  } catch (error) {
    if (!isExecutable(join(folder, program.name))) throw error;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The go that is there when it is new enough, else the newest, fetched as a module. */
async function goFor(minimum: string): Promise<string> {
  const go = await toolchain('path');
  const { stdout } = await run(go, ['env', 'GOVERSION'], { env: { ...process.env, GOTOOLCHAIN: 'local' } });
  const [, minor = '0'] = /^go1\.(\d+)/.exec(stdout) ?? [];
  return Number(minor) >= Number(minimum.split('.')[1]) ? go : toolchain(NEWEST_GO);
}

/** The path of a Go: `path` for the one that is there, or a version. */
async function toolchain(wanted: string): Promise<string> {
  const script = fileURLToPath(new URL('../go-targets/toolchains.mjs', import.meta.url));
  const { stdout } = await run(process.execPath, [script, wanted], { timeout: BUILD_TIMEOUT_MS });
  const path = (JSON.parse(stdout) as Record<string, string>)[wanted];
  if (path === undefined) throw new Error(`no path of Go ${wanted}`);
  return path;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
