// node build-targets.mjs: builds the Go program in target/ in every variant the toolchain can make and prints, as JSON,
// { goVersion, variants: [{ name, goLine, stripped, path } | { name, goLine, stripped, skipped: reason }] }.
// Toolchain: the `go` on PATH, else Debian's golang-go, unpacked (not installed) into the cache. Nothing is fetched for
// the build itself. Results are kept in the cache under a hash of the sources, this file and the toolchain's version.
// Exit 77: there is no toolchain and none can be had here; the reason is on stderr.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const here = import.meta.dirname;
const source = join(here, 'target');
const files = ['go.mod', 'aware.mod', 'main.go', 'faults.go', 'metrics.go'];
const cache =
  process.env.CGOPHER_GUEST_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'cgopher-guest');

/** `since` is the Go minor version that first understands the variant's go line. */
const variants = [
  { name: 'plain', goLine: '1.21', stripped: false, modfile: 'go.mod', since: 0 },
  { name: 'plain-stripped', goLine: '1.21', stripped: true, modfile: 'go.mod', since: 0 },
  { name: 'aware', goLine: '1.25', stripped: false, modfile: 'aware.mod', since: 25 },
  { name: 'aware-stripped', goLine: '1.25', stripped: true, modfile: 'aware.mod', since: 25 },
];

function findGo() {
  if (spawnSync('go', ['version']).status === 0) return 'go';
  const tree = spawnSync(join(here, 'packages.sh'), ['golang'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (tree.status !== 0) process.exit(tree.status ?? 1);
  return execFileSync('sh', ['-c', 'ls -d "$0"/usr/lib/go-1.*/bin/go | tail -n 1', tree.stdout.trim()], {
    encoding: 'utf8',
  }).trim();
}

const go = findGo();
const environment = {
  ...process.env,
  GOTOOLCHAIN: 'local',
  GOPROXY: 'off',
  GOFLAGS: '-mod=mod',
  GOWORK: 'off',
  CGO_ENABLED: '0',
  GOCACHE: join(cache, 'gocache'),
};
const goVersion = execFileSync(go, ['env', 'GOVERSION'], { env: environment, encoding: 'utf8' }).trim();
const minor = Number(/^go1\.(\d+)/.exec(goVersion)?.[1] ?? Number.NaN);
const hash = createHash('sha256').update(goVersion);
for (const file of [...files.map((name) => join(source, name)), import.meta.filename]) hash.update(readFileSync(file));
const out = join(cache, `targets-${hash.digest('hex').slice(0, 16)}`);

function build(into) {
  for (const { name, modfile, stripped, since } of variants) {
    if (!(minor >= since)) continue;
    process.stderr.write(`guest: building the ${name} Go program with ${goVersion}\n`);
    const flags = ['-trimpath', '-buildvcs=false', `-modfile=${modfile}`, ...(stripped ? ['-ldflags=-s -w'] : [])];
    execFileSync(go, ['build', ...flags, '-o', join(into, name), '.'], {
      cwd: source,
      env: environment,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  }
}

if (!existsSync(out)) {
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'build.'));
  try {
    build(work);
    if (!existsSync(out)) renameSync(work, out);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
const result = variants.map(({ name, goLine, stripped, since }) =>
  minor >= since
    ? { name, goLine, stripped, path: join(out, name) }
    : { name, goLine, stripped, skipped: `needs Go 1.${since}, this is ${goVersion}` },
);
process.stdout.write(`${JSON.stringify({ goVersion, folder: out, variants: result }, null, 2)}\n`);
