// node record.mjs DIR: runs IN the guest. Stores what the agent would read of a few workloads, at two instants:
//   DIR/a          everything; DIR/b only what differed from `a` when it was read
//   DIR/SNAPSHOT.json  { kernel, instants: { a, b } (Unix milliseconds), uptimeSeconds: { a, b }, workloads,
//                     links: { a, b }, logs: { a, b }, gone }
// `links` are symbolic links of proc/ (as text: some lead nowhere outside the guest), `logs` the names of the pods' log files,
// `gone` the files of `a` missing in `b`.
// In each tree: cgroup/, proc/, sys/, images/NAME (the .go.buildinfo section of the program NAME alone) and
// endpoints/PID/{pprof-index.html,metrics}. Between the two instants one container is made to grow until the kernel kills it.
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  writeFileSync,
} from 'node:fs';
import { get } from 'node:http';
import { release } from 'node:os';
import { basename, dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const SELECTED = [
  'demo-bad/gomaxprocs-above',
  'demo-good/gomaxprocs-above',
  'demo-bad/next-gc-beyond',
  'demo-bad/misses-ancestor',
  'demo-bad/cpu-throttled',
  'demo-bad/oom-killed',
  'monitoring/prometheus-0',
];
// Three controllers nobody here uses, with 25 files in each cgroup; and what is not for reading.
const LEFT_OUT = /^(hugetlb|rdma|misc)\.|^cgroup\.(kill|freeze)$|^memory\.reclaim$/;
const OF_SANDBOX = /^(cgroup\.(procs|controllers|events)|cpu\.(stat|max)|memory\.(current|max))$/;
const OF_PROCESS = [
  ...['stat', 'status', 'limits', 'cgroup', 'mountinfo', 'oom_score_adj'],
  ...['net/tcp', 'net/tcp6', 'net/fib_trie', 'net/if_inet6'],
];
const OF_NODE = [
  ...['stat', 'meminfo', 'uptime', 'pressure/cpu', 'pressure/memory', 'pressure/io', 'self/status'],
  ...['sys/vm/swappiness', 'sys/vm/overcommit_memory', 'sys/vm/panic_on_oom', 'sys/kernel/pid_max'],
  ...['sys/kernel/threads-max', 'sys/kernel/osrelease', 'sys/kernel/random/boot_id', 'sys/kernel/hostname'],
].map((name) => `proc/${name}`);
const OF_SYS = [
  'devices/system/cpu/online',
  'kernel/mm/transparent_hugepage/enabled',
  'kernel/mm/transparent_hugepage/khugepaged/max_ptes_none',
].map((name) => `sys/${name}`);
const CGROUPS = '/sys/fs/cgroup';

// The folders of the host that the guest sees carry its paths into mountinfo. Another name of the same length takes their place.
const { HARNESS, TARGETS, APPS, OUT, AGENT = '' } = process.env;
const hostPaths = [HARNESS, TARGETS, APPS, OUT, dirname(AGENT), dirname(process.execPath)]
  .filter((path) => path !== undefined && path.length > 8 && !path.startsWith('/usr/'))
  .sort((one, other) => other.length - one.length)
  .map((path, index) => [path, `/srv/${String.fromCharCode(97 + index)}`.padEnd(path.length, '-')]);
const neutral = (text) => hostPaths.reduce((kept, [path, name]) => kept.replaceAll(path, name), text);

function attempt(read) {
  try {
    return read();
  } catch {
    return undefined;
  }
}
const bytesOf = (path) => attempt(() => readFileSync(path));
const text = (url) =>
  new Promise((resolve) => {
    const request = get(url, { timeout: 20_000 }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (part) => (body += part));
      response.on('error', () => undefined);
      response.on('close', () => resolve(response.complete && response.statusCode === 200 ? body : undefined));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(undefined));
  });

/** The .go.buildinfo section of an ELF64 file, undefined without one. elf(5): e_shoff 40, e_shnum 60, e_shstrndx 62. */
function buildInfoSection(path) {
  const fd = openSync(path, 'r');
  const read = (offset, length) => {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(fd, bytes, 0, length, offset));
  };
  try {
    const head = read(0, 64);
    const count = head.readUInt16LE(60);
    const table = read(Number(head.readBigUInt64LE(40)), count * 64);
    const section = (index) => ({
      name: table.readUInt32LE(index * 64),
      offset: Number(table.readBigUInt64LE(index * 64 + 24)),
      size: Number(table.readBigUInt64LE(index * 64 + 32)),
    });
    const strings = section(head.readUInt16LE(62));
    const names = read(strings.offset, strings.size);
    for (let index = 0; index < count; index++) {
      const { name, offset, size } = section(index);
      if (names.toString('latin1', name, names.indexOf(0, name)) === '.go.buildinfo') return read(offset, size);
    }
    return undefined;
  } finally {
    closeSync(fd);
  }
}

/** Paths of the cgroups to read: the pods, what is in them, and all above. */
function cgroupPaths(workloads) {
  const paths = new Map([['', /./]]);
  for (const { cgroup } of workloads) {
    const pod = dirname(cgroup);
    for (let at = pod; at !== '/'; at = dirname(at)) paths.set(at, /./);
    for (const entry of readdirSync(CGROUPS + pod, { withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      const path = `${pod}/${entry.name}`;
      paths.set(path, path === cgroup ? /./ : OF_SANDBOX);
    }
  }
  return [...paths].sort(([one], [other]) => (one < other ? -1 : 1));
}

function snapshot(workloads, paths) {
  const files = new Map();
  const links = {};
  const take = (name, path) => {
    const bytes = bytesOf(path);
    if (bytes !== undefined) files.set(name, Buffer.from(neutral(bytes.toString('latin1')), 'latin1'));
    return bytes;
  };
  const link = (name, path) => {
    const target = attempt(() => readlinkSync(path));
    if (target !== undefined) links[name] = neutral(target);
    return target;
  };
  const atMs = Date.now();
  const uptime = readFileSync('/proc/uptime', 'latin1').split(' ')[0];
  const pids = [];
  const chosen = new Set(workloads.map(({ cgroup }) => dirname(cgroup)));
  for (const [path, only] of paths) {
    for (const entry of readdirSync(CGROUPS + path, { withFileTypes: true })) {
      if (!entry.isFile() || LEFT_OUT.test(entry.name) || !only.test(entry.name)) continue;
      const bytes = take(`cgroup${path}/${entry.name}`, `${CGROUPS}${path}/${entry.name}`);
      if (entry.name === 'cgroup.procs' && chosen.has(dirname(path)))
        pids.push(...(bytes?.toString().match(/\d+/g) ?? []).map(Number));
    }
  }
  for (const name of [...OF_NODE, ...OF_SYS]) take(name, `/${name}`);
  link('proc/self/ns/net', '/proc/self/ns/net');
  for (const pid of pids) {
    const at = `proc/${pid}`;
    for (const name of OF_PROCESS) take(`${at}/${name}`, `/${at}/${name}`);
    const variables = bytesOf(`/${at}/environ`)?.toString('latin1').split('\0') ?? [];
    const kept = variables.filter((one) => /^GO[A-Z]+=/.test(one)).map((one) => `${one}\0`);
    files.set(`${at}/environ`, Buffer.from(kept.join(''), 'latin1'));
    link(`${at}/ns/net`, `/${at}/ns/net`);
    for (const fd of attempt(() => readdirSync(`/${at}/fd`)) ?? []) {
      const target = attempt(() => readlinkSync(`/${at}/fd/${fd}`));
      if (target?.startsWith('socket:')) links[`${at}/fd/${fd}`] = target;
    }
    const exe = link(`${at}/exe`, `/${at}/exe`);
    if (exe !== undefined && !files.has(`images/${basename(exe)}`)) {
      const section = attempt(() => buildInfoSection(`/${at}/exe`)) ?? Buffer.alloc(0);
      files.set(`images/${basename(exe)}`, Buffer.from(neutral(section.toString('latin1')), 'latin1'));
    }
  }
  const logs = workloads.flatMap(({ namespace, pod, podUid }) => {
    const directory = `${namespace}_${pod}_${podUid}`;
    return readdirSync(`/var/log/pods/${directory}`).flatMap((container) =>
      readdirSync(`/var/log/pods/${directory}/${container}`).map((log) => `${directory}/${container}/${log}`),
    );
  });
  return { atMs, uptimeSeconds: Number(uptime), files, links, logs };
}

/** Adds what the programs say themselves. Of the metrics only the runtime's: Prometheus has a hundred KB of its own. */
async function withEndpoints(shot, workloads) {
  for (const { cgroup, url } of workloads) {
    const pid = shot.files.get(`cgroup${cgroup}/cgroup.procs`)?.toString().match(/\d+/)?.[0];
    const index = await text(`${url}/debug/pprof/`);
    const metrics = (await text(`${url}/metrics`))?.match(/^(# (HELP|TYPE) )?(go|process)_.*\n/gm)?.join('');
    if (pid === undefined) continue;
    if (index !== undefined) shot.files.set(`endpoints/${pid}/pprof-index.html`, Buffer.from(index));
    if (metrics !== undefined) shot.files.set(`endpoints/${pid}/metrics`, Buffer.from(metrics));
  }
}

const directory = process.argv[2];
const write = (name, content) => {
  mkdirSync(dirname(`${directory}/${name}`), { recursive: true });
  writeFileSync(`${directory}/${name}`, content);
};
const expected = JSON.parse(readFileSync('/run/cgopher/expected.json', 'utf8')).workloads;
const workloads = expected.filter(({ namespace, pod }) => SELECTED.includes(`${namespace}/${pod}`));
const paths = cgroupPaths(workloads);
const a = snapshot(workloads, paths);
await withEndpoints(a, workloads);
await text(readFileSync('/run/cgopher/grow', 'utf8').trim());
await sleep(Math.max(0, a.atMs + 8000 - Date.now()));
const b = snapshot(workloads, paths);
await withEndpoints(b, workloads);

for (const [name, bytes] of a.files) write(`a/${name}`, bytes);
for (const [name, bytes] of b.files) if (a.files.get(name)?.equals(bytes) !== true) write(`b/${name}`, bytes);
const told = {
  kernel: release(),
  instants: { a: a.atMs, b: b.atMs },
  uptimeSeconds: { a: a.uptimeSeconds, b: b.uptimeSeconds },
  workloads: workloads.map(({ namespace, pod, container, cgroup, url }) => ({
    namespace,
    pod,
    container,
    cgroup,
    url,
  })),
  links: { a: a.links, b: b.links },
  logs: { a: a.logs, b: b.logs },
  gone: [...a.files.keys()].filter((name) => !b.files.has(name)),
};
write('SNAPSHOT.json', `${JSON.stringify(told, null, 1)}\n`);
