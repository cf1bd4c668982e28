import { gomemlimitRemedy } from './gomemlimit-remedy.ts';
import { memoryLimit, outsideGo } from './memory-inputs.ts';
import type { Evidence, ProcessContext, Remedy, Rule, Verdict } from './types.ts';
import { clear, fromKnown, unknown } from './verdict.ts';

function remedy(context: ProcessContext): Remedy {
  const { process, thresholds } = context;
  const basis = memoryLimit(process);
  if ('verdict' in basis) {
    return {
      text: 'Remove GOGC=off, or set a memory limit on the container and a GOMEMLIMIT 10 % below it.',
      patch: { kind: 'env', set: { GOGC: '100' } },
    };
  }
  const outside = outsideGo(context);
  return gomemlimitRemedy(process, {
    limitBytes: basis.limitBytes,
    outsideBytes: 'missing' in outside ? undefined : outside.bytes,
    headroomRatio: thresholds.memory.headroomRatio,
  });
}

function detect(context: ProcessContext): Verdict {
  const { process, container } = context;
  const { gogc, gomemlimit } = process.settings;
  const missing = [...(gogc === undefined ? ['GOGC'] : []), ...(gomemlimit === undefined ? ['GOMEMLIMIT'] : [])];
  if (gogc !== undefined && gogc.value !== 'off')
    return clear(`GOGC is ${gogc.value}`, [fromKnown('GOGC', gogc, 'percent')]);
  if (gogc === undefined || gomemlimit === undefined) return unknown(...missing);
  const evidence: Evidence[] = [
    fromKnown('GOGC', gogc, ''),
    fromKnown('GOMEMLIMIT', gomemlimit, gomemlimit.value === 'off' ? '' : 'bytes'),
  ];
  if (gomemlimit.value !== 'off') return clear('GOGC is off, but GOMEMLIMIT makes the collector run', evidence);
  const cycles = process.runtime.gcCycles;
  const forced = process.runtime.forcedGcCycles;
  if (cycles !== undefined) evidence.push(fromKnown('collections so far', cycles, 'count'));
  if (forced !== undefined) evidence.push(fromKnown('collections the program asked for', forced, 'count'));
  const growth = container?.memory.currentGrowthBytesPerSecond;
  if (growth !== undefined)
    evidence.push({
      signal: 'memory growth per second',
      value: growth,
      unit: 'bytes',
      source: 'memory.current over the window',
    });
  const selfManaged = forced !== undefined && forced.value > 0;
  return {
    outcome: 'holds',
    severity: selfManaged ? 'info' : 'warning',
    summary: selfManaged
      ? `GOGC=off without GOMEMLIMIT: garbage goes only when the program calls runtime.GC (${forced.value} times so far)`
      : `GOGC=off without GOMEMLIMIT: ${forced === undefined ? 'unless the program calls runtime.GC, ' : ''}nothing ever starts a collection, memory grows until the kernel kills`,
    evidence,
    remedy: remedy(context),
  };
}

/** GOGC=off and no memory limit (runtime/mgcpacer.go: the goal is then the largest number). */
export const gcOffUnbounded: Rule = {
  id: 'GcOffUnbounded',
  title: 'The collector is off and nothing bounds the heap',
  about: {
    meaning:
      'With GOGC=off and no GOMEMLIMIT the heap goal is the largest number there is. The collector never starts on its own, and memory grows until the kernel kills.',
    firesWhen: 'GOGC is off and GOMEMLIMIT is off',
    severity: '`warning`; `info` when the program calls `runtime.GC` itself (forced collections were counted)',
    change:
      'GOMEMLIMIT computed as for GomemlimitMissing, with headroom of `thresholds.memory.headroomRatio`; without a memory limit: GOGC back on',
    silentWhen: 'GOGC is a number; GOMEMLIMIT is set, which makes the collector run',
    unknownWhen: 'GOGC or GOMEMLIMIT is not known',
    sources: ['Go `runtime/mgcpacer.go` (`gcPercentHeapGoal`: with GOGC off it is the largest number)'],
  },
  subject: 'process',
  detect,
};
