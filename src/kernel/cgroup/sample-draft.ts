import type { SampleField } from './control-files.ts';
import type { CgroupSample } from './types.ts';

/** A sample being filled. A copy of it is what others see, so that values not read this time are carried on. */
export type SampleDraft = { -readonly [K in keyof CgroupSample]: CgroupSample[K] };

/**
 * Puts what the parser of `field` gave there. The table of control files is typed so that a parser fits its field; that is
 * lost once both are values, hence the cast.
 */
export function put(draft: SampleDraft, field: SampleField, value: unknown): void {
  (draft as Record<SampleField, unknown>)[field] = value;
}

/** A sample of which nothing was read. All fields are there from the start: samples share one shape. */
export function emptySample(path: string, inode: number): SampleDraft {
  return {
    path,
    inode,
    readAtMs: 0,
    slowReadAtMs: 0,
    cpuStat: undefined,
    cpuMax: undefined,
    cpuMaxBurstUsec: undefined,
    cpuWeight: undefined,
    cpuIdle: undefined,
    cpuPressure: undefined,
    cpusetCpus: undefined,
    cpusetCpusEffective: undefined,
    cpusetMems: undefined,
    cpusetMemsEffective: undefined,
    memoryCurrent: undefined,
    memoryPeak: undefined,
    memoryMin: undefined,
    memoryLow: undefined,
    memoryHigh: undefined,
    memoryMax: undefined,
    memoryStat: undefined,
    memoryEvents: undefined,
    memoryEventsLocal: undefined,
    memoryOomGroup: undefined,
    memoryNumaAnon: undefined,
    memorySwapCurrent: undefined,
    memorySwapHigh: undefined,
    memorySwapMax: undefined,
    memorySwapEvents: undefined,
    memoryPressure: undefined,
    ioStat: undefined,
    ioStatPair: undefined,
    ioWeight: undefined,
    ioBfqWeight: undefined,
    ioMax: undefined,
    ioPressure: undefined,
    irqPressure: undefined,
    pidsCurrent: undefined,
    pidsPeak: undefined,
    pidsMax: undefined,
    pidsEventsMax: undefined,
    controllers: undefined,
    events: undefined,
    stat: undefined,
  };
}
