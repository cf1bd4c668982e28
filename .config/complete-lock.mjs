// node .config/complete-lock.mjs: run it after changing dependencies.
// npm writes only those platform packages into the lock file that the registry at hand offers, and `npm ci` elsewhere then
// refuses the file. This adds the missing ones by name and version; packages of other platforms are never fetched.
import { readFileSync, writeFileSync } from 'node:fs';

const OS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const CPU = {
  arm64: 'arm64',
  x64: 'x64',
  ia32: 'ia32',
  arm: 'arm',
  'arm-eabi': 'arm',
  'arm-gnueabihf': 'arm',
  'arm-musleabihf': 'arm',
  ppc64: 'ppc64',
  riscv64: 'riscv64',
  s390x: 's390x',
  loong64: 'loong64',
  mips64el: 'mips64el',
};

/** `@scope/cli-linux-arm64-musl` says its own platform. Undefined for a name that does not (a WebAssembly fallback). */
function platformOf(name) {
  const parts = name.split('/').at(-1).split(/[-.]/);
  const at = parts.findIndex((part) => OS.includes(part));
  if (at < 0) return undefined;
  const rest = parts
    .slice(at + 1)
    .filter((part) => !['gnu', 'musl', 'msvc'].includes(part))
    .join('-');
  const cpu = CPU[rest];
  const libc = /musl/.test(name) ? { libc: ['musl'] } : /gnu/.test(name) ? { libc: ['glibc'] } : {};
  return cpu === undefined ? undefined : { os: [parts[at]], cpu: [cpu], ...libc };
}

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const added = [];
for (const [path, entry] of Object.entries(lock.packages)) {
  if (path === '') continue;
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const known = lock.packages[`${path}/node_modules/${name}`] ?? lock.packages[`node_modules/${name}`];
    if (known !== undefined) continue;
    const platform = platformOf(name);
    if (platform === undefined) {
      console.error(`${name}: its name does not tell its platform`);
      process.exitCode = 1;
      continue;
    }
    lock.packages[`node_modules/${name}`] = {
      version: version.replace(/^[\^~]/, ''),
      ...platform,
      ...(entry.dev === true ? { dev: true } : {}),
      optional: true,
    };
    added.push(name);
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
writeFileSync('package-lock.json', `${JSON.stringify(lock, undefined, 2)}\n`);
console.log(added.length === 0 ? 'nothing was missing' : `added ${added.length}: ${added.join(', ')}`);
