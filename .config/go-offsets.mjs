// node .config/go-offsets.mjs [--check]: writes src/go/memory/offsets.ts, the layouts of the runtime's structs by Go minor version,
// from the DWARF of test/go-targets built by each toolchain, for amd64 and arm64. --check: writes nothing, exits 1 when the file
// is not what this would write. The field lists are below; their types are in src/go/memory/offset-types.ts.
// runtime.debug and runtime.work change within a minor version (and by GOEXPERIMENT), so nothing of them is ever written.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildTargets } from '../test/go-targets/build.mjs';
import { ALL_VERSIONS } from '../test/go-targets/toolchains.mjs';
import { GoRuntime } from './go-runtime.mjs';

const root = join(import.meta.dirname, '..');
const target = 'src/go/memory/offsets.ts';

/** Name in the table -> the runtime's type and its fields. */
const STRUCTS = {
  gcController: {
    type: 'gcControllerState',
    fields: `gcPercent memoryLimit heapMinimum runway trigger heapGoal gcPercentHeapGoal sweepDistMinTrigger triggered lastHeapGoal
      heapLive heapScan lastHeapScan lastStackScan globalsScan heapMarked assistTime dedicatedMarkTime fractionalMarkTime idleMarkTime
      heapInUse heapReleased heapFree totalAlloc totalFree mappedReady`,
  },
  memstats: {
    type: 'mstats',
    fields: `heapStats.stats heapStats.gen heap_sys heap_inuse heap_released stacks_inuse stacks_sys mspan_sys mcache_sys buckhash_sys
      gcWorkBufInUse gcProgPtrScalarBitsInUse gcMiscSys other_sys last_gc_unix pause_total_ns pause_ns pause_end numgc numforcedgc
      gc_cpu_fraction last_gc_nanotime`,
  },
  sched: {
    type: 'schedt',
    fields: `lastpoll lock.key nmidle mnext nmfreed ngsys npidle nmspinning nGsyscallNoP runqsize runq.size gFree.n gFree.stack.size
      gFree.noStack.size gcwaiting procresizetime totaltime customGOMAXPROCS timeToRun.counts idleTime totalMutexWaitTime
      stwTotalTimeGC.counts goroutinesCreated`,
  },
  gcCPULimiter: {
    type: 'gcCPULimiterState',
    fields: 'enabled bucket.fill bucket.capacity overflow lastEnabledCycle',
  },
  p: { type: 'p', fields: 'id status schedtick runqhead runqtail runnext gFree.n gFree.size' },
  g: { type: 'g', fields: 'atomicstatus goid waitsince waitreason gopc startpc' },
  heapStatsDelta: {
    type: 'heapStatsDelta',
    fields: `committed released inHeap inStacks inWorkBufs inPtrScalarBits tinyAllocCount largeAlloc largeAllocCount smallAllocCount
      largeFree largeFreeCount smallFreeCount`,
  },
  cpuStats: {
    type: 'cpuStats',
    fields: `GCAssistTime GCDedicatedTime GCIdleTime GCPauseTime GCTotalTime ScavengeAssistTime ScavengeBgTime ScavengeTotalTime
      IdleTime UserTime TotalTime`,
  },
  timeHistogram: { type: 'timeHistogram', fields: 'counts underflow overflow' },
  bucket: { type: 'bucket', fields: 'allnext typ hash size nstk' },
  memRecord: { type: 'memRecord', fields: 'active future' },
  memRecordCycle: { type: 'memRecordCycle', fields: 'allocs frees alloc_bytes free_bytes' },
};
const CONSTANTS = [
  'timeHistSubBucketBits',
  'timeHistNumSuperBuckets',
  'timeHistMinBucketBits',
  'timeHistMaxBucketBits',
  '_Gidle',
  '_Gdead',
  '_Gdeadextra',
  '_Gscan',
];
const STRINGS = { waitReasons: 'waitReasonStrings', statuses: 'gStatusStrings' };

/** Minor versions of which the first release (`1.17`, a version of its own) is laid out otherwise than the last: row `1.17.0`. */
const FIRST_DIFFERS = ['1.17', '1.18'];

/** Row -> toolchain. */
const ROWS = ALL_VERSIONS.flatMap((version) => {
  const minor = version.split('.').slice(0, 2).join('.');
  return [...(FIRST_DIFFERS.includes(minor) ? [[`${minor}.0`, minor]] : []), [minor, version]];
});

/** One version's row. Only the size of a struct may differ by architecture: of the trailing cache line pad. */
function row(version, amd64, arm64) {
  const sections = {};
  for (const [name, wanted] of Object.entries(STRUCTS)) {
    const [first, second] = [amd64.struct(wanted), arm64.struct(wanted)];
    if (JSON.stringify(first?.fields) !== JSON.stringify(second?.fields))
      throw new Error(`Go ${version}: the fields of ${name} lie elsewhere on arm64, for which the table has no room`);
    sections[name] = first && {
      byteSize: { amd64: first.byteSize, arm64: second.byteSize },
      ...Object.fromEntries(first.fields),
    };
  }
  sections.constants = Object.fromEntries(CONSTANTS.map((name) => [name, amd64.constant(name)]));
  for (const [name, variable] of Object.entries(STRINGS)) {
    sections[name] = amd64.strings(variable);
    if (JSON.stringify(sections[name]) !== JSON.stringify(arm64.strings(variable)))
      throw new Error(`Go ${version}: ${variable} differs on arm64`);
  }
  return sections;
}

function literal(value) {
  if (value === undefined || typeof value === 'number') return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  return `{ ${Object.entries(value)
    .map(([key, of]) => `${JSON.stringify(key)}: ${literal(of)}`)
    .join(', ')} }`;
}

/** Versions with the same layout of a struct share one constant, named after the first of them. */
function source(rows) {
  const shared = new Map();
  const entries = rows.map(([version, sections]) => {
    const members = Object.entries(sections).map(([name, of]) => {
      const text = literal(of);
      if (of === undefined) return `${name}: undefined`;
      const key = `${name} ${text}`;
      if (!shared.has(key)) shared.set(key, { id: `${name}${version.replaceAll('.', '_')}`, name, text });
      return `${name}: ${shared.get(key).id}`;
    });
    return `'${version}': { ${members.join(', ')} }`;
  });
  const names = [...new Set([...shared.values()].map(({ name }) => name))];
  const constants = names.flatMap((wanted) =>
    [...shared.values()]
      .filter(({ name }) => name === wanted)
      .map(({ id, name, text }) => `const ${id}: NonNullable<RuntimeOffsets['${name}']> = ${text};\n`),
  );
  const versions = ROWS.map(([, version]) => version);
  return `// Generated by .config/go-offsets.mjs from the DWARF of programs built for amd64 and arm64 with Go
// ${versions.join(', ')}. Do not edit.
// Field: [offset, size], or [offset, size of one, count].
import type { RuntimeOffsets } from './offset-types.ts';

${constants.join('\n')}
/**
 * Layouts of the runtime by Go minor version: '1.27'. The last patch level was read for amd64 and arm64, and the first has the same layout,
 * but for 1.17 and 1.18, where heapStatsDelta lost its padding on the way: '1.18.0' holds to 1.18.2 at least, '1.18' from 1.18.4, and
 * of 1.17 only the ends are known. A program of these versions tells by its own figures which of the two it is.
 */
export const RUNTIME_OFFSETS: Readonly<Record<string, RuntimeOffsets>> = { ${entries.join(', ')} };
`;
}

function formatted(text) {
  const biome = join(root, 'node_modules/.bin/biome');
  const run = spawnSync(biome, ['format', `--stdin-file-path=${target}`], { cwd: root, input: text, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`biome: ${run.stderr}`);
  return run.stdout;
}

const versions = ROWS.map(([, version]) => version);
const built = await buildTargets({ versions, variants: ['default', 'arm64'], programs: ['probe'] });
const runtime = (version, variant) => {
  const found = built.find((candidate) => candidate.version === version && candidate.variant === variant);
  if (found?.path === undefined) throw new Error(`Go ${version} ${variant}: ${found?.skipped ?? 'not built'}`);
  return new GoRuntime(readFileSync(found.path));
};
const rows = ROWS.map(([name, version]) => [
  name,
  row(version, runtime(version, 'default'), runtime(version, 'arm64')),
]);
const text = formatted(source(rows));
if (process.argv.includes('--check')) {
  if (readFileSync(join(root, target), 'utf8') !== text) {
    process.stderr.write(`${target} is not what .config/go-offsets.mjs makes of these toolchains\n`);
    process.exit(1);
  }
} else writeFileSync(join(root, target), text);
