import { gomemlimitRemedy } from './gomemlimit-remedy.ts';
import { memoryLimit, PEAK_SOURCE, predictedPeak, withinLimit } from './memory-inputs.ts';
import { humanBytes, percent } from './quantity.ts';
import type { ProcessContext, Rule, Verdict } from './types.ts';
import { clear, fromKnown, unknown } from './verdict.ts';

function detect(context: ProcessContext): Verdict {
  const { process, thresholds } = context;
  const basis = memoryLimit(process);
  if ('verdict' in basis) return basis.verdict;
  const { gogc, gomemlimit } = process.settings;
  if (gomemlimit === undefined) return unknown('GOMEMLIMIT');
  if (gomemlimit.value !== 'off')
    return clear(`GOMEMLIMIT is set to ${humanBytes(gomemlimit.value)}`, [
      fromKnown('GOMEMLIMIT', gomemlimit, 'bytes'),
    ]);
  if (gogc === undefined) return unknown('GOGC');
  if (gogc.value === 'off') return clear('GOGC is off: see GcOffUnbounded');
  const peak = predictedPeak(context);
  if ('verdict' in peak) return peak.verdict;
  const bound = thresholds.memory.predictedPeakRatio * basis.limitBytes;
  const evidence = [
    {
      signal: 'predicted memory at the next collection',
      value: peak.totalBytes,
      unit: 'bytes' as const,
      bound,
      source: PEAK_SOURCE,
    },
    basis.limitEvidence,
    fromKnown('GOMEMLIMIT', { ...gomemlimit, value: 'off' }, ''),
    fromKnown('GOGC', gogc, 'percent'),
    ...peak.evidence,
  ];
  const share = peak.totalBytes / basis.limitBytes;
  if (peak.totalBytes <= bound)
    return withinLimit(basis, `predicted peak is ${percent(share)} of the memory limit`, evidence);
  return {
    outcome: 'holds',
    severity: 'warning',
    summary: `no GOMEMLIMIT, and memory may reach ${percent(share)} of the memory limit before the next collection is done: the collector does not know of the ${humanBytes(basis.limitBytes)} limit`,
    evidence,
    remedy: gomemlimitRemedy(process, {
      limitBytes: basis.limitBytes,
      outsideBytes: peak.outsideBytes,
      headroomRatio: thresholds.memory.headroomRatio,
    }),
  };
}

/**
 * M finite, L off, predicted peak near M. The runtime reads no memory control file in any version up to 1.27, so without
 * GOMEMLIMIT the goal is 2 x live at GOGC=100 whatever the cgroup allows (Go GC guide).
 */
export const gomemlimitMissing: Rule = {
  id: 'GomemlimitMissing',
  title: 'No GOMEMLIMIT, and the heap may grow to the memory limit',
  about: {
    meaning:
      'The runtime reads no memory control file. Without GOMEMLIMIT the heap goal is twice the live heap at GOGC=100, whatever the cgroup allows. Near the limit the kernel kills before the collector starts.',
    firesWhen:
      'there is a memory limit, GOMEMLIMIT is off, GOGC is on, and the predicted peak is above `thresholds.memory.predictedPeakRatio` of the memory limit',
    severity: '`warning`',
    change:
      'GOMEMLIMIT = memory limit - memory outside Go - headroom of `thresholds.memory.headroomRatio`. When 1.25 x the live heap (at least 4 MiB) and the runtime beside it would not fit below that: a larger memory limit, because a GOMEMLIMIT near the live heap makes the collector run all the time',
    silentWhen:
      'there is no memory limit; GOMEMLIMIT is set; GOGC is off (see GcOffUnbounded); the predicted peak is lower',
    unknownWhen:
      "GOMEMLIMIT, GOGC or the heap goal is not known (the memory of the process is not read, and no endpoint answers); the process holds less than `thresholds.memory.attributionRatio` of the cgroup's memory (attribution)",
    sources: [
      'Go `runtime/mgcpacer.go` (`heapGoalInternal`, `readGOMEMLIMIT`)',
      'Go `runtime/debug/garbage.go` (`SetMemoryLimit`)',
      'Go GC guide, "Suggested uses": 5 to 10 % headroom',
    ],
  },
  subject: 'process',
  detect,
};
