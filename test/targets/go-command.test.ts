import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildTargets, type GoTarget } from '../go-targets/build.mjs';
import { RunningTarget } from '../go-targets/running-target.ts';
import { skipWithoutTargets } from './without-targets.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/cgopher.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'cgopher-go-'));
const targets: GoTarget[] = [];
let probe: RunningTarget | undefined;
const cgopher = (...args: readonly string[]) =>
  spawnSync(process.execPath, [PROGRAM, 'go', ...args], { encoding: 'utf8', timeout: 60_000 });

beforeAll(async () => {
  if (!existsSync(PROGRAM)) throw new Error('dist/cgopher.mjs is not built: npm run build');
  targets.push(...(await buildTargets({ versions: ['path'], variants: ['stripped'], programs: ['probe'] })));
  const [target] = targets;
  if (target?.path !== undefined)
    probe = await RunningTarget.start(target.path, ['-heap', '16', '-leak', '20', '-gcpercent', '70'], { GOGC: '50' });
}, 600_000);
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await probe?.stop();
});

describe('cgopher go', () => {
  it('shows a stripped program that serves nothing, with its searching thread, as JSON', (context) => {
    skipWithoutTargets(context, targets);
    const { status, stdout, stderr } = cgopher(String(probe?.pid), '--json', '--heap');
    expect(status, stderr).toBe(0);
    const { goProcesses } = JSON.parse(stdout) as { goProcesses: Record<string, unknown>[] };
    expect(goProcesses).toHaveLength(1);
    expect(goProcesses[0]).toMatchObject({
      pid: probe?.pid,
      memorySource: { state: 'attested' },
      settings: { gogc: { value: 70, from: 'memory' }, contradictions: [{ setting: 'gogc' }] },
    });
    const { runtime, heapProfile } = goProcesses[0] as {
      runtime: { goroutineSites: { count: number; cause: string }[]; heapLiveBytes: { value: number } };
      heapProfile: { inUseBytes: number };
    };
    expect(runtime.heapLiveBytes.value).toBeGreaterThan(16 * 1024 * 1024);
    // 20 leaked at a send and 20 at a select.
    const leaked = runtime.goroutineSites.filter(({ count }) => count === 20).map(({ cause }) => cause);
    expect(leaked.sort()).toEqual(['chan send', 'select']);
    expect(heapProfile.inUseBytes).toBeGreaterThan(8 * 1024 * 1024);
  });

  it('prints for a person, and says which process it cannot show', (context) => {
    skipWithoutTargets(context, targets);
    const { status, stdout, stderr } = cgopher(String(probe?.pid), String(process.pid), '--goroutines');
    expect(status).toBe(2);
    expect(stdout).toMatch(/GOGC +70 {2}memory: gcController\.gcPercent/);
    expect(stdout).toContain('gogc is told differently');
    expect(stdout).toContain('startSendLeaks');
    expect(stderr).toBe(`cgopher: process ${process.pid} is not there, or is no Go program\n`);
  });

  it('shows every Go process of the machine', (context) => {
    skipWithoutTargets(context, targets);
    const { status, stdout } = cgopher('--all');
    expect(status).toBe(0);
    expect(stdout).toContain(`(pid ${probe?.pid ?? 0})`);
  });

  it('survives a process that ends, or runs another program, while it is looked at', async (context) => {
    skipWithoutTargets(context, targets);
    const path = targets[0]?.path ?? '';
    // Each ends at another moment of the look, and half of them become sleep under the same pid.
    const victims = Array.from({ length: 12 }, (_, index) => {
      const script = `"$0" < /dev/null > /dev/null & p=$!; sleep 0.${index + 1}; kill -9 $p; ${index % 2 === 0 ? 'exec sleep 1' : 'exit'}`;
      return spawn('sh', ['-c', script, path], { stdio: 'ignore' });
    });
    const ended = victims.map((victim) => once(victim, 'exit'));
    for (let look = 0; look < 4; look++) {
      const { status, stderr } = cgopher('--all', '--json', '--heap');
      expect(status, stderr).toBe(0);
    }
    await Promise.all(ended);
  });

  it('reaches loopback of another network namespace only when told to, and then by its endpoint', async (context) => {
    const [target] = await buildTargets({ versions: ['path'], variants: ['stripped'], programs: ['server'] });
    skipWithoutTargets(context, target === undefined ? [] : [target]);
    const inside = [
      '-n',
      'sh',
      '-c',
      'ip link set lo up && exec "$0" "$@"',
      target?.path ?? '',
      '-listen',
      '127.0.0.1:6060',
    ];
    const server = await RunningTarget.start('unshare', inside, { PATH: process.env['PATH'] ?? '' });
    const look = (enter: boolean) => {
      const text = `discovery: { enterNetworkNamespaces: ${enter} }\nruntimeMemory: { enabled: false }\n`;
      writeFileSync(join(folder, 'config.yaml'), text);
      const { stdout, stderr } = cgopher(String(server.pid), '--json', '--config.file', join(folder, 'config.yaml'));
      const { goProcesses } = JSON.parse(stdout || '{}') as { goProcesses?: Record<string, unknown>[] };
      return goProcesses?.[0] ?? { stderr };
    };
    try {
      expect(look(false)).toMatchObject({ endpointDetail: expect.stringContaining('127.0.0.1:6060') as string });
      expect(look(false)).not.toHaveProperty('endpoint');
      expect(look(true)).toMatchObject({
        endpoint: '127.0.0.1:6060',
        memorySource: { state: 'off' },
        runtime: { goroutines: { from: 'endpoint' } },
        pprof: { beyondLoopback: false, listen: '127.0.0.1:6060' },
      });
    } finally {
      await server.stop();
    }
  });

  it.each([
    [[], 'name a process, or say --all'],
    [['0'], 'Expected a process id'],
    [['x'], 'Expected a process id'],
  ])('refuses %j', (args, words) => {
    const { status, stderr } = cgopher(...args);
    expect(status).toBe(2);
    expect(stderr).toContain(words);
  });
});
