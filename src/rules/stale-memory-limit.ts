import type { Limit } from '../base/limit.ts';
import { gomemlimitRemedy } from './gomemlimit-remedy.ts';
import { memoryLimit, outsideGo } from './memory-inputs.ts';
import { goBytes, humanBytes, percent } from './quantity.ts';
import { type Evidence, type ProcessContext, type Rule, remembering, type Verdict } from './types.ts';
import { clear, clearSoFar, fromKnown, unknown } from './verdict.ts';

/** The memory limit when the GOMEMLIMIT in force was first seen. */
interface Settled {
  readonly limit: Limit;
  readonly gomemlimit: number;
}

/** A smaller change is rounding to pages. */
const CHANGE = 0.05;

/** The limit now: `max` for none of its own; undefined when not known for certain. */
function limitNow({ process }: ProcessContext): Limit | undefined {
  const basis = memoryLimit(process);
  if ('verdict' in basis) return basis.verdict.outcome === 'clear' ? 'max' : undefined;
  return basis.complete ? basis.limitBytes : undefined;
}

/** What automemlimit would set now is no word on what it set at the start. */
function gomemlimitNow({ process }: ProcessContext): number | undefined {
  const known = process.settings.gomemlimit;
  return known === undefined || known.from === 'inferred' || known.value === 'off' ? undefined : known.value;
}

function observe(before: Settled | undefined, context: ProcessContext): Settled | undefined {
  const [limit, gomemlimit] = [limitNow(context), gomemlimitNow(context)];
  if (limit === undefined || gomemlimit === undefined) return before;
  return before?.gomemlimit === gomemlimit ? before : { limit, gomemlimit };
}

function detect(context: ProcessContext, settled: Settled | undefined): Verdict {
  const { process, thresholds } = context;
  const known = process.settings.gomemlimit;
  if (known === undefined) return unknown('GOMEMLIMIT');
  if (known.value === 'off') return clear('GOMEMLIMIT is not set: see GomemlimitMissing');
  if (known.from === 'inferred') return unknown('GOMEMLIMIT as the runtime has it, not as worked out from the limit');
  const limit = limitNow(context);
  if (limit === undefined || settled === undefined) return unknown('memory.max of the cgroup and its ancestors');
  const gomemlimit = known.value;
  const evidence: Evidence[] = [
    fromKnown('GOMEMLIMIT', { ...known, value: gomemlimit }, 'bytes'),
    {
      signal: 'memory limit when GOMEMLIMIT was first seen',
      value: settled.limit,
      unit: 'bytes',
      source: 'memory.max, remembered',
    },
    { signal: 'memory limit now', value: limit, unit: 'bytes', source: 'memory.max' },
  ];
  if (limit === 'max') return clear('no memory limit to follow', evidence);
  const old = settled.limit;
  if (old !== 'max' && Math.abs(limit - old) <= CHANGE * old)
    return clearSoFar('the memory limit is what it was', evidence);
  const measured = outsideGo(context);
  const outside = 'missing' in measured ? undefined : measured.bytes;
  const fitting = limit * (1 - thresholds.memory.headroomRatio) - (outside ?? 0);
  const grew = old !== 'max' && limit > old;
  if (!grew && outside === undefined && gomemlimit < limit)
    return unknown('missing' in measured ? measured.missing : 'memory outside Go');
  if (!grew && gomemlimit <= fitting)
    return clear('the memory limit became smaller, and GOMEMLIMIT fits below it', evidence);
  const changed = `the memory limit went from ${old === 'max' ? 'none' : humanBytes(old)} to ${humanBytes(limit)}, and GOMEMLIMIT stayed at ${humanBytes(gomemlimit)}`;
  if (!grew) {
    const { text, patch } = gomemlimitRemedy(process, {
      limitBytes: limit,
      outsideBytes: outside,
      headroomRatio: thresholds.memory.headroomRatio,
    });
    return {
      outcome: 'holds',
      severity: 'warning',
      summary: `${changed}: the kernel now acts before the collector does`,
      evidence,
      remedy: {
        text: `${text} It counts from the next start on; without one, call debug.SetMemoryLimit.`,
        ...(patch === undefined ? {} : { patch }),
      },
    };
  }
  const bound = process.runtime.goalSetBy === 'GOMEMLIMIT';
  return {
    outcome: 'holds',
    severity: bound ? 'warning' : 'info',
    summary: `${changed}, ${percent(gomemlimit / limit)} of it: ${bound ? 'the collector works to stay below a limit that is no more' : 'what was added is not used'}`,
    evidence,
    remedy: {
      text: `Set GOMEMLIMIT=${goBytes(fitting)}: the memory limit of ${humanBytes(limit)} less ${outside === undefined ? '' : `${humanBytes(outside)} outside Go and `}headroom. It counts from the next start on; without one, call debug.SetMemoryLimit, or have automemlimit refresh it.`,
      patch: { kind: 'env', set: { GOMEMLIMIT: goBytes(fitting) } },
    },
  };
}

/** Pods are resized in place since Kubernetes 1.33 (KEP-1287); a running Go program takes no notice of memory.max (golang/go#75164). */
export const staleMemoryLimit: Rule = {
  id: 'StaleMemoryLimit',
  title: 'The memory limit changed and GOMEMLIMIT did not follow',
  subject: 'process',
  forSeconds: 120,
  ...remembering(observe, detect),
  about: {
    meaning:
      'The memory limit of a running container can be changed: by an in-place resize, a vertical autoscaler, systemctl. GOMEMLIMIT is read once, at the start of the program, whoever set it. After a change down, the kernel kills before the collector tries harder; after a change up, the memory added is not used, and a collector that worked hard goes on doing so.',
    firesWhen:
      'The tightest memory limit is over 5 % from what it was when this GOMEMLIMIT was first seen in this process, GOMEMLIMIT is the same, and it does not fit below the new limit with 10 % headroom, or the limit grew; for two minutes.',
    severity: 'warning when the limit shrank, or when it grew and GOMEMLIMIT sets the heap goal; else info.',
    change: 'Set GOMEMLIMIT for the new limit and restart, or have the program call debug.SetMemoryLimit.',
    silentWhen:
      'The limit is what it was, GOMEMLIMIT followed, is not set, or fits below a smaller limit. Changes from before the agent’s first look are not seen.',
    unknownWhen:
      'GOMEMLIMIT is only worked out (automemlimit, whose value at the start is not visible), a level’s memory.max is not known, or after a smaller limit the memory outside Go is not.',
    sources: ['KEP-1287, in-place update of pod resources', 'runtime/debug.SetMemoryLimit', 'golang/go#75164'],
  },
};
