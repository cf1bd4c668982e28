import { gomemlimitRemedy } from './gomemlimit-remedy.ts';
import { memoryLimit } from './memory-inputs.ts';
import { humanBytes } from './quantity.ts';
import type { ProcessContext, Rule, Verdict } from './types.ts';
import { clear, fromKnown, unknown } from './verdict.ts';

function detect({ process, thresholds }: ProcessContext): Verdict {
  const basis = memoryLimit(process);
  if ('verdict' in basis) return basis.verdict;
  const { gomemlimit } = process.settings;
  if (gomemlimit === undefined) return unknown('GOMEMLIMIT');
  if (gomemlimit.value === 'off') return clear('GOMEMLIMIT is not set: see GomemlimitMissing');
  const attributed = (process.attribution.anonShare ?? 0) >= thresholds.memory.attributionRatio;
  const nonGoBytes = attributed ? process.attribution.nonGoBytes : undefined;
  const evidence = [
    fromKnown('GOMEMLIMIT', { ...gomemlimit, value: gomemlimit.value }, 'bytes', basis.limitBytes - (nonGoBytes ?? 0)),
    basis.limitEvidence,
  ];
  if (nonGoBytes !== undefined) {
    evidence.push({
      signal: 'memory outside the Go runtime',
      value: nonGoBytes,
      unit: 'bytes',
      source: 'memory.stat anon - (Sys - HeapReleased)',
    });
  }
  const remedy = gomemlimitRemedy(process, {
    limitBytes: basis.limitBytes,
    nonGoBytes,
    headroomRatio: thresholds.memory.headroomRatio,
  });
  if (gomemlimit.value >= basis.limitBytes) {
    const farAbove = gomemlimit.value > 20 * basis.limitBytes;
    return {
      outcome: 'holds',
      severity: 'critical',
      summary: `GOMEMLIMIT is ${humanBytes(gomemlimit.value)}, the memory limit ${humanBytes(basis.limitBytes)}: the kernel kills before the collector tries harder`,
      evidence,
      remedy: farAbove
        ? {
            ...remedy,
            text: `${remedy.text} So large a value often comes from the downward API without a limit on that container, which gives the node's memory: take it from limits.memory of this container.`,
          }
        : remedy,
    };
  }
  if (nonGoBytes === undefined) return unknown(process.attribution.detail ?? 'memory outside the Go runtime');
  if (gomemlimit.value + nonGoBytes < basis.limitBytes)
    return clear('GOMEMLIMIT and the memory outside Go fit below the memory limit', evidence);
  return {
    outcome: 'holds',
    severity: 'warning',
    summary: `GOMEMLIMIT of ${humanBytes(gomemlimit.value)} and ${humanBytes(nonGoBytes)} outside Go together pass the memory limit of ${humanBytes(basis.limitBytes)}`,
    evidence,
    remedy,
  };
}

/** L + nonGo >= M. GOMEMLIMIT governs Sys - HeapReleased only (Go GC guide; runtime/debug.SetMemoryLimit). */
export const gomemlimitAboveMemoryLimit: Rule = {
  id: 'GomemlimitAboveMemoryLimit',
  title: 'GOMEMLIMIT lies beyond the memory limit',
  subject: 'process',
  detect,
};
