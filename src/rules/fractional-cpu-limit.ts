import { heldBack } from './cpu-inputs.ts';
import { fits, procsAgainstLimit } from './gomaxprocs-limit.ts';
import { humanCores, kubernetesCores, percent, round } from './quantity.ts';
import type { ProcessContext, Remedy, Rule, Verdict } from './types.ts';
import { clear, unknown } from './verdict.ts';

function remedy(limitCores: number, atContainer: boolean): Remedy {
  const up = Math.ceil(limitCores);
  const down = Math.floor(limitCores);
  const less =
    down >= 2
      ? ` ${down} costs ${humanCores(limitCores - down)} of the limit and takes a P away with them.`
      : ' Below that the runtime keeps two Ps, so a lower limit is throttled more.';
  const text = `Take a whole limit: ${up} is ${humanCores(up - limitCores)} more and feeds all ${up} Ps all the time.${less}`;
  return atContainer ? { text, patch: { kind: 'resources', set: { 'limits.cpu': kubernetesCores(up) } } } : { text };
}

function detect(context: ProcessContext): Verdict {
  const { process, thresholds } = context;
  const facts = procsAgainstLimit(process);
  if ('verdict' in facts) return facts.verdict;
  const { limitCores, procs } = facts;
  // Quotas are whole microseconds: 200,001 of 100,000 is no fraction anybody asked for.
  const fraction = Math.abs(limitCores - Math.round(limitCores));
  if (fraction < 0.001) return fits(facts, `the limit of ${humanCores(limitCores)} is whole`);
  if (limitCores < 1 || procs !== Math.ceil(limitCores))
    return fits(facts, `GOMAXPROCS ${procs} is not the limit of ${humanCores(limitCores)} rounded up`);
  const held = heldBack(context);
  if ('missing' in held) return unknown(held.missing);
  const evidence = [...facts.evidence, ...held.evidence];
  if (held.ratio < thresholds.cpuThrottled.warningRatio)
    return facts.complete
      ? clear(`${percent(held.ratio)} of the periods were throttled: the missing part of a core is not felt`, evidence)
      : unknown('cpu.max of an ancestor');
  if (!facts.complete) return unknown('cpu.max of an ancestor');
  const period = process.effective.cpuPeriodSeconds;
  if (period !== undefined)
    evidence.push({
      signal: 'stall per period with all Ps busy',
      value: period * (1 - limitCores / procs),
      unit: 'seconds',
      source: `period x (1 - ${round(limitCores, 3)} / ${procs})`,
    });
  const level = process.effective.cpuCores?.level;
  return {
    outcome: 'holds',
    severity: 'info',
    summary: `the CPU limit of ${humanCores(limitCores)} is no whole number: GOMAXPROCS ${procs} is its round-up, so with all Ps busy each period ends in a stall (${percent(held.ratio)} of the periods were throttled)`,
    evidence,
    remedy: remedy(limitCores, level === 'container' || level === 'sub-container'),
  };
}

/** ceil(limit) Ps share a limit that is not whole (runtime/cgroup_linux.go, adjustCgroupGOMAXPROCS, Go 1.25: "rounds up"). */
export const fractionalCpuLimit: Rule = {
  id: 'FractionalCpuLimit',
  title: 'A CPU limit that is no whole number stalls a program with all Ps busy',
  subject: 'process',
  forSeconds: 60,
  about: {
    meaning:
      'Go rounds a fractional CPU limit up. When all Ps are busy, the quota of the period is gone before the period ends, and everything in the container stops for the rest of it. A whole limit has no such remainder.',
    firesWhen:
      'The effective CPU limit is above one core and not whole, GOMAXPROCS is the limit rounded up, and at least `cpuThrottled.warningRatio` of the periods were throttled, for 60 s.',
    severity: 'info.',
    change: 'Take the next whole limit up (its cost is told), or the next one down with one P less.',
    silentWhen: 'The limit is whole or below one core, GOMAXPROCS is another number, or throttling is rare.',
    unknownWhen: 'GOMAXPROCS, cpu.max of a level or the throttling of the container is not known.',
    sources: ['runtime/cgroup_linux.go adjustCgroupGOMAXPROCS, Go 1.25', 'cgroup-v2.rst, cpu.max'],
  },
  detect,
};
