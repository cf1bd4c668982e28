import { gomemlimitRemedy } from './gomemlimit-remedy.ts';
import { memoryLimit, PEAK_SOURCE, predictedPeak, withinLimit } from './memory-inputs.ts';
import { nextGcAbout } from './next-gc-about.ts';
import { humanBytes, humanSeconds } from './quantity.ts';
import type { Evidence, ProcessContext, Rule, Verdict } from './types.ts';
import { fromKnown } from './verdict.ts';

/** The collector starts between 70 and 95 % of the way to its goal (mgcpacer.go, trigger ratios), so a hair over is no proof. */
const CERTAINTY = 1.05;

/** Above this share of page cache, growth may be cache, which the kernel reclaims before it kills. */
const LITTLE_CACHE = 0.1;

function leadTime({ container }: ProcessContext, limitBytes: number): Evidence[] {
  if (container === undefined) return [];
  // A limit further up counts siblings too, whose memory is not in these figures.
  const level = container.effective.memoryMaxBytes?.level;
  if (level === 'pod' && container.memory.maxBytes !== limitBytes) return [];
  const { currentBytes, workingSetBytes, inactiveFileBytes, currentGrowthBytesPerSecond: growth } = container.memory;
  if (growth === undefined || growth <= 0) return [];
  if (currentBytes === undefined || workingSetBytes === undefined || inactiveFileBytes === undefined) return [];
  if (inactiveFileBytes > LITTLE_CACHE * currentBytes) return [];
  return [
    {
      signal: 'time until the limit at the present growth',
      value: Math.max(0, limitBytes - workingSetBytes) / growth,
      unit: 'seconds',
      source: 'memory.current over the window',
    },
  ];
}

/** Swap the container may still take, by its own limit and the node's; 0 where there is none or it is not known. */
function swapRoom({ container, node }: ProcessContext): number {
  const { swapMaxBytes: most, swapCurrentBytes: taken = 0 } = container?.memory ?? {};
  const free = node.swapFreeBytes ?? 0;
  return most === undefined ? 0 : most === 'max' ? free : Math.max(0, Math.min(free, most - taken));
}

function detect(context: ProcessContext): Verdict {
  const { process, thresholds } = context;
  const basis = memoryLimit(process);
  if ('verdict' in basis) return basis.verdict;
  const peak = predictedPeak(context);
  if ('verdict' in peak) return peak.verdict;
  const bound = basis.limitBytes * CERTAINTY;
  const evidence: Evidence[] = [
    {
      signal: 'predicted memory at the next collection',
      value: peak.totalBytes,
      unit: 'bytes',
      bound,
      source: PEAK_SOURCE,
    },
    basis.limitEvidence,
    ...peak.evidence,
  ];
  if (process.runtime.heapLiveBytes !== undefined)
    evidence.push(fromKnown('live heap', process.runtime.heapLiveBytes, 'bytes'));
  if (peak.totalBytes <= bound)
    return withinLimit(
      basis,
      `predicted ${humanBytes(peak.totalBytes)} of ${humanBytes(basis.limitBytes)} at the next collection`,
      evidence,
    );
  const lead = leadTime(context, basis.limitBytes);
  const seconds = lead[0]?.value;
  const { windowSeconds } = context;
  const soon = typeof seconds === 'number' && windowSeconds !== undefined && seconds < 2 * windowSeconds;
  const swap = swapRoom(context);
  const swaps = swap >= peak.totalBytes - basis.limitBytes;
  if (swap > 0)
    evidence.push({
      signal: 'swap left for the container',
      value: swap,
      unit: 'bytes',
      source: 'memory.swap.max, memory.swap.current and SwapFree',
    });
  return {
    outcome: 'holds',
    // With room in swap nothing is killed yet: the program gets slow first.
    severity: swaps ? 'warning' : 'critical',
    summary:
      `the next collection ends at ${humanBytes(peak.totalBytes)}, the memory limit is ${humanBytes(basis.limitBytes)}: if the heap grows to its goal, the kernel ${swaps ? 'swaps first, and each collection reads it all back' : 'kills first'}` +
      (typeof seconds === 'number' ? ` (in about ${humanSeconds(seconds)} at the present growth)` : ''),
    evidence: [...evidence, ...lead],
    atOnce: soon && !swaps,
    remedy: gomemlimitRemedy(process, {
      limitBytes: basis.limitBytes,
      outsideBytes: peak.outsideBytes,
      headroomRatio: thresholds.memory.headroomRatio,
    }),
  };
}

/** goal + rest of runtime + nonGo > M (runtime/mgcpacer.go: heapGoal knows GOGC and GOMEMLIMIT, never memory.max). */
export const nextGcBeyondMemoryLimit: Rule = {
  id: 'NextGcBeyondMemoryLimit',
  title: 'The next collection lies beyond the memory limit',
  about: nextGcAbout,
  subject: 'process',
  detect,
};
