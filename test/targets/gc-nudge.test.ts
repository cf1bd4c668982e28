import { readFileSync, readlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { startAgent } from '../../src/cli/agent.ts';
import { type Config, defaultConfig } from '../../src/config/config.ts';
import { recordingLogger } from '../agent/recording-logger.ts';
import { parseExposition } from '../export/parse-exposition.ts';
import { buildTargets, type GoTarget } from '../go-targets/build.mjs';
import { RunningTarget } from '../go-targets/running-target.ts';
import { ID_A, POD_A, SmallNode, scope, termination, UID_A } from '../sample/small-node.ts';
import { skipWithoutTargets } from './without-targets.ts';

const MIB = 1 << 20;
const LIMIT = 256 * MIB;

/**
 * A made-up node around a real process: /proc entries are the real ones but for the mounts, which name the container. The cgroup holds
 * what the kernel says the process holds: its control files are written from /proc/PID/status.
 */
class NodeAround {
  readonly node = new SmallNode();
  readonly #pid: number;
  readonly #timer: NodeJS.Timeout;

  constructor(pid: number) {
    this.#pid = pid;
    this.node.cgroup(POD_A);
    this.node.container(ID_A, pid, { mounts: [termination('web')], exe: '' });
    for (const entry of ['stat', 'status', 'environ', 'maps', 'mem', 'auxv', 'ns', 'net', 'fd', 'limits']) {
      this.node.remove(`proc/${pid}/${entry}`);
      this.node.link(`proc/${pid}/${entry}`, `/proc/${pid}/${entry}`);
    }
    this.node.link(`proc/${pid}/exe`, readlinkSync(`/proc/${pid}/exe`));
    this.node.link('proc/uptime', '/proc/uptime');
    this.node.link('proc/self/ns/net', readlinkSync('/proc/self/ns/net'));
    this.node.write(`pods/shop_web-0_${UID_A}/web/0.log`, '');
    this.node.write(`cgroup${scope(ID_A)}/memory.max`, `${LIMIT}\n`);
    this.#follow();
    this.#timer = setInterval(() => {
      this.#follow();
    }, 200);
  }

  #follow(): void {
    const status = readFileSync(`/proc/${this.#pid}/status`, 'utf8');
    const bytes = (name: string): number => Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(status)?.[1]) * 1024;
    this.node.write(`cgroup${scope(ID_A)}/memory.current`, `${bytes('RssAnon')}\n`);
    this.node.write(
      `cgroup${scope(ID_A)}/memory.stat`,
      `anon ${bytes('RssAnon')}\nfile 0\nkernel 0\ninactive_file 0\nactive_file 0\nshmem 0\n`,
    );
  }

  close(): void {
    clearInterval(this.#timer);
    this.node.close();
  }
}

/** As it would be configured, but without the minute after the start. */
function configured(): Config {
  const config = defaultConfig();
  return {
    ...config,
    intervalMs: 1000,
    endpoints: { ...config.endpoints, intervalMs: 1000 },
    actions: {
      gcNudge: {
        ...config.actions.gcNudge,
        enabled: true,
        selectors: [{ namespace: 'shop', container: 'web' }],
        // A program that does nothing but allocate has little work to set its one collection against.
        maxGcCpuRatio: 0.9,
        nodeIntervalMs: 0,
      },
    },
  };
}

async function until<T>(look: () => Promise<T> | T, holds: (seen: T) => boolean): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (tries === 900) throw new Error(`never came: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const targets: GoTarget[] = [];
beforeAll(async () => {
  targets.push(...(await buildTargets({ versions: ['1.27.4'], variants: ['stripped'], programs: ['server'] })));
}, 1_200_000);

describe('a collection asked of a real program', { timeout: 240_000 }, () => {
  const endings: (() => Promise<void> | void)[] = [];
  afterAll(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });

  it('runs once, brings the heap down, and is counted with its effect', async (context) => {
    skipWithoutTargets(context, targets);
    const path = targets[0]?.path;
    if (path === undefined) return;
    // 24 MiB live, garbage at about 20 MiB/s. With GOGC=4000 the next collection is most of a gigabyte away.
    const program = await RunningTarget.start(path, ['-heap', '24', '-alloc'], { GOGC: '4000' });
    endings.push(() => program.stop());
    const around = new NodeAround(program.pid);
    endings.push(() => {
      around.close();
    });
    const { logger, lines } = recordingLogger();
    const agent = await startAgent({
      paths: around.node.paths,
      config: configured(),
      configFile: undefined,
      listenAddresses: ['127.0.0.1:0'],
      telemetryPath: '/metrics',
      maxRequests: 40,
      logger,
      clock: systemClock,
    });
    endings.push(() => agent.stop());
    const series = async () => parseExposition(await (await fetch(`${agent.urls[0]}/metrics`)).text());
    const value = async (name: string): Promise<number | undefined> => (await series()).find(name)[0]?.value;
    await until(
      () => value('cgopher_go_gc_cycles_total'),
      (cycles) => cycles !== undefined,
    );
    // The share of CPU time moves at the end of a collection only: one in the window makes it known.
    await program.gc();
    const before = await program.state();
    await until(
      () => value('cgopher_gc_nudges_measured_total'),
      (measured) => measured === 1,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${JSON.stringify(lines.slice(-5))}`);
    });
    const after = await program.state();
    process.stdout.write(
      `\n${lines
        .filter(({ message }) => message.includes('collection'))
        .filter(({ level }) => level !== 'debug')
        .map(({ message, fields }) => `${message} ${JSON.stringify(fields)}`)
        .join('\n')}\n`,
    );
    expect(after.memStats.NumForcedGC - before.memStats.NumForcedGC).toBe(1);
    expect(after.memStats.NumGC - before.memStats.NumGC).toBe(1);
    expect(await value('cgopher_gc_nudges_requested_total')).toBe(1);
    // Asked at 0.85 x 256 = 217.6 MiB held, of which a good 24 MiB live: far more than half of it was garbage.
    expect(await value('cgopher_gc_nudge_heap_freed_bytes_total')).toBeGreaterThan(110 * MIB);
    expect((await series()).find('cgopher_gc_nudges_failed_total').map((failed) => failed.value)).toEqual([0, 0, 0, 0]);
  });
});
