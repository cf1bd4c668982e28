import type { ElfFile } from '../elf.ts';
import type { Variables } from './decoded-variables.ts';
import { readSymbols } from './symbol-table.ts';

const SYMBOLS = [
  'runtime.gcController',
  'runtime.memstats',
  'runtime.sched',
  'runtime.gcCPULimiter',
  'runtime.gomaxprocs',
  'runtime.ncpu',
  'runtime.numCPUStartup',
  'runtime.allp',
  'runtime.allgs',
  'runtime.allglen',
  'runtime.mbuckets',
] as const;

/**
 * The variables by their names in .symtab. undefined when the names are gone or those that matter most are not among them.
 * There is never a cpuStats: it is a field, whose offset does not hold still. Yields every few milliseconds of work.
 */
export function* readNamedVariables(elf: ElfFile): Generator<undefined, Variables | undefined, undefined> {
  const symbols = yield* readSymbols(elf, SYMBOLS);
  const list = (...names: (typeof SYMBOLS)[number][]): number[] => {
    const address = names.map((name) => symbols.get(name)).find((each) => each !== undefined);
    return address === undefined ? [] : [address];
  };
  const named: Variables = {
    gcController: symbols.get('runtime.gcController'),
    memstats: symbols.get('runtime.memstats'),
    sched: symbols.get('runtime.sched'),
    gcCpuLimiter: symbols.get('runtime.gcCPULimiter'),
    cpuStats: undefined,
    gomaxprocs: list('runtime.gomaxprocs'),
    ncpu: list('runtime.numCPUStartup', 'runtime.ncpu'),
    allp: list('runtime.allp'),
    allgs: list('runtime.allgs'),
    allglen: list('runtime.allglen'),
    mbuckets: list('runtime.mbuckets'),
  };
  const complete = named.gcController !== undefined && named.memstats !== undefined && named.sched !== undefined;
  return complete && named.gomaxprocs.length > 0 ? named : undefined;
}

/** What the symbols do not name comes from the code: always cpuStats, which is a field of another variable. */
export function withDecoded(named: Variables, decoded: Variables | undefined): Variables {
  if (decoded === undefined) return named;
  const list = (key: 'ncpu' | 'allp' | 'allgs' | 'allglen'): readonly number[] =>
    named[key].length > 0 ? named[key] : decoded[key];
  return {
    ...named,
    gcCpuLimiter: named.gcCpuLimiter ?? decoded.gcCpuLimiter,
    cpuStats: decoded.cpuStats,
    ncpu: list('ncpu'),
    allp: list('allp'),
    allgs: list('allgs'),
    allglen: list('allglen'),
  };
}
