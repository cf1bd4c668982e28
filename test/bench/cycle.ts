import { AgentProcess } from './agent-process.ts';
import type { Bench } from './bench.ts';
import { mean, median, percentile, shown } from './numbers.ts';

const EARLY_CYCLES = 100;
const ALL_CYCLES = 1000;
const METERED_CYCLES = 200;

/** Parts 4 and 5: what a cycle costs, how long it keeps the event loop, and what memory the agent ends up with. */
export async function cycle(bench: Bench): Promise<void> {
  const agent = new AgentProcess(bench, bench.node.paths);
  await agent.cycles(EARLY_CYCLES);
  const costs = await agent.cycles(METERED_CYCLES);
  const late = await agent.state();
  await agent.end();
  bench.say(
    `   ${late.containers} containers, ${late.goProcesses} Go processes, ${late.findings} findings, ${late.misses} misses`,
  );
  const whole = costs.map((cost) => cost.cycleMs + cost.scrapeMs);
  const speed = median(costs.map((cost) => cost.slowness));
  const parts = (pick: (values: readonly number[]) => number): string =>
    `${shown(pick(costs.map((cost) => cost.cycleMs)))} cycle + ${shown(pick(costs.map((cost) => cost.scrapeMs)))} scrape`;
  bench.row({
    what: 'whole cycle and scrape, mean',
    measured: mean(whole),
    unit: 'ms CPU',
    goal: 20,
    limit: 40,
    slowness: speed,
    note: `${parts(mean)}, ${((costs.at(-1)?.bytes ?? 0) / 1e6).toFixed(2)} MB of text`,
  });
  bench.row({
    what: 'whole cycle and scrape, p99',
    measured: percentile(whole, 0.99),
    unit: 'ms CPU',
    limit: 80,
    slowness: speed,
  });
  const longest = costs.map((cost) => cost.longestMs);
  bench.row({
    what: 'longest block of the event loop, p99 of cycles',
    measured: percentile(longest, 0.99),
    unit: 'ms',
    goal: 25,
    slowness: speed,
    note: `median ${shown(median(longest))}, longest of all ${shown(Math.max(...longest))}`,
  });
  await memory(bench);
  if (bench.otherNode !== undefined) await otherNode(bench, bench.otherNode);
}

async function otherNode(bench: Bench, node: string): Promise<void> {
  const agent = new AgentProcess(bench, bench.node.paths, node);
  await agent.cycles(EARLY_CYCLES);
  const costs = await agent.cycles(METERED_CYCLES);
  const late = await agent.state();
  await agent.end();
  const whole = mean(costs.map((cost) => cost.cycleMs + cost.scrapeMs));
  bench.row({
    what: `whole cycle and scrape, mean, ${late.nodeVersion}`,
    measured: whole,
    unit: 'ms CPU',
    goal: 20,
    limit: 40,
    slowness: median(costs.map((cost) => cost.slowness)),
  });
  await memory(bench, node);
}

async function memory(bench: Bench, node?: string): Promise<void> {
  const agent = new AgentProcess(bench, bench.node.paths, node);
  await agent.plain(EARLY_CYCLES);
  const early = await agent.state();
  await agent.plain(ALL_CYCLES - EARLY_CYCLES);
  const late = await agent.state();
  await agent.end();
  const modern = Number(/^v(\d+)/.exec(late.nodeVersion)?.[1]) >= 22;
  bench.row({
    what: `memory after ${ALL_CYCLES} cycles, ${late.nodeVersion}`,
    measured: late.rssMb,
    unit: 'MB RSS',
    goal: modern ? 80 : 65,
    limit: modern ? 100 : 80,
    note: `${shown(late.anonMb)} MB anonymous`,
  });
  bench.row({
    what: `memory growth from cycle ${EARLY_CYCLES} to ${ALL_CYCLES}, ${late.nodeVersion}`,
    measured: Math.max(0, late.rssMb - early.rssMb),
    unit: 'MB',
    goal: 3,
    limit: 12,
    note: `anonymous ${shown(early.anonMb)} -> ${shown(late.anonMb)} MB`,
  });
}
