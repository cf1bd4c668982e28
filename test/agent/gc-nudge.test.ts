import { expect, it } from 'vitest';
import { GcNudge, type NudgeMetrics } from '../../src/agent/gc-nudge.ts';
import { found, missed, type Reading } from '../../src/base/reading.ts';
import { type Config, defaultConfig } from '../../src/config/config.ts';
import type { GoProcessModel } from '../../src/model/go-process-types.ts';
import type { NodeModel } from '../../src/model/node-types.ts';
import { container, goProcess, MIB, memory, nodeModel } from '../rules/models.ts';
import { recordingLogger } from './recording-logger.ts';

const START_MS = 1_000_000;
const read = <T>(value: T) => ({ value, from: 'memory', ageSeconds: 0 }) as const;

function configured(enabled = true): Config {
  const config = defaultConfig();
  return {
    ...config,
    actions: { gcNudge: { ...config.actions.gcNudge, enabled, selectors: [{ namespace: 'shop' }] } },
  };
}

/** 460 of 512 MiB held, 300 of them garbage. */
function node(
  atMs: number,
  runtime: Partial<GoProcessModel['runtime']> = {},
  currentMiB = 460,
  key = '7@5000',
): NodeModel {
  const wallMs = 1_700_000_000_000 + atMs;
  const heap = {
    heapLiveBytes: read(100 * MIB),
    heapAllocBytes: read(400 * MIB),
    heapTriggerBytes: read(480 * MIB),
    gcCycles: read(40),
    forcedGcCycles: read(3),
    heapIdleBytes: read(20 * MIB),
    heapReleasedBytes: read(5 * MIB),
    lastGcUnixMs: read(wallMs - 30_000),
  };
  const held = { currentBytes: currentMiB * MIB, workingSetBytes: currentMiB * MIB };
  return nodeModel({
    at: { wallMs, monotonicMs: atMs },
    containers: [container({ memory: memory(held) })],
    goProcesses: [goProcess({ key, runtime: { ...heap, ...runtime } })],
  });
}

/** The heap as a collection that was asked for leaves it. */
const COLLECTED = {
  heapLiveBytes: read(110 * MIB),
  heapAllocBytes: read(120 * MIB),
  gcCycles: read(41),
  forcedGcCycles: read(4),
};

class Bench {
  nowMs = START_MS;
  readonly counts: string[] = [];
  readonly asked: string[] = [];
  readonly log = recordingLogger();
  families = 0;
  readonly nudge: GcNudge;
  #answers: ((answer: Reading<number>) => void)[] = [];

  constructor(config = configured()) {
    const count = (what: string): void => {
      this.counts.push(what);
    };
    const metrics: NudgeMetrics = {
      begin: (skips, failures) => {
        this.families += skips.length > 0 && failures.length > 0 ? 1 : 0;
      },
      requested: () => {
        count('requested');
      },
      skipped: (reason) => {
        count(`skipped ${reason}`);
      },
      failed: (reason) => {
        count(`failed ${reason}`);
      },
      measured: (heap, returned) => {
        count(`freed ${heap / MIB}, returned ${returned / MIB}`);
      },
    };
    this.nudge = new GcNudge(config, {
      clock: { now: () => ({ wallMs: 0, monotonicMs: this.nowMs }) },
      logger: this.log.logger,
      metrics: () => metrics,
      collect: (key) => {
        this.asked.push(key);
        return new Promise((resolve) => {
          this.#answers.push(resolve);
        });
      },
    });
  }

  look(afterMs: number, runtime: Partial<GoProcessModel['runtime']> = {}, currentMiB = 460, key?: string): void {
    this.nowMs = START_MS + afterMs;
    this.nudge.note(node(this.nowMs, runtime, currentMiB, key));
  }

  async answer(answer: Reading<number>): Promise<void> {
    this.#answers.shift()?.(answer);
    await new Promise((resolve) => setImmediate(resolve));
  }

  taken(): string[] {
    return this.counts.splice(0);
  }
}

const failed = missed('failed', 'pprof_heap_gc', '', 'no complete answer within 5000 ms');

it('asks nobody while it is off, and has no metrics', () => {
  const bench = new Bench(configured(false));
  bench.look(3_600_000);
  expect(bench.asked).toEqual([]);
  expect([bench.families, bench.counts]).toEqual([0, []]);
});

it('asks once, waits until memory has settled, and tells what it did', async () => {
  const bench = new Bench();
  // An agent that restarts over and over asks nobody in its first minute.
  bench.look(59_999);
  expect(bench.taken()).toEqual(['skipped node-interval']);
  bench.look(60_000);
  expect(bench.taken()).toEqual(['requested']);
  // The answer is waited for: nobody else is asked, however long it takes.
  bench.look(200_000);
  expect(bench.taken()).toEqual(['skipped process-interval']);
  await bench.answer(found(40));
  // Looks after the collection: at once the heap, and 15 s later the memory of the cgroup.
  bench.look(205_000, COLLECTED, 430);
  expect(bench.taken()).toEqual([]);
  bench.look(216_000, { ...COLLECTED, gcCycles: read(43) }, 250);
  // 400 - 110 MiB of heap; 460 - 250 MiB went back.
  expect(bench.taken()).toEqual(['freed 290, returned 210']);
  expect(bench.asked).toEqual(['7@5000']);
  expect(bench.log.lines.map(({ message }) => message).filter((text) => text.includes('collection did'))).toHaveLength(
    1,
  );
  // Ten minutes after it was asked, again.
  bench.look(659_999);
  expect(bench.taken()).toEqual(['skipped process-interval']);
  bench.look(660_000);
  expect(bench.taken()).toEqual(['requested']);
});

it('counts memory that grew as none returned', async () => {
  const bench = new Bench();
  bench.look(60_000);
  await bench.answer(found(40));
  bench.look(80_000, COLLECTED, 500);
  // Above the mark still, with 10 MiB since the last mark.
  expect(bench.taken()).toEqual(['requested', 'freed 290, returned 0', 'skipped little-to-free']);
});

it('takes no credit when other collections ran as well', async () => {
  const bench = new Bench();
  bench.look(60_000);
  await bench.answer(found(40));
  bench.look(80_000, { ...COLLECTED, gcCycles: read(42) }, 250);
  expect(bench.taken()).toEqual(['requested']);
  expect(bench.log.lines.at(-1)?.fields).toMatchObject({ liveBytes: 'mixed', heapFreedBytes: undefined });
});

it.each([
  ['does not answer', failed, 'failed not-answered', 3_600_000],
  ['has no handler', missed('absent', 'pprof_heap_gc', '', 'HTTP 404'), 'failed no-handler', undefined],
  ['has lost its socket', missed('absent', 'pprof_heap_gc', '', 'ENOENT'), 'failed not-answered', 3_600_000],
])('leaves a program alone that %s', async (_, answer, counted, waitMs) => {
  const bench = new Bench();
  bench.look(60_000);
  await bench.answer(answer);
  expect(bench.taken()).toEqual(['requested', counted]);
  bench.look(60_000 + 3_599_999);
  expect(bench.taken()).toEqual(['skipped process-interval']);
  bench.look(60_000 + 3_600_000);
  expect(bench.taken()).toEqual([waitMs === undefined ? 'skipped process-interval' : 'requested']);
});

it('an answer without a collection is a failure', async () => {
  const bench = new Bench();
  bench.look(60_000);
  await bench.answer(found(1));
  bench.look(70_000);
  expect(bench.taken()).toEqual(['requested', 'skipped process-interval']);
  bench.look(75_000);
  expect(bench.taken()).toEqual(['failed no-collection', 'skipped process-interval']);
});

it('leaves a program alone for an hour whose collection freed less than it was worth', async () => {
  const bench = new Bench();
  bench.look(60_000);
  await bench.answer(found(40));
  // 400 - 380 = 20 MiB: what was allocated since the last mark lives.
  bench.look(80_000, { ...COLLECTED, heapLiveBytes: read(380 * MIB) }, 400);
  expect(bench.taken()).toEqual(['requested', 'freed 20, returned 60']);
  bench.look(80_000 + 3_599_999);
  expect(bench.taken()).toEqual(['skipped process-interval']);
});

it('forgets what ended, and asks the one that came in its place', async () => {
  const bench = new Bench();
  bench.look(60_000);
  await bench.answer(found(40));
  bench.look(70_000, {}, 460, '9@6000');
  expect(bench.taken()).toEqual(['requested', 'failed gone', 'skipped node-interval']);
  bench.look(120_000, {}, 460, '9@6000');
  expect(bench.asked).toEqual(['7@5000', '9@6000']);
});

it('switched off in between, it asks nobody more and still measures', async () => {
  const bench = new Bench();
  bench.look(60_000);
  bench.nudge.reconfigure(configured(false));
  await bench.answer(found(40));
  bench.look(80_000, COLLECTED, 250);
  bench.look(4_000_000);
  expect(bench.taken()).toEqual(['requested', 'freed 290, returned 210']);
  bench.nudge.reconfigure(configured());
  bench.look(4_000_000);
  expect([bench.taken(), bench.families]).toEqual([['requested'], 1]);
});

it('closed, an answer that comes late changes nothing', async () => {
  const bench = new Bench();
  bench.look(60_000);
  bench.nudge.close();
  await bench.answer(failed);
  bench.look(9_000_000);
  expect(bench.taken()).toEqual(['requested']);
});
