import { gomemlimitRemedy } from './gomemlimit-remedy.ts';
import { memoryLimit, outsideGo, withinLimit } from './memory-inputs.ts';
import { humanBytes } from './quantity.ts';
import type { Evidence, ProcessContext, Rule, Verdict } from './types.ts';
import { clear, fromKnown, unknown } from './verdict.ts';

/** So many times the memory limit is no slip: the value was made for something else. */
const FAR_ABOVE = 20;

function detect(context: ProcessContext): Verdict {
  const { process, thresholds } = context;
  const basis = memoryLimit(process);
  if ('verdict' in basis) return basis.verdict;
  const { gomemlimit } = process.settings;
  if (gomemlimit === undefined) return unknown('GOMEMLIMIT');
  if (gomemlimit.value === 'off') return clear('GOMEMLIMIT is not set: see GomemlimitMissing');
  const { limitBytes } = basis;
  const measured = outsideGo(context);
  const outside = 'missing' in measured ? undefined : measured;
  const evidence: Evidence[] = [
    fromKnown('GOMEMLIMIT', { ...gomemlimit, value: gomemlimit.value }, 'bytes', limitBytes - (outside?.bytes ?? 0)),
    basis.limitEvidence,
    ...(outside?.evidence ?? []),
  ];
  const remedy = gomemlimitRemedy(process, {
    limitBytes,
    outsideBytes: outside?.bytes,
    headroomRatio: thresholds.memory.headroomRatio,
  });
  if (gomemlimit.value >= limitBytes) {
    const farAbove = gomemlimit.value > FAR_ABOVE * limitBytes;
    return {
      outcome: 'holds',
      severity: 'critical',
      summary: `GOMEMLIMIT is ${humanBytes(gomemlimit.value)}, the memory limit ${humanBytes(limitBytes)}: the kernel kills before the collector tries harder`,
      evidence,
      remedy: farAbove
        ? {
            ...remedy,
            text: `${remedy.text} So large a value often comes from the downward API without a limit on that container, which gives the node's memory: take it from limits.memory of this container.`,
          }
        : remedy,
    };
  }
  if ('missing' in measured) return unknown(measured.missing);
  if (gomemlimit.value + measured.bytes < limitBytes)
    return withinLimit(basis, 'GOMEMLIMIT and the memory outside Go fit below the memory limit', evidence);
  return {
    outcome: 'holds',
    severity: 'warning',
    summary: `GOMEMLIMIT of ${humanBytes(gomemlimit.value)} and ${humanBytes(measured.bytes)} outside Go together pass the memory limit of ${humanBytes(limitBytes)}`,
    evidence,
    remedy,
  };
}

/** L + nonGo >= M. GOMEMLIMIT governs Sys - HeapReleased only (Go GC guide; runtime/debug.SetMemoryLimit). */
export const gomemlimitAboveMemoryLimit: Rule = {
  id: 'GomemlimitAboveMemoryLimit',
  title: 'GOMEMLIMIT lies beyond the memory limit',
  about: {
    meaning:
      'GOMEMLIMIT is soft and governs `Sys - HeapReleased`. It helps only if the collector gets to act before the kernel does. Above the memory limit it never does.',
    firesWhen: 'GOMEMLIMIT + memory outside Go >= memory limit',
    severity: '`critical` when GOMEMLIMIT alone is at or above the memory limit, else `warning`',
    change:
      "GOMEMLIMIT computed as for GomemlimitMissing, with headroom of `thresholds.memory.headroomRatio`. A value over 20 x the limit is told apart: it often comes from the downward API on a container without a limit, which gives the node's memory",
    silentWhen: 'there is no memory limit; GOMEMLIMIT is off; both fit below the limit',
    unknownWhen:
      "GOMEMLIMIT or `memory.max` is not known; GOMEMLIMIT is below the limit and memory outside Go is not known, as when the process holds less than `thresholds.memory.attributionRatio` of the cgroup's memory",
    sources: ['Go `runtime/debug/garbage.go` (`SetMemoryLimit`)', 'Go GC guide, "Memory limit"'],
  },
  subject: 'process',
  detect,
};
