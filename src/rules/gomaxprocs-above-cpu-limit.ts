import {
  fits,
  gomaxprocsPatch,
  isSetElsewhere,
  leafLimitFits,
  type ProcsAgainstLimit,
  procsAgainstLimit,
  throttlingEvidence,
  throttlingSeverity,
} from './gomaxprocs-limit.ts';
import { humanCores, round } from './quantity.ts';
import type { ProcessContext, Remedy, Rule, Verdict } from './types.ts';
import { stallExpectation } from './what-if/expectation.ts';

/** What to change, and the stalls to expect of it. */
function remedy(context: ProcessContext, facts: ProcsAgainstLimit): Remedy {
  const change = changeFor(context, facts);
  const then = stallExpectation(context.process, context.container, { gomaxprocs: facts.fitting });
  return { ...change, text: `${change.text}${then}` };
}

function changeFor({ process }: ProcessContext, facts: ProcsAgainstLimit): Remedy {
  const { procs, fitting } = facts;
  const patch = gomaxprocsPatch(fitting);
  const why = process.expectedGomaxprocs;
  if (isSetElsewhere(process)) {
    return {
      text: `By itself the runtime would choose ${why.value ?? '?'} here and now, so a call of runtime.GOMAXPROCS, or the limit and CPU mask at its start, decided. Set GOMAXPROCS=${fitting}; if ${procs} stays, change that call.`,
      patch,
    };
  }
  // Switching the runtime's own look at the limit on helps only where that look would find the limit.
  const followed = leafLimitFits(process, facts) === true;
  switch (why.offBecause) {
    case 'go-version':
      return {
        text: `Set GOMAXPROCS=${fitting}${followed ? ', or build with Go 1.25 or newer and `go 1.25` in go.mod: then the runtime follows the CPU limit by itself' : ''}.`,
        patch,
      };
    case 'go-line':
      return followed
        ? {
            text: `Raise the \`go\` line of the main module to 1.25: this Go version then follows the CPU limit by itself. Until then set GOMAXPROCS=${fitting}.`,
            patch: { kind: 'go.mod', set: { go: '1.25' } },
          }
        : { text: `Set GOMAXPROCS=${fitting}.`, patch };
    case 'godebug-env':
      return {
        text: `Set GOMAXPROCS=${fitting}${followed ? ', or remove containermaxprocs=0 from GODEBUG' : ''}.`,
        patch,
      };
    case 'env-gomaxprocs':
      return {
        text: `Change GOMAXPROCS=${procs} in the environment to ${fitting}${followed && process.goMinor >= 25 ? ', or remove it and let the runtime follow the limit' : ''}.`,
        patch,
      };
    case undefined:
      return { text: `Set GOMAXPROCS=${fitting}, or raise the CPU limit to ${procs} cores.`, patch };
  }
}

function consequence({ procs, limitCores, parallel }: ProcsAgainstLimit): string {
  return parallel > limitCores
    ? `when ${parallel === procs ? 'all Ps' : `${parallel} Ps, one on each CPU it may use,`} run, the quota is gone after ${round((limitCores / parallel) * 100, 0)} % of each period and everything stops, collector included`
    : `it may use only ${parallel} CPUs and so cannot overrun the quota, but scheduler and collector are laid out for ${procs}`;
}

function detect(context: ProcessContext): Verdict {
  const facts = procsAgainstLimit(context.process);
  if ('verdict' in facts) return facts.verdict;
  const cores = humanCores(facts.limitCores);
  if (facts.procs <= facts.fitting)
    return fits(facts, `GOMAXPROCS ${facts.procs} is no more than ${facts.fitting}, what fits a limit of ${cores}`);
  return {
    outcome: 'holds',
    severity: throttlingSeverity(context, facts),
    summary: `GOMAXPROCS is ${facts.procs} under a CPU limit of ${cores}: ${consequence(facts)}`,
    evidence: [...facts.evidence, ...throttlingEvidence(context, facts)],
    remedy: remedy(context, facts),
  };
}

/**
 * P > max(2, ceil(limit)). The bound is the runtime's own choice since Go 1.25 (runtime/cgroup_linux.go, adjustCgroupGOMAXPROCS),
 * so a program on defaults of that version trips it only by a limit above its own cgroup, where the runtime does not look. A collection may use every P (mgcpacer.go, startCycle: idle workers).
 */
export const gomaxprocsAboveCpuLimit: Rule = {
  id: 'GomaxprocsAboveCpuLimit',
  title: 'GOMAXPROCS is higher than the CPU limit can feed',
  about: {
    meaning:
      'When all Ps run, the quota is used up in `limit / GOMAXPROCS` of each period, and then every thread of the container stops until the next period. A collection may use every P, so an otherwise idle program stalls in its collections. The worst stall in one period is `period x (1 - limit / CPUs in parallel)`.',
    firesWhen: 'GOMAXPROCS > `max(2, ceil(effective CPU limit))`',
    severity:
      '`critical`: GOMAXPROCS is at least 4 x the limit and the throttled ratio is at least `thresholds.gomaxprocs.criticalThrottledRatio`. `warning`: at least 2 x and at least `thresholds.gomaxprocs.warningThrottledRatio`. Otherwise `info`. Fewer than `thresholds.cpuThrottled.minPeriods` periods count as no throttling',
    change:
      "GOMAXPROCS = fitting. Where the runtime would find the limit by itself, also what switches that on: a newer Go, the `go` line of go.mod, GODEBUG. Where the value told is not the runtime's own choice: the call of `runtime.GOMAXPROCS`",
    silentWhen:
      'there is no CPU limit at any level; GOMAXPROCS fits, which it always does when a program on the defaults of Go 1.25 has its own limit. `info` at most: a container that uses less than a tenth of its limit and is hardly throttled; a process whose affinity mask has too few CPUs to overrun the quota',
    unknownWhen: '`cpu.max` of a level, or GOMAXPROCS, could not be read or worked out',
    sources: [
      'Go 1.25 `runtime/cgroup_linux.go` (`adjustCgroupGOMAXPROCS`)',
      'Go `runtime/mgcpacer.go` (`startCycle`, idle mark workers)',
      'Linux `Documentation/admin-guide/cgroup-v2.rst` (`cpu.max`, `cpu.stat`)',
    ],
  },
  subject: 'process',
  detect,
};
