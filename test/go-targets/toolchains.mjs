// node toolchains.mjs VERSION...: prints { version: path of its go } as JSON, fetching Go toolchains as modules, which any go can
// do that knows modules: the one on PATH, else Debian's golang-go, unpacked (see ../guest/packages.sh). `path` is that go itself.
// Quiet when they are in the module cache already; one line on stderr a download. Exit 77: cannot be had here; why is on stderr.
import { spawnSync } from 'node:child_process';
import { accessSync, chmodSync, constants, existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';

/** Every minor version whose runtime cgopher can read, at its last patch level; the offset tables come from these. */
export const ALL_VERSIONS = [
  '1.17.13',
  '1.18.10',
  '1.19.13',
  '1.20.14',
  '1.21.13',
  '1.22.12',
  '1.23.12',
  '1.24.13',
  '1.25.14',
  '1.26.11',
  '1.27.4',
];

/** The few to test with where time matters: oldest common, before and after the container-aware scheduler, newest. */
export const DEFAULT_VERSIONS = ['1.19.13', '1.22.12', '1.25.14', '1.27.4', 'path'];

/** The machine cannot do it, for a reason that is nobody's mistake. */
export class CannotHere extends Error {}

const architecture = { x64: 'amd64', arm64: 'arm64' }[process.arch];

/** A go that is there already: on PATH, else Debian's. Throws CannotHere. */
export function findGo() {
  if (spawnSync('go', ['version']).status === 0) return 'go';
  const script = fileURLToPath(new URL('../guest/packages.sh', import.meta.url));
  const tree = spawnSync(script, ['golang'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (tree.status !== 0) throw new CannotHere('there is no go on PATH, and none can be had from Debian');
  const root = join(tree.stdout.trim(), 'usr/lib');
  const folder = readdirSync(root).find((name) => /^go-1\.\d+$/.test(name));
  if (folder === undefined) throw new CannotHere(`there is no go in ${root}`);
  return join(root, folder, 'bin/go');
}

/** { version, go }: `version` without the `go` in front; of `path`, what the go found says it is. Throws CannotHere. */
export function toolchain(version) {
  if (architecture === undefined || process.platform !== 'linux')
    throw new CannotHere(`needs Linux on amd64 or arm64, this is ${process.platform} on ${process.arch}`);
  const go = findGo();
  if (version === 'path') {
    const [name, root] = ask(go, ['env', 'GOVERSION', 'GOROOT']).split('\n');
    return { version: name.replace(/^go/, ''), go: join(root, 'bin/go') };
  }
  if (!/^1\.\d+(\.\d+)?$/.test(version)) throw new CannotHere(`not a Go version: ${version}`);
  const name = `v0.0.1-go${version}.linux-${architecture}`;
  const modules = ask(go, ['env', 'GOMODCACHE']);
  const folder = join(modules, `golang.org/toolchain@${name}`);
  // The .partial file is there while go unpacks.
  if (!existsSync(folder) || existsSync(join(modules, `cache/download/golang.org/toolchain/@v/${name}.partial`))) {
    process.stderr.write(`go targets: fetching the Go ${version} toolchain\n`);
    ask(go, ['mod', 'download', '-json', `golang.org/toolchain@${name}`]);
  }
  const tools = readdirSync(join(folder, 'pkg/tool'), { recursive: true, withFileTypes: true }).filter((file) =>
    file.isFile(),
  );
  for (const program of [join(folder, 'bin/go'), ...tools.map((file) => join(file.parentPath, file.name))])
    makeExecutable(program);
  return { version, go: join(folder, 'bin/go') };
}

/** Files of a module zip are not executable. */
function makeExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
  } catch {
    chmodSync(file, 0o555);
  }
}

/** Outside of any module, and without a change of toolchain. GOPROXY stays the user's. */
function ask(go, words) {
  const env = { ...process.env, GOTOOLCHAIN: 'local', GOWORK: 'off', GOFLAGS: '-mod=mod' };
  const run = spawnSync(go, words, { encoding: 'utf8', cwd: tmpdir(), env });
  if (run.status === 0) return run.stdout.trim();
  const reason = /"Error": "([^"]*)"/.exec(run.stdout ?? '')?.[1] ?? run.stderr?.trim() ?? run.error?.message;
  throw new CannotHere(`go ${words.join(' ')}: ${reason}`);
}

/** Runs `main`, and exits 77 where the machine cannot do it. */
export function runOrSkip(main) {
  main().catch((error) => {
    process.stderr.write(
      `go targets: ${error instanceof CannotHere ? `cannot run here: ${error.message}` : error.stack}\n`,
    );
    process.exit(error instanceof CannotHere ? 77 : 1);
  });
}

if (import.meta.filename === argv[1])
  runOrSkip(async () => {
    const found = argv.slice(2).map((version) => [version, toolchain(version).go]);
    process.stdout.write(`${JSON.stringify(Object.fromEntries(found), null, 2)}\n`);
  });
