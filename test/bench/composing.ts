import { join } from 'node:path';
import type { Bench } from './bench.ts';
import { Coprocess } from './coprocess.ts';
import { median } from './numbers.ts';

const WARM_UPS = 10;
const ROUNDS = 25;

interface Answer {
  readonly cpuMs: number;
  readonly bytes: number;
  readonly series: number;
  readonly slowness: number;
}

/** Part 3: the exposition of the whole node, from the model to bytes, against prom-client's way by sample. */
export async function composing(bench: Bench): Promise<void> {
  const start = (): Coprocess =>
    new Coprocess(process.execPath, [join(bench.scratch, 'compose-child.mjs'), JSON.stringify(bench.node.paths)]);
  const contestants = (['own', 'prom'] as const).map((way) => ({ way, process: start(), answers: [] as Answer[] }));
  for (let round = 0; round < WARM_UPS + ROUNDS; round++) {
    for (const { way, process: contestant, answers } of contestants) {
      const answer = await contestant.ask<Answer>(way);
      if (round >= WARM_UPS) answers.push(answer);
    }
  }
  await Promise.all(contestants.map((contestant) => contestant.process.end()));
  const [own, prom] = contestants.map(({ answers }) => median(answers.map(({ cpuMs }) => cpuMs)));
  const last = contestants[0]?.answers.at(-1);
  const series = last?.series ?? 0;
  bench.row({
    what: 'exposition: prom-client to agent',
    measured: (prom ?? 0) / (own ?? 0),
    unit: 'x',
    note: `${(prom ?? 0).toFixed(1)} : ${(own ?? 0).toFixed(1)} ms CPU, ${series} series, ${((last?.bytes ?? 0) / 1e6).toFixed(2)} MB`,
  });
  bench.row({
    what: 'exposition, for 12,000 series',
    measured: ((own ?? 0) * 12_000) / series,
    unit: 'ms CPU',
    goal: 10,
    limit: 15,
    slowness: median(contestants[0]?.answers.map((answer) => answer.slowness) ?? []),
    note: `${(own ?? 0).toFixed(1)} ms for ${series}`,
  });
}
