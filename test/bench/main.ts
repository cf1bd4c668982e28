import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { arrival } from './arrival.ts';
import type { Bench } from './bench.ts';
import { composing } from './composing.ts';
import { cycle } from './cycle.ts';
import { openGoEndpoint } from './go-endpoint.ts';
import { memory } from './memory.ts';
import { shown } from './numbers.ts';
import { parsing } from './parsing.ts';
import { poll } from './poll.ts';
import { reading } from './reading.ts';
import { makeRealTree, removeDirectories } from './real-tree.ts';
import { start } from './start.ts';
import { makeSyntheticNode } from './synthetic-node.ts';
import { judgedOf, type Row, tableText, verdictOf } from './table.ts';
import { benchWorkloads, containerPaths, podPaths } from './workloads.ts';

const PARTS: readonly (readonly [name: string, what: string, run: (bench: Bench) => void | Promise<void>])[] = [
  ['read', 'control files read and parsed, against C and the usual ways', reading],
  ['parse', 'parsers alone', parsing],
  ['compose', 'exposition, against prom-client', composing],
  ['cycle', 'whole cycles and memory, a thousand of them', cycle],
  ['start', 'start to ready', start],
  ['arrive', 'new containers, and pods that come and go', arrival],
  ['poll', 'the cost of a poll to a Go program', poll],
  ['memory', 'runtimes read from memory', memory],
];

const [scratch = '', sources = '', program = '', ...flags] = process.argv.slice(2);
const only = flags
  .find((flag) => flag.startsWith('--only='))
  ?.slice('--only='.length)
  .split(',');
const begin = performance.now();
const say = (text: string): void => {
  process.stderr.write(`${((performance.now() - begin) / 1000).toFixed(0).padStart(4)} s  ${text}\n`);
};

/** Another Node, through the package registry, into the scratch directory. */
function fetchNode(version: string): string | undefined {
  try {
    const args = ['-y', '-p', `node@${version}`, 'node', '-p', 'process.execPath'];
    const env = { ...process.env, npm_config_cache: join(scratch, 'npm') };
    return execFileSync('npx', args, {
      encoding: 'utf8',
      env,
      cwd: scratch,
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    say(`Node ${version} cannot be had: left out`);
    return undefined;
  }
}

const rows: Row[] = [];
const cleanUps: (() => void)[] = [];
const cleanUp = (): void => {
  for (const undo of cleanUps.splice(0).reverse()) {
    try {
      undo();
    } catch (error) {
      say(`left behind: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
};
process.once('exit', cleanUp);
for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)
  process.once(signal, () => {
    process.exit(status);
  });

const running = benchWorkloads();
const containers = containerPaths(running);
const pods = podPaths(running);
const endpoint = await openGoEndpoint(running[0]);
say(`a node of ${pods.length} pods, ${containers.length} containers is made`);
const node = makeSyntheticNode(running, endpoint.port);
cleanUps.push(() => {
  node.remove();
});
const real = makeRealTree(containers);
if ('root' in real)
  cleanUps.push(() => {
    removeDirectories(real.root);
  });
else say(`no real cgroups: ${real.why}`);
const bench: Bench = {
  scratch,
  sources,
  program,
  node,
  realRoot: 'root' in real ? real.root : undefined,
  running,
  containers,
  pods,
  otherNode: flags.includes('--node24') ? fetchNode('24') : undefined,
  row: (row) => {
    rows.push(row);
    const slower =
      row.slowness === undefined ? '' : ` = ${shown(judgedOf(row))} on a machine ${shown(row.slowness)} times slower`;
    const note = row.note === undefined ? '' : `  (${row.note})`;
    say(`   ${verdictOf(row).padEnd(6)} ${row.what}: ${shown(row.measured)} ${row.unit}${slower}${note}`);
  },
  say,
};
for (const [name, what, run] of PARTS) {
  if (only !== undefined && !only.includes(name)) continue;
  say(`${name}: ${what}`);
  await run(bench);
}
await endpoint.close();
cleanUp();
const over = rows.filter((row) => verdictOf(row) === 'LIMIT');
process.stdout.write(`\n${tableText(rows)}\n`);
process.stdout.write(
  '\nTimes are judged after division by how much slower than where the goals come from the machine was beside them.\n',
);
if (over.length > 0) process.stdout.write(`\n${over.length} over the limit that fails a check\n`);
if (over.length > 0 && process.env['BENCH_ENFORCE'] === '1') process.exitCode = 1;
