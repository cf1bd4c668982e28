import type { GoProcessModel } from '../model/go-process-types.ts';
import { humanBytes, percent } from './quantity.ts';
import type { Evidence, ProcessContext, Remedy, Rule, Verdict } from './types.ts';
import { clear, fromKnown, unknown } from './verdict.ts';

/** Shares of all anonymous memory: in huge pages, and beyond what the runtime says it has. */
const MOSTLY_HUGE = 0.5;
/** From there on huge pages gain more than they cost (Go GC guide, "Linux transparent huge pages"). */
const LARGE_HEAP = 1 << 30;
/** One huge page is 2 MiB: a few of them are a large share of a small program, and no one's trouble. */
const LEAST_BYTES = 32 * 1024 * 1024;
const OFF = 'disablethp=1';

function environmentGodebug({ settings }: GoProcessModel): string | undefined {
  return settings.godebug?.from === 'environment' ? settings.godebug.value : undefined;
}

function remedyFor(process: GoProcessModel): Remedy {
  const before = environmentGodebug(process);
  const value = before === undefined ? OFF : `${before},${OFF}`;
  return {
    text: `Set GODEBUG=${value} (Go 1.21.6 and later), or write 0 to /sys/kernel/mm/transparent_hugepage/khugepaged/max_ptes_none on the node, so that the kernel no longer fills what the runtime gave back.`,
    patch: { kind: 'env', set: { GODEBUG: value } },
  };
}

function detect(context: ProcessContext): Verdict {
  const { process, container, node, thresholds } = context;
  if (process.goMinor < 21) return clear('Go before 1.21 keeps huge pages off memory it gives back');
  if (process.settings.godebug?.value.split(',').includes(OFF) === true) return clear(`GODEBUG has ${OFF}`);
  const { anonShare, nonGoBytes, detail } = process.attribution;
  if (anonShare === undefined || nonGoBytes === undefined) return unknown(detail ?? 'memory outside the Go runtime');
  const { managedBytes: managed } = process.runtime;
  if (managed === undefined) return unknown('memory the runtime manages');
  if (anonShare < thresholds.memory.attributionRatio)
    return unknown('attribution: other processes hold too much of the cgroup’s memory');
  const all = managed.value + nonGoBytes;
  const bound = Math.max(LEAST_BYTES, thresholds.memory.nonGoRatio * all);
  const evidence: Evidence[] = [
    {
      signal: 'anonymous memory beyond what the runtime has',
      value: nonGoBytes,
      unit: 'bytes',
      bound,
      source: 'memory.stat anon - (Sys - HeapReleased)',
    },
    fromKnown('memory GOMEMLIMIT governs', managed, 'bytes'),
  ];
  if (nonGoBytes <= bound)
    return clear(
      `${percent(all === 0 ? 0 : nonGoBytes / all)} of the anonymous memory is beyond what the runtime has`,
      evidence,
    );
  if (container === undefined) return unknown('the container’s memory.stat');
  const { anonHugeBytes: huge, anonBytes: anon } = container.memory;
  const mode = node.sysctls['transparent_hugepage.enabled'];
  const fill = node.sysctls['khugepaged.max_ptes_none'];
  if (mode === 'never') return clear('huge pages are off on the node', evidence);
  if (fill === 0) return clear('the kernel makes huge pages of full ranges only (max_ptes_none is 0)', evidence);
  if (huge === undefined || anon === undefined) return unknown('memory.stat anon_thp');
  // Under a limit of the pod its other containers count as outside Go, and these huge pages are not theirs.
  if (anon - managed.value <= bound) return clear('what is beyond the runtime is in other containers', evidence);
  evidence.push({
    signal: 'anonymous memory in huge pages',
    value: huge,
    unit: 'bytes',
    bound: MOSTLY_HUGE * anon,
    source: 'memory.stat anon_thp',
  });
  if (huge <= MOSTLY_HUGE * anon)
    return clear(`${humanBytes(huge)} of the anonymous memory are in huge pages`, evidence);
  if (mode === undefined || fill === undefined) return unknown('huge page settings of the node');
  evidence.push(
    { signal: 'transparent huge pages', value: mode, unit: '', source: '/sys/kernel/mm/transparent_hugepage/enabled' },
    { signal: 'empty pages khugepaged fills', value: fill, unit: 'count', source: 'khugepaged/max_ptes_none' },
  );
  // madvise takes only ranges a program asked for, and Go asks for none since 1.21.1.
  if (mode !== 'always') return clear(`huge pages only where a program asks for them (${mode})`, evidence);
  const probable = process.cgoEnabled === true;
  return {
    outcome: 'holds',
    severity: probable || all > LARGE_HEAP ? 'info' : 'warning',
    summary:
      `${humanBytes(nonGoBytes)} more are resident than the runtime has, and ${percent(huge / anon)} of the memory is in huge pages: the kernel fills up what the runtime gave back` +
      (probable ? ', unless it is what cgo allocates' : ''),
    evidence,
    remedy: remedyFor(process),
  };
}

/** khugepaged fills ranges that the runtime released in part (golang/go#64332; Go GC guide, "Linux transparent huge pages"). */
export const thpInflatesRss: Rule = {
  id: 'ThpInflatesRss',
  title: 'Huge pages fill up memory the runtime gave back',
  subject: 'process',
  forSeconds: 300,
  detect,
  about: {
    meaning:
      'The runtime gives unused memory back in pieces of a few pages. With transparent huge pages `always` and khugepaged at its default of 511 empty pages, the kernel turns ranges of which one page is left into huge pages again, so the memory is back without anybody using it. The container grows, and neither heap profile nor GOMEMLIMIT knows of it.',
    firesWhen:
      'Over half of the container’s anonymous memory is in huge pages, anonymous memory is above what the runtime has by more than `thresholds.memory.nonGoRatio` (20 %) and 32 MiB, huge pages are `always` and max_ptes_none is not 0; Go 1.21 and later, for five minutes.',
    severity:
      'warning; info for programs with cgo, whose own allocations look the same, and above 1 GiB, where huge pages gain more than they cost.',
    change: 'Set GODEBUG=disablethp=1 (Go 1.21.6), or khugepaged/max_ptes_none to 0 on the node.',
    silentWhen:
      'Go before 1.21, GODEBUG has disablethp=1, resident memory is what the runtime has, or huge pages are few, off, or only on request.',
    unknownWhen: 'What the runtime has, memory.stat anon_thp or the node’s settings are not known.',
    sources: [
      'golang/go#64332 and #61718',
      'Go GC guide, "Linux transparent huge pages"',
      'Documentation/admin-guide/mm/transhuge.rst (Linux 6.12)',
    ],
  },
};
