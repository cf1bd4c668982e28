import { Gauge, Registry } from 'prom-client';
import { addressResolver } from '../../src/agent/address-worker.ts';
import { Agent } from '../../src/agent/agent.ts';
import type { NodePaths } from '../../src/agent/paths.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { defaultConfig } from '../../src/config/config.ts';
import { ExpositionWriter } from '../../src/export/exposition-writer.ts';
import { answerLines } from './coprocess.ts';
import { slowness } from './speed.ts';

/* Composes the same series with the agent's writer and with prom-client. Argument: the paths as JSON. Lines: `own`, `prom`. */

interface Series {
  readonly gauge: Gauge;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const [pathsText = '{}'] = process.argv.slice(2);
const agent = new Agent({
  paths: JSON.parse(pathsText) as NodePaths,
  config: defaultConfig(),
  clock: systemClock,
  logger: silentLogger,
  resolver: addressResolver(undefined),
  build: { version: 'bench', revision: 'bench' },
});
// Two cycles, for rates.
await agent.cycle();
await agent.cycle();
const snapshot = agent.last?.snapshot;
if (snapshot === undefined) throw new Error('the agent took no sample');
await agent.stop();

const writer = new ExpositionWriter();
const text = writer.write(snapshot).toString('utf8');
const registry = new Registry();
const series = promSeries(text);

function promSeries(exposition: string): Series[] {
  const gauges = new Map<string, Gauge>();
  const all: Series[] = [];
  for (const line of exposition.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const name = /^[^{ ]+/.exec(line)?.[0] ?? '';
    const labels = Object.fromEntries(
      [...line.matchAll(/([a-z_]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]),
    );
    let gauge = gauges.get(name);
    if (gauge === undefined) {
      gauge = new Gauge({ name, help: name, labelNames: Object.keys(labels), registers: [registry] });
      gauges.set(name, gauge);
    }
    all.push({ gauge, labels, value: Number(line.slice(line.lastIndexOf(' ') + 1)) });
  }
  return all;
}

async function prom(): Promise<number> {
  for (const { gauge, labels, value } of series) gauge.set(labels, value);
  return Buffer.from(await registry.metrics(), 'utf8').length;
}

await answerLines(async (line) => {
  const begin = process.cpuUsage();
  const bytes = line === 'own' ? writer.write(snapshot).length : await prom();
  const { user, system } = process.cpuUsage(begin);
  return { cpuMs: (user + system) / 1000, bytes, series: writer.series, slowness: slowness() };
});
