// node settle.mjs: runs IN the guest next to scenarios.sh. Reads the workloads as they are started, waits until every one
// has a process and answers on its port, and writes /run/cgopher/expected.json:
//   { kernel, cpus, workloads: [{ kind, namespace, pod, container, podUid, containerId, qos, cgroup, processCgroup, url,
//     serves, go, restarts, fires: [], silent: [], may: [], pid, readyMs }] }
// `cgroup` is the container's, `processCgroup` where its processes are (deeper with crun); `pid` is the node's; a container
// with `restarts` gets another one each time it is killed (a GET of /grow on its url does that). Exit 1 with a list when something did not come up in time.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { availableParallelism, release } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const state = '/run/cgopher';
const limitMs = Number(process.env.SETTLE_SECONDS ?? 90) * 1000;
const started = Date.now();
const list = (text) => (text === '' ? [] : text.split(','));

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function workload(line) {
  const { ip, port, pid, go, restarts, fires, silent, may, ...rest } = JSON.parse(line);
  const filled = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== ''));
  const url = port === '' ? undefined : `http://${ip}:${port}`;
  const known = pid === '' ? {} : { pid: Number(pid) };
  const flags = {
    go: go === 'yes',
    restarts: restarts === 'yes',
    fires: list(fires),
    silent: list(silent),
    may: list(may),
  };
  return { ...filled, url, ...flags, ...known };
}

/** HTTP status of a GET, undefined when nobody answered. */
const status = (url) =>
  new Promise((resolve) => {
    const request = get(url, { timeout: 5000 }, (response) => {
      response.resume();
      response.on('error', () => undefined);
      // Also told where an answer breaks off: a promise that nothing settles ends this program in silence.
      response.on('close', () => resolve(response.complete ? response.statusCode : undefined));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(undefined));
  });

/** What is still missing, undefined when nothing is. */
async function lacks(one) {
  const cgroup = `/sys/fs/cgroup${one.processCgroup}`;
  const program = read(`${cgroup}/cgroup.procs`)
    .split('\n')
    .map(Number)
    .filter((pid) => pid > 0)
    .sort((a, b) => a - b)[0];
  if (program === undefined) return 'no process';
  // A service shares its cgroup with others, as containerd does with its shims: its pid is known from its start.
  one.pid ??= program;
  if (read(`/proc/${one.pid}/stat`) === '') return `process ${one.pid} is gone`;
  if (one.url === undefined) return undefined;
  const answer = await status(`${one.url}${one.serves === 'metrics' ? '/metrics' : '/debug/pprof/'}`);
  return answer === 200 ? undefined : `${one.url} answers ${answer ?? 'nothing'}`;
}

/** Asks again and again until nothing is missing; false when time is up. */
async function settled(one) {
  for (;;) {
    const missing = await lacks(one);
    one.readyMs = Date.now() - started;
    if (missing === undefined) return true;
    if (one.readyMs > limitMs) {
      process.stderr.write(`guest: ${one.namespace ?? ''}/${one.pod ?? one.cgroup}: ${missing}\n`);
      return false;
    }
    await sleep(400);
  }
}

const workloads = [];
const waits = [];
for (let complete = false; !complete && Date.now() - started < limitMs; await sleep(200)) {
  const lines = read(`${state}/workloads.ndjson`).split('\n').slice(0, -1);
  complete = lines.at(-1) === 'end';
  for (const line of lines.slice(workloads.length, complete ? -1 : undefined)) {
    const one = workload(line);
    workloads.push(one);
    waits.push(settled(one));
  }
}
const ok = (await Promise.all(waits)).every(Boolean);
process.stderr.write(read(`${state}/errors`));
const expected = {
  kernel: release(),
  cpus: availableParallelism(),
  logs: readdirSync('/var/log/pods').length,
  workloads,
};
writeFileSync(`${state}/expected.json`, `${JSON.stringify(expected, null, 1)}\n`);
process.exit(ok ? 0 : 1);
