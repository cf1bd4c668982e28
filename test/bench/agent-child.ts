import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { addressResolver } from '../../src/agent/address-worker.ts';
import { Agent } from '../../src/agent/agent.ts';
import type { NodePaths } from '../../src/agent/paths.ts';
import { routes } from '../../src/agent/routes.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { program } from '../../src/cli/program.ts';
import { defaultConfig } from '../../src/config/config.ts';
import { startServer } from '../../src/io/http-server.ts';
import type { AgentState, CycleCost } from './agent-process.ts';
import { answerLines } from './coprocess.ts';
import { removeDirectories } from './real-tree.ts';
import { slowness } from './speed.ts';

/*
 * The agent as `cgopher agent` runs it, with its web server and all its code loaded, driven by lines on standard input: its own
 * timer would take hours for what is measured here. Argument: the paths as JSON.
 */

const [pathsText = '{}'] = process.argv.slice(2);
const paths = JSON.parse(pathsText) as NodePaths;
const config = defaultConfig();
const build = { version: 'bench', revision: 'bench' };
const agent = new Agent({
  paths,
  config,
  clock: systemClock,
  logger: silentLogger,
  resolver: addressResolver(undefined),
  build,
});
const server = await startServer({
  addresses: ['127.0.0.1:0'],
  routes: routes(agent, { telemetryPath: '/metrics', version: build.version, report: () => undefined }),
  logger: silentLogger,
});
// The command line is never parsed here, but its code belongs to the program whose memory is measured.
const commands = program({
  out: () => undefined,
  err: () => undefined,
  terminal: { columns: 80, color: false },
  stopped: new Promise(() => undefined),
  exit: () => undefined,
}).commands.length;
await agent.start();

const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });
const after = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
const cpuMs = (since?: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
};

/** Runs cycles, each followed by a scrape, and watches how long the event loop is kept from turning. */
async function cycles(count: number): Promise<CycleCost[]> {
  const costs: CycleCost[] = [];
  for (let done = 0; done < count; done++) {
    let longestMs = 0;
    let lastWall = performance.now();
    let last = process.cpuUsage();
    let watching = true;
    // On a busy machine a turn lasts long without working long, and other threads work beside it: the smaller figure is the loop's.
    const note = (): void => {
      longestMs = Math.max(longestMs, Math.min(performance.now() - lastWall, cpuMs(last)));
      lastWall = performance.now();
      last = process.cpuUsage();
    };
    const beat = (): void => {
      note();
      if (watching) setImmediate(beat);
    };
    setImmediate(beat);
    await turn();
    const begin = process.cpuUsage();
    await agent.cycle();
    const cycleMs = cpuMs(begin);
    await turn();
    const scrape = process.cpuUsage();
    const bytes = (await agent.metricsText()).length;
    const scrapeMs = cpuMs(scrape);
    await turn();
    watching = false;
    await turn();
    costs.push({ cycleMs, scrapeMs, longestMs, bytes, slowness: slowness() });
  }
  return costs;
}

/** Cycles and scrapes without a meter, whose own figures would be counted as the agent's memory. */
async function plain(count: number): Promise<null> {
  for (let done = 0; done < count; done++) {
    await agent.cycle();
    await agent.metricsText();
    await turn();
  }
  return null;
}

function state(): AgentState {
  const status = readFileSync('/proc/self/status', 'latin1');
  const megabytes = (key: string): number =>
    Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)?.[1] ?? Number.NaN) / 1024;
  const descriptors = readdirSync('/proc/self/fd');
  let watches = 0;
  for (const descriptor of descriptors) {
    try {
      watches += readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1').split('inotify wd:').length - 1;
    } catch {
      // The descriptor of the listing itself.
    }
  }
  return {
    rssMb: megabytes('VmRSS'),
    anonMb: megabytes('RssAnon'),
    descriptors: descriptors.length,
    watches,
    cgroups: agent.knownCgroups,
    containers: agent.last?.snapshot.model.containers.length ?? 0,
    goProcesses: agent.last?.snapshot.model.goProcesses.length ?? 0,
    findings: agent.last?.snapshot.findings.length ?? 0,
    misses: agent.last?.snapshot.model.misses.length ?? 0,
    nodeVersion: process.version,
    commands,
  };
}

/** Makes directories one by one and waits until the agent knows each. Milliseconds. */
async function arrivals(made: readonly string[], spacingMs: number): Promise<number[]> {
  const delays: number[] = [];
  for (const path of made) {
    await after(spacingMs * (0.8 + 0.4 * Math.random()));
    const before = agent.knownCgroups;
    const begin = performance.now();
    mkdirSync(paths.cgroupfs + path);
    while (agent.knownCgroups <= before && performance.now() - begin < 5000) await after(1);
    delays.push(performance.now() - begin);
  }
  return delays;
}

/** Pods come and go, some at once, with a cycle while they are there and one after. */
async function churn(pods: readonly (readonly string[])[], atOnce: number): Promise<void> {
  for (let first = 0; first < pods.length; first += atOnce) {
    const some = pods.slice(first, first + atOnce);
    for (const containers of some) for (const path of containers) mkdirSync(paths.cgroupfs + path, { recursive: true });
    await after(30);
    await agent.cycle();
    for (const [container = ''] of some)
      removeDirectories(paths.cgroupfs + container.slice(0, container.lastIndexOf('/')));
    await after(30);
    await agent.cycle();
  }
  for (let settle = 0; settle < 4; settle++) {
    await after(60);
    await agent.cycle();
  }
}

await answerLines(async (line) => {
  const [command = '', argument = 'null'] = line.split('\t');
  switch (command) {
    case 'cycles':
      return cycles(Number(argument));
    case 'plain':
      return plain(Number(argument));
    case 'state':
      return state();
    case 'arrivals': {
      const { made, spacingMs } = JSON.parse(argument) as { made: string[]; spacingMs: number };
      return arrivals(made, spacingMs);
    }
    case 'churn': {
      const { pods, atOnce } = JSON.parse(argument) as { pods: string[][]; atOnce: number };
      await churn(pods, atOnce);
      return null;
    }
    default:
      throw new Error(`no such command: ${command}`);
  }
});
await agent.stop();
if (server.ok) await server.value.close();
