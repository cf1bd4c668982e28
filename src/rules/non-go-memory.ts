import { type ByteTrend, followBytes, steadyGrowth } from './byte-trend.ts';
import { gomemlimitRemedy } from './gomemlimit-remedy.ts';
import { memoryLimit, outsideGo } from './memory-inputs.ts';
import { humanBytes, humanSeconds, percent } from './quantity.ts';
import { type Evidence, type ProcessContext, type Remedy, type Rule, remembering, type Verdict } from './types.ts';
import { clearSoFar, fromKnown, unknown } from './verdict.ts';

/** Less is what any program has: thread stacks of the system, the executable's own data, pages of libraries. */
const LEAST_BYTES = 64 << 20;

/** Caches fill and pools grow after the start: that is no trend. */
const WARM_UP_SECONDS = 600;

/** Time to act within; growth that takes longer to matter is a note. */
const SOON_SECONDS = 3 * 86_400;

function observe(before: ByteTrend | undefined, context: ProcessContext): ByteTrend {
  const outside = outsideGo(context);
  const warmingUp = (context.process.uptimeSeconds ?? WARM_UP_SECONDS) < WARM_UP_SECONDS;
  return followBytes(before, context.at, warmingUp || 'missing' in outside ? undefined : outside.bytes);
}

/** Where such memory comes from, as far as the build tells. */
function whose({ process, container }: ProcessContext, bytes: number): string {
  const { shmemBytes: shmem = 0, anonHugeBytes: huge = 0 } = container?.memory ?? {};
  if (shmem > bytes / 2)
    return 'Most of it is files in tmpfs or shared memory: an emptyDir of medium Memory, /dev/shm. They count for the container that wrote them.';
  if (process.cgoEnabled === true)
    return 'The program is built with cgo: look at what its C libraries allocate, and at mmap.';
  if (process.cgoEnabled === false)
    return huge > bytes / 2
      ? 'The program has no cgo, and much of the container’s memory is in huge pages: see ThpInflatesRss, then memory the program maps itself (mmap).'
      : 'The program has no cgo: look at memory it maps itself (mmap: databases, caches) and at child processes.';
  return 'Look at cgo libraries, at memory the program maps itself (mmap), and at child processes.';
}

function remedyFor(context: ProcessContext, bytes: number): Remedy {
  const { process, thresholds } = context;
  const basis = memoryLimit(process);
  const told = `GOMEMLIMIT governs none of it. ${whose(context, bytes)}`;
  if ('verdict' in basis) return { text: told };
  const gomemlimit = process.settings.gomemlimit?.value;
  const most = basis.limitBytes * (1 - thresholds.memory.headroomRatio) - bytes;
  if (typeof gomemlimit === 'number' && gomemlimit <= most)
    return { text: `${told} GOMEMLIMIT of ${humanBytes(gomemlimit)} leaves room for it below the memory limit.` };
  const { text } = gomemlimitRemedy(process, {
    limitBytes: basis.limitBytes,
    outsideBytes: bytes,
    headroomRatio: thresholds.memory.headroomRatio,
  });
  return { text: `${told} ${text}` };
}

function detect(context: ProcessContext, trend: ByteTrend): Verdict {
  const { process, thresholds } = context;
  const outside = outsideGo(context);
  if ('missing' in outside) return unknown(outside.missing);
  const { managedBytes: managed } = process.runtime;
  if (managed === undefined) return unknown('memory the runtime manages');
  const { bytes } = outside;
  const all = bytes + managed.value;
  const bound = Math.max(LEAST_BYTES, thresholds.memory.nonGoRatio * all);
  const growth = steadyGrowth(trend);
  const evidence: Evidence[] = outside.evidence.map((entry, index) => (index === 0 ? { ...entry, bound } : entry));
  evidence.push(fromKnown('memory GOMEMLIMIT governs', managed, 'bytes'));
  const share = `${humanBytes(bytes)}, ${percent(all === 0 ? 0 : bytes / all)} of the memory held, is outside the Go runtime`;
  if (growth === undefined) {
    if (bytes <= bound) return clearSoFar(`${share}, and it does not grow steadily`, evidence);
    return {
      outcome: 'holds',
      severity: 'info',
      summary: `${share}: neither the collector nor GOMEMLIMIT has a say in it`,
      evidence,
      remedy: remedyFor(context, bytes),
    };
  }
  const perSecond = growth.bytes / growth.seconds;
  evidence.push({
    signal: 'growth of memory outside the Go runtime per second',
    value: perSecond,
    unit: 'bytes',
    source: `its readings of the last ${humanSeconds(growth.seconds)}`,
  });
  const basis = memoryLimit(process);
  const left = 'verdict' in basis ? undefined : Math.max(0, basis.limitBytes - all) / perSecond;
  if (left !== undefined)
    evidence.push({
      signal: 'time until the limit at this growth',
      value: left,
      unit: 'seconds',
      source: 'memory limit less memory held',
    });
  return {
    outcome: 'holds',
    severity: left !== undefined && left < SOON_SECONDS ? 'warning' : 'info',
    summary:
      `memory outside the Go runtime grew by ${humanBytes(growth.bytes)} in ${humanSeconds(growth.seconds)} to ${humanBytes(bytes)}` +
      (left === undefined ? '' : `; at that pace the memory limit is reached in ${humanSeconds(left)}`),
    evidence,
    remedy: remedyFor(context, bytes),
  };
}

/** anon - (Sys - HeapReleased) and tmpfs: what GOMEMLIMIT cannot govern (Go GC guide, "Memory limit"; runtime/debug.SetMemoryLimit). */
export const nonGoMemory: Rule = {
  id: 'NonGoMemory',
  title: 'Much memory is outside the Go runtime, or more and more of it',
  subject: 'process',
  forSeconds: 60,
  ...remembering(observe, detect),
  about: {
    meaning:
      'The container holds memory the Go runtime knows nothing of: C libraries (cgo), memory the program maps itself, child processes, files in tmpfs. It counts against the memory limit, but heap profiles do not show it, the collector cannot free it and GOMEMLIMIT does not count it. When it grows, no setting of Go helps.',
    firesWhen:
      'Anonymous memory of the cgroup less what the runtime manages, with files in tmpfs, is above 64 MiB and above `thresholds.memory.nonGoRatio` (20 %) of all; or it grew steadily over ten minutes or more, by 32 MiB and a tenth at least.',
    severity: 'info; warning when it grows so that the memory limit is reached in less than three days.',
    change:
      'Find the owner: cgo allocations, mmap, tmpfs. Take the amount off GOMEMLIMIT; the finding gives the value for the present limit.',
    silentWhen:
      'It is small and does not grow; a plateau, a spike or a saw-tooth is no growth, nor are the first ten minutes of the program.',
    unknownWhen:
      'The runtime does not say what it manages, or other processes hold more than a fifth of the container’s memory.',
    sources: [
      'Go GC guide, "Memory limit": what counts and what does not',
      'Documentation/admin-guide/cgroup-v2.rst, memory.stat anon and shmem (Linux 6.12)',
    ],
  },
};
