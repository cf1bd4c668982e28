import type { Limit } from '../../base/limit.ts';
import { cgroupEventsParser, cgroupStatParser, type ProcessList, parseControllers, parseProcs } from './core.ts';
import { cpuStatParser, parseCpuMax } from './cpu.ts';
import { parseCpuList } from './cpuset.ts';
import { ioStatParser, parseIoMax, parseIoWeight } from './io.ts';
import { parseLimit, parseNumber } from './limit.ts';
import { memoryEventsParser, memoryStatParser, swapEventsParser } from './memory.ts';
import { parseNumaAnon } from './numa-stat.ts';
import { pidsEventsParser } from './pids.ts';
import { pressureParser } from './pressure.ts';
import type { Parse } from './scan.ts';
import type {
  CgroupEvents,
  CgroupStat,
  CpuMax,
  CpuStat,
  IoDeviceMax,
  IoDeviceStat,
  IoWeight,
  MemoryEvents,
  MemoryStat,
  NumaBytes,
  Pressure,
  SwapEvents,
} from './types.ts';

/**
 * One parser for each format. Several keep something between files (keys of the last one, room for numbers), so a set of readers
 * shares one of these objects and nothing else does.
 */
export interface CgroupParsers {
  readonly number: Parse<number>;
  readonly limit: Parse<Limit>;
  readonly pressure: Parse<Pressure>;
  readonly cpuStat: Parse<CpuStat>;
  readonly cpuMax: Parse<CpuMax>;
  readonly cpuList: Parse<readonly number[]>;
  readonly memoryStat: Parse<MemoryStat>;
  readonly memoryEvents: Parse<MemoryEvents>;
  readonly swapEvents: Parse<SwapEvents>;
  readonly numaAnon: Parse<readonly NumaBytes[]>;
  readonly ioStat: Parse<readonly IoDeviceStat[]>;
  readonly ioWeight: Parse<IoWeight>;
  readonly ioMax: Parse<readonly IoDeviceMax[]>;
  readonly pidsEvents: Parse<number>;
  readonly controllers: Parse<readonly string[]>;
  readonly cgroupEvents: Parse<CgroupEvents>;
  readonly cgroupStat: Parse<CgroupStat>;
  readonly procs: Parse<ProcessList>;
}

/** Parsers for one set of readers. */
export function createCgroupParsers(): CgroupParsers {
  return {
    number: parseNumber,
    limit: parseLimit,
    pressure: pressureParser(),
    cpuStat: cpuStatParser(),
    cpuMax: parseCpuMax,
    cpuList: parseCpuList,
    memoryStat: memoryStatParser(),
    memoryEvents: memoryEventsParser(),
    swapEvents: swapEventsParser(),
    numaAnon: parseNumaAnon,
    ioStat: ioStatParser(),
    ioWeight: parseIoWeight,
    ioMax: parseIoMax,
    pidsEvents: pidsEventsParser(),
    controllers: parseControllers,
    cgroupEvents: cgroupEventsParser(),
    cgroupStat: cgroupStatParser(),
    procs: parseProcs,
  };
}
