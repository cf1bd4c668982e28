import type { ElfFile } from '../elf.ts';
import type { GoVersion } from '../types.ts';
import { arm64Sweep } from './arm64-sweep.ts';
import { readFunctionTable } from './function-table.ts';
import { readLinkedVersion } from './linked-version.ts';
import { ReceiverVotes } from './receiver-votes.ts';
import { sweepRuntime } from './runtime-code.ts';
import { readRuntimeFunctions } from './runtime-functions.ts';
import { firstStored, gomaxprocsCandidates, loadedWords, sliceCandidates, writtenWords } from './scalar-candidates.ts';
import type { Architecture, RuntimeAddresses } from './types.ts';
import { x86Sweep } from './x86-sweep.ts';

/** The variables among the {@link RuntimeAddresses}. */
export type Variables = Omit<
  RuntimeAddresses,
  'goVersion' | 'architecture' | 'method' | 'buildId' | 'relocatable' | 'firstLoad'
>;

/**
 * The variables by what the machine code of package runtime does with them, and the release: the one `stated`, or the one linked in.
 * undefined: no whole function table, nothing of package runtime in it, or no release. Yields every few milliseconds of work.
 */
export function* decodeVariables(
  elf: ElfFile,
  size: number,
  architecture: Architecture,
  stated: GoVersion | undefined,
): Generator<undefined, { readonly goVersion: GoVersion; readonly variables: Variables } | undefined, undefined> {
  const table = yield* readFunctionTable(elf);
  if (table === undefined) return undefined;
  const functions = yield* readRuntimeFunctions(elf, size, table);
  if (functions === undefined || functions.count === 0) return undefined;
  const votes = new ReceiverVotes(functions, table.module.variables, table.module.variablesEnd);
  const onStack = (stated === undefined ? table.format === '1.16' : stated.minor < 18) && architecture === 'arm64';
  yield* sweepRuntime(elf, functions, architecture === 'amd64' ? x86Sweep() : arm64Sweep(onStack), votes);
  const goVersion = stated ?? readLinkedVersion(elf, votes.usesOf('schedinit').keys());
  return goVersion === undefined ? undefined : { goVersion, variables: fromVotes(votes, goVersion) };
}

/** The first word of sched.lock is preceded by three words up to Go 1.24, and by four since; heapStats began memstats in Go 1.19. */
function fromVotes(votes: ReceiverVotes, goVersion: GoVersion): Variables {
  const lockOffset = goVersion.minor <= 24 ? 24 : 32;
  const heapStatsOffset = goVersion.minor <= 18 ? 5960 : 0;
  const lock = votes.elected('schedLock');
  const heapStats = votes.elected('heapStats');
  const [procresize, allgadd] = [votes.usesOf('procresize'), votes.usesOf('allgadd')];
  const allgs = sliceCandidates(allgadd);
  return {
    gcController: votes.elected('gcController'),
    memstats: heapStats === undefined ? undefined : heapStats - heapStatsOffset,
    sched: lock === undefined ? undefined : lock - lockOffset,
    gcCpuLimiter: votes.elected('gcCpuLimiter'),
    cpuStats: votes.elected('cpuStats'),
    gomaxprocs: gomaxprocsCandidates(procresize),
    ncpu: firstStored(votes.usesOf('osinit')),
    allp: sliceCandidates(procresize),
    allgs,
    allglen: writtenWords(allgadd, allgs[0]),
    mbuckets: loadedWords(votes.usesOf('mprof')),
  };
}
