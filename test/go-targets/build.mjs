// node build.mjs [--versions 1.27.4,path] [--variants default,stripped] [--programs probe,server]: builds the programs here with
// Go toolchains and prints [{ version, variant, program, path } | { version, variant, program, skipped: reason }] as JSON; progress
// goes to stderr. Without options: the default set, which is small. `all` is a list of versions, too.
// Cache: $CGOPHER_GO_TARGETS_CACHE, else ${XDG_CACHE_HOME:-~/.cache}/cgopher-go-targets, under a hash of the sources, the version
// and the variant. Exit 77: nothing at all can be built here.
import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { argv } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { ALL_VERSIONS, CannotHere, DEFAULT_VERSIONS, runOrSkip, toolchain } from './toolchains.mjs';

const here = import.meta.dirname;
const strip = '-ldflags=-s -w';

/** arm64 is for reading only: a program of another architecture does not run here. */
const VARIANTS = {
  default: { flags: [] },
  stripped: { flags: [strip] },
  pie: { flags: ['-buildmode=pie'] },
  piestripped: { flags: ['-buildmode=pie', strip] },
  cgo: { flags: [], cgo: true },
  cgostripped: { flags: [strip], cgo: true },
  arm64: { flags: [], architecture: 'arm64' },
  arm64stripped: { flags: [strip], architecture: 'arm64' },
};

/** What is built without options: every variant of probe, and the server where a test of endpoints needs it. */
const DEFAULT_SETS = [
  {
    versions: DEFAULT_VERSIONS,
    variants: ['default', 'stripped', 'pie', 'piestripped', 'cgo', 'cgostripped'],
    programs: ['probe'],
  },
  { versions: ['1.22.12', '1.27.4'], variants: ['default', 'stripped'], programs: ['server'] },
];

/** The default set, or one set of the caller's. Never throws for what this machine cannot build: that is `skipped`. */
export async function buildTargets(set) {
  const cache =
    process.env.CGOPHER_GO_TARGETS_CACHE ||
    join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'cgopher-go-targets');
  mkdirSync(cache, { recursive: true });
  const built = new Map();
  for (const { versions = DEFAULT_VERSIONS, variants = ['default'], programs = ['probe'] } of set
    ? [set]
    : DEFAULT_SETS) {
    for (const wanted of versions) {
      const compiler = attempt(() => toolchain(wanted));
      for (const program of programs) {
        for (const variant of variants) {
          const target = { version: compiler.version ?? wanted, variant, program };
          const key = Object.values(target).join(' ');
          if (!built.has(key)) built.set(key, { ...target, ...(await buildOne(cache, compiler, target)) });
        }
      }
    }
  }
  return [...built.values()];
}

function attempt(action) {
  try {
    return action();
  } catch (error) {
    if (error instanceof CannotHere) return { skipped: error.message };
    throw error;
  }
}

async function buildOne(cache, { go, version, skipped }, { variant, program }) {
  if (skipped !== undefined) return { skipped };
  if (VARIANTS[variant] === undefined) return { skipped: `there is no variant ${variant}` };
  const { flags, cgo = false, architecture } = VARIANTS[variant];
  if (cgo && spawnSync('gcc', ['--version']).status !== 0) return { skipped: 'there is no gcc' };
  const path = join(cache, `${program}-${version}-${variant}-${hashOf(version, variant)}`);
  if (existsSync(path)) return { path };
  return await alone(join(cache, 'lock'), async () => {
    if (existsSync(path)) return { path };
    process.stderr.write(`go targets: building ${program} ${variant} with Go ${version}\n`);
    const work = `${path}.${process.pid}`;
    const env = {
      ...process.env,
      GOTOOLCHAIN: 'local',
      GOPROXY: 'off',
      GOFLAGS: '-mod=mod',
      GOWORK: 'off',
      // Go 1.19 takes its own sources for a module's when they lie in the module cache.
      GOMODCACHE: join(cache, 'modules'),
      GOCACHE: join(cache, 'gocache'),
      CGO_ENABLED: cgo ? '1' : '0',
      ...(architecture === undefined ? {} : { GOARCH: architecture }),
    };
    const vcs = version.startsWith('1.17') ? [] : ['-buildvcs=false'];
    await promisify(execFile)(go, ['build', '-trimpath', ...vcs, ...flags, '-o', work, `./${program}`], {
      cwd: here,
      env,
    });
    renameSync(work, path);
    return { path };
  });
}

function hashOf(version, variant) {
  const hash = createHash('sha256')
    .update(`${version} ${variant}`)
    .update(readFileSync(import.meta.filename));
  const sources = readdirSync(here, { recursive: true })
    .map(String)
    .filter((name) => /\.go$|^go\.mod$/.test(name));
  for (const name of sources.sort()) hash.update(name).update(readFileSync(join(here, name)));
  return hash.digest('hex').slice(0, 16);
}

/** Test files start together and want the same programs: one of them builds. A lock whose process has ended is nobody's. */
async function alone(lock, action) {
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (!isHeld(lock)) rmSync(lock, { force: true });
      else await pause(200);
    }
  }
  try {
    return await action();
  } finally {
    rmSync(lock, { force: true });
  }
}

function isHeld(lock) {
  try {
    const owner = Number(readFileSync(lock, 'utf8'));
    // Empty for the moment between its making and its writing.
    return owner === 0 || owner === process.pid || existsSync(`/proc/${owner}`);
  } catch {
    return false;
  }
}

if (import.meta.filename === argv[1])
  runOrSkip(async () => {
    const list = { type: 'string' };
    const { values } = parseArgs({ options: { versions: list, variants: list, programs: list } });
    const set = Object.fromEntries(Object.entries(values).map(([name, words]) => [name, words.split(',')]));
    if (set.versions?.includes('all')) set.versions = ALL_VERSIONS;
    const targets = await buildTargets(Object.keys(set).length === 0 ? undefined : set);
    process.stdout.write(`${JSON.stringify(targets, null, 2)}\n`);
    if (targets.every((target) => target.path === undefined))
      throw new CannotHere(targets[0]?.skipped ?? 'nothing to build');
  });
