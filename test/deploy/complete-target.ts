import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ExpositionWriter } from '../../src/export/exposition-writer.ts';
import type { Snapshot } from '../../src/export/node-metrics.ts';
import { FINDING } from '../export/base-model.ts';
import { container, goProcess, limitAt, MIB, memory, NO_EVENTS, nodeModel, told } from '../rules/models.ts';

/**
 * A fake: no node, but a page with every family of the metric tables, written by the agent's own writer. The simulated node has no
 * block profiles, no leaked goroutines and no memory that can be read, so the queries for those need another source to be tried on.
 * Counters go up at each scrape, an OOM kill is counted, and the process starts anew at every fourth.
 */
export async function completeTarget(): Promise<{ readonly host: string; close(): Promise<void> }> {
  let scrapes = 0;
  const writer = new ExpositionWriter();
  const server = createServer((_, response) => {
    scrapes += 1;
    response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8');
    response.end(writer.write(snapshotAt(scrapes), OF_THE_AGENT));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      }),
  };
}

const OF_THE_AGENT = [
  'cgopher_build_info{version="1",revision="1",nodeversion="v20.20.2"} 1',
  'cgopher_misses_total{reader="cpu.stat",kind="absent"} 1',
  'cgopher_collector_success{collector="node"} 1',
  'cgopher_collector_duration_seconds{collector="node"} 0.01',
  '',
].join('\n');

/** What the page says at its n-th scrape. */
export function snapshotAt(n: number): Snapshot {
  const stalled = {
    stalledSecondsTotal: n / 10,
    stalledRatio: 0.1,
    avg10Ratio: 0.1,
    avg60Ratio: 0.1,
    avg300Ratio: 0.1,
  };
  const pressure = { some: stalled, full: stalled };
  const everywhere = { cpu: pressure, memory: pressure, io: pressure, irq: pressure };
  const base = container();
  const only = container({
    cpu: { ...base.cpu, usageSecondsTotal: n, periodsTotal: 10 * n, throttledPeriodsTotal: n },
    memory: memory({ highBytes: 400 * MIB, events: { ...NO_EVENTS, high: n, oomKill: n } }),
    pressure: everywhere,
    io: {
      devices: [
        {
          device: '8:0',
          readBytesTotal: n,
          writtenBytesTotal: n,
          readsTotal: n,
          writesTotal: n,
        },
      ] as unknown as NonNullable<typeof base.io.devices>,
      weight: 100,
      bfqWeight: undefined,
    },
    pids: { ...base.pids, max: 100 },
    effective: { ...base.effective, memoryHighBytes: limitAt(400 * MIB) },
  });
  const process = goProcess({
    cpuSecondsTotal: 100 + (n % 4),
    settings: { gomaxprocs: told(4), gomemlimit: told(450 * MIB) },
    runtime: { goroutines: told(50 + n), gcCycles: told(n), gcPauseSecondsTotal: told(n / 1000) },
  });
  return {
    model: nodeModel({ containers: [only], goProcesses: [process], node: { pressure: everywhere } }),
    findings: [
      { ...FINDING, subject: { ...FINDING.subject, pod: 'app-0', container: 'app' } },
      // A pod's finding names no container.
      { ...FINDING, rule: 'OomKilled', subject: { ...FINDING.subject, pod: 'app-0', container: undefined } },
    ],
    unjudgedByRule: new Map([['GoroutineGrowth', 1]]),
  };
}
