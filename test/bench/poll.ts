import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { HttpClient } from '../../src/io/http-client.ts';
import { EndpointFetch } from '../../src/sample/endpoints/fetch.ts';
import type { Bench } from './bench.ts';
import { Coprocess } from './coprocess.ts';
import { shown } from './numbers.ts';

const POLLS = 1000;
const WARM_UPS = 100;

interface Spent {
  readonly cpuUsec: number;
  readonly otherPauses: number;
  readonly gcPauses: number;
}

/** Part 8: what the regular poll costs the Go program that is asked. */
export async function poll(bench: Bench): Promise<void> {
  const program = join(bench.scratch, 'target');
  try {
    execFileSync('go', ['build', '-o', program, '.'], {
      cwd: join(bench.sources, 'target'),
      env: { ...process.env, GOTOOLCHAIN: 'local', GOPROXY: 'off', GOFLAGS: '-mod=mod', CGO_ENABLED: '0' },
      stdio: 'ignore',
    });
  } catch {
    bench.say('   no Go tool chain that builds it: not measured');
    return;
  }
  const target = new Coprocess(program, []);
  const { port } = await target.answer<{ port: number }>();
  const client = new HttpClient({ keepAlive: true });
  const fetch = new EndpointFetch(client, systemClock, { timeoutMs: 5000, maxBytes: 1 << 24 });
  const paths = { pprof: '/debug/pprof/', expvar: '/debug/vars', metrics: '/metrics' };
  const at = { host: '127.0.0.1', port, tls: false, insecureSkipVerify: false, paths, beyondLoopback: false };
  const ask = async (count: number): Promise<void> => {
    for (let done = 0; done < count; done++) {
      const page = await fetch.index(at);
      if (!page.ok) throw new Error(`the target does not answer: ${page.miss.detail}`);
    }
  };
  await ask(WARM_UPS);
  const before = await target.ask<Spent>('spent');
  await ask(POLLS);
  const after = await target.ask<Spent>('spent');
  client.close();
  await target.end();
  bench.row({
    what: 'one regular poll (pprof index), paid by the Go program',
    measured: (after.cpuUsec - before.cpuUsec) / POLLS / 1000,
    unit: 'ms CPU',
    goal: 0.5,
    limit: 1,
    note: `${POLLS} polls, ${after.gcPauses - before.gcPauses} pauses of its own collector`,
  });
  if (after.otherPauses < 0) {
    bench.say('   this Go tells no pauses other than the collector’s (runtime/metrics, Go 1.23)');
    return;
  }
  bench.row({
    what: `stops of the world caused by ${POLLS} polls`,
    measured: after.otherPauses - before.otherPauses,
    unit: '',
    goal: 0,
    limit: 0,
    note: shown(after.otherPauses) === shown(before.otherPauses) ? '' : `${before.otherPauses} -> ${after.otherPauses}`,
  });
}
