// node values.mjs OUT.json: runs IN the guest right before and right after the agent looks. For every workload of
// /run/cgopher/expected.json it stores what the kernel and the program itself say at that moment, as raw text:
//   { atMs, workloads: { <cgroup>: { files: { <name>: text }, startTicks, metrics } } }
// A value the agent reports must lie between the two (counters), or equal both (limits and settings).
import { readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';

const files = [
  'cpu.stat',
  'cpu.max',
  'memory.current',
  'memory.peak',
  'memory.max',
  'memory.events',
  'pids.current',
  'cpu.pressure',
  'memory.pressure',
  'io.pressure',
];

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

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

async function values(workload) {
  const { cgroup, pid, url, serves } = workload;
  const metrics = url !== undefined && serves === 'metrics' ? await text(`${url}/metrics`) : undefined;
  // Field 22 counts from the state, which follows the last parenthesis of the name.
  const stat = pid === undefined ? undefined : read(`/proc/${pid}/stat`);
  const startTicks = stat === undefined ? undefined : Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  const texts = files.map((name) => [name, read(`/sys/fs/cgroup${cgroup}/${name}`)]);
  return [cgroup, { files: Object.fromEntries(texts), startTicks, metrics }];
}

const { workloads } = JSON.parse(readFileSync('/run/cgopher/expected.json', 'utf8'));
const found = await Promise.all(workloads.map(values));
writeFileSync(process.argv[2], JSON.stringify({ atMs: Date.now(), workloads: Object.fromEntries(found) }));
