import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONTROL_FILES } from '../../src/kernel/cgroup/control-files.ts';
import { createCgroupParsers } from '../../src/kernel/cgroup/parsers.ts';
import type { Bench } from './bench.ts';
import { median, shown } from './numbers.ts';
import { slowness } from './speed.ts';

const FILES = [
  'cpu.stat',
  'cpu.max',
  'cpu.pressure',
  'cpu.weight',
  'memory.current',
  'memory.stat',
  'memory.events',
  'memory.max',
  'memory.high',
  'memory.low',
  'memory.min',
  'memory.swap.current',
  'memory.pressure',
  'io.pressure',
  'io.stat',
  'pids.current',
];
const ROUNDS = 60;
const WARM_ROUNDS = 15;

/** Part 2: the parsers alone, on sixteen files of each container held in memory. */
export function parsing(bench: Bench): void {
  const parsers = createCgroupParsers();
  const texts = bench.containers.map((path) =>
    FILES.map((name) => {
      const bytes = readFileSync(join(bench.node.paths.cgroupfs, path, name));
      const parser = CONTROL_FILES.find((file) => file.name === name)?.parser ?? 'number';
      return { bytes, parser };
    }),
  );
  const size = texts.flat().reduce((sum, { bytes }) => sum + bytes.length, 0);
  // As the agent does: every file lands in the same buffer. What the copying takes is taken off.
  const buffer = Buffer.alloc(1 << 16);
  const rounds: number[] = [];
  const speeds: number[] = [];
  let parsed = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const begin = process.cpuUsage();
    for (const container of texts)
      for (const { bytes, parser } of container) {
        buffer.set(bytes);
        if (parsers[parser](buffer, bytes.length) !== undefined) parsed += 1;
      }
    const { user, system } = process.cpuUsage(begin);
    const copying = process.cpuUsage();
    for (const container of texts) for (const { bytes } of container) buffer.set(bytes);
    const copied = process.cpuUsage(copying);
    const speed = slowness();
    if (round < WARM_ROUNDS) continue;
    rounds.push((user + system - copied.user - copied.system) / texts.length);
    speeds.push(speed);
  }
  if (parsed !== ROUNDS * texts.length * FILES.length) throw new Error('a file of the synthetic node is malformed');
  bench.row({
    what: `parse only, one container of ${FILES.length} files`,
    measured: median(rounds),
    unit: 'us CPU',
    goal: 3,
    limit: 6,
    slowness: median(speeds),
    note: `${shown(size / texts.length)} bytes a container`,
  });
}
