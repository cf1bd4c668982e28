import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { FileReader } from '../../src/io/file-reader.ts';
import { HttpClient } from '../../src/io/http-client.ts';
import { ProcessReader } from '../../src/kernel/proc/process-reader.ts';
import { EndpointDiscovery } from '../../src/sample/endpoints/discover.ts';
import { EndpointFetch } from '../../src/sample/endpoints/fetch.ts';
import { buildTargets, type GoTarget } from '../go-targets/build.mjs';
import { RunningTarget } from '../go-targets/running-target.ts';
import type { Comparison } from './comparison.ts';
import { compareIndex, compareMemStats, compareProfile } from './endpoint-comparison.ts';
import { valueOf } from './read-target.ts';
import { skipWithoutTargets } from './without-targets.ts';

const HANDLERS = { pprof: true, expvar: true, promhttp: false };
const FLAGS = '-heap 8 -blocked -leak 10 -threads 2 -dns 3 -sql 4 -silent 5'.split(' ');
const EXPECTED = [
  { at: 'leakAtSend', count: 10, cause: 'chan send' },
  { at: 'leakAtSelect', count: 10, cause: 'select' },
  { at: 'blockedOnMutex', count: 3, cause: 'mutex' },
  { at: 'blockedOnReceive', count: 3, cause: 'chan receive' },
  { at: 'blockedOnWaitGroup', count: 3, cause: 'semaphore' },
  { at: 'blockedOnCond', count: 3, cause: 'semaphore' },
  { at: 'blockedInSleep', count: 3, cause: 'sleep' },
  { at: 'blockedInRead', count: 2, cause: 'syscall' },
  { at: 'waitForConnection', count: 4, cause: 'database pool' },
  { at: 'blockedInNetworkRead', count: 5, cause: 'network read' },
];

const targets: GoTarget[] = [];
const client = new HttpClient({ keepAlive: true });
const fetch = new EndpointFetch(client, systemClock, { timeoutMs: 10_000, maxBytes: 1 << 24 });
const processes = new ProcessReader({ procRoot: '/proc', files: new FileReader({ maxBytes: 1 << 20, maxKept: 0 }) });

beforeAll(async () => {
  const wanted = { versions: ['1.22.12', '1.27.4'], variants: ['default', 'stripped'], programs: ['server'] };
  targets.push(...(await buildTargets(wanted)));
}, 1_200_000);
afterAll(() => {
  client.close();
});

describe('endpoints of real servers', () => {
  it('are found without sending anything, and say what the program says of itself', async (context) => {
    skipWithoutTargets(context, targets);
    const wrong: string[] = [];
    const lines: string[] = [];
    for (const { version, variant, path } of targets) {
      if (path === undefined) continue;
      const server = await RunningTarget.start(path, FLAGS);
      try {
        const [candidate] = new EndpointDiscovery('/proc', processes).discover(server.pid, HANDLERS, false).candidates;
        if (candidate === undefined) throw new Error(`${version} ${variant}: not found`);
        expect(`${candidate.host}:${candidate.port}`).toBe(server.address);
        const before = await server.state();
        const index = valueOf(await fetch.index(candidate));
        const heap = valueOf(await fetch.heap(candidate));
        const expvar = valueOf(await fetch.expvar(candidate));
        const profile = valueOf(await fetch.goroutines(candidate));
        const after = await server.state();
        const comparisons: Comparison[] = [
          ...compareIndex(index.value, before, after),
          ...compareMemStats('heap text', heap.value, before, after),
          ...compareMemStats('expvar', expvar.value, before, after),
          ...compareProfile(profile.value, EXPECTED),
        ];
        const causes = profile.value.groups.filter(({ stack }) =>
          stack.some((name) => name.endsWith('.blockedInLookup')),
        );
        expect(causes.map(({ cause }) => cause)).toContain('DNS');
        for (const { quantity, outcome, detail } of comparisons)
          if (outcome !== 'equal') wrong.push(`${version} ${variant}: ${quantity}: ${outcome} ${detail}`);
        lines.push(
          `${version} ${variant}: ${comparisons.length} values of index, heap text, expvar, goroutine profile`,
        );
      } finally {
        await server.stop();
      }
    }
    process.stdout.write(`\n${lines.join('\n')}\n`);
    expect(wrong).toEqual([]);
    expect(lines.length).toBeGreaterThan(1);
  });
});
