import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attach } from '../../src/go/memory/attach.ts';
import { RUNTIME_OFFSETS } from '../../src/go/memory/offsets.ts';
import { openProcessMemory } from '../../src/io/process-memory.ts';
import { buildTargets, type GoTarget } from '../go-targets/build.mjs';
import { RunningTarget } from '../go-targets/running-target.ts';
import { ALL_VERSIONS } from '../go-targets/toolchains.mjs';
import { compareSnapshot } from './memory-comparison.ts';
import { addressesOf, kernelThreads, valueOf } from './read-target.ts';
import { skipWithoutTargets } from './without-targets.ts';

const targets: GoTarget[] = [];
const running: RunningTarget[] = [];

beforeAll(async () => {
  const wanted = process.env['CGOPHER_GO_VERSIONS'] === 'all' ? { versions: ALL_VERSIONS } : {};
  targets.push(...(await buildTargets({ ...wanted, variants: ['stripped'], programs: ['probe'] })));
}, 1_200_000);
afterAll(async () => {
  await Promise.all(running.map((target) => target.stop()));
});

describe('a table of another version', () => {
  it('is refused, or reads every value as the right one does because nothing that is read lies elsewhere', async (context) => {
    skipWithoutTargets(context, targets);
    const wrong = [];
    const lines = [];
    for (const { version, path } of targets) {
      if (path === undefined) continue;
      const target = await RunningTarget.start(path, ['-heap', '8', '-blocked'], { GOGC: '60', GOMAXPROCS: '2' });
      running.push(target);
      const addresses = addressesOf(`/proc/${target.pid}/exe`);
      const memory = valueOf(openProcessMemory(`/proc/${target.pid}/mem`));
      const accepted = [];
      for (const [name, table] of Object.entries(RUNTIME_OFFSETS)) {
        // The only table there is, under the name of the program's own version.
        const tables = { [`1.${addresses.goVersion.minor}`]: table };
        const runtime = attach(addresses, memory, 0, { source: version, tables });
        if (!runtime.ok) continue;
        accepted.push(name);
        const [before, threads] = [await target.state(), kernelThreads(target.pid)];
        const snapshot = valueOf(runtime.value.snapshot());
        const after = await target.state();
        for (const { quantity, outcome, detail } of compareSnapshot(snapshot, before, after, [threads, threads], false))
          if (outcome === 'different') wrong.push(`${version} by the table of ${name}: ${quantity} is ${detail}`);
      }
      lines.push(`${version} is read by: ${accepted.join(' ')}`);
      expect(accepted, version).toContain(`1.${addresses.goVersion.minor}`);
      memory.close();
    }
    process.stdout.write(`\n${lines.join('\n')}\n`);
    expect(wrong).toEqual([]);
    expect(lines.length).toBeGreaterThan(2);
  });
});
