import { gomaxprocsPatch, procsAgainstLimit, throttlingEvidence, throttlingSeverity } from './gomaxprocs-limit.ts';
import { kubernetesCores, round } from './quantity.ts';
import type { ProcessContext, Remedy, Rule, Verdict } from './types.ts';
import { clear } from './verdict.ts';

function remedy({ process }: ProcessContext, fitting: number, limit: number): Remedy {
  const patch = gomaxprocsPatch(fitting);
  const why = process.expectedGomaxprocs;
  switch (why.offBecause) {
    case 'go-version':
      return {
        text: `Set GOMAXPROCS=${fitting}, or build with Go 1.25 or newer and \`go 1.25\` in go.mod: then the runtime follows the CPU limit by itself.`,
        patch,
      };
    case 'go-line':
      return {
        text: `Raise the \`go\` line of the main module to 1.25: this Go version then follows the CPU limit by itself. Until then set GOMAXPROCS=${fitting}.`,
        patch: { kind: 'go.mod', set: { go: '1.25' } },
      };
    case 'godebug-env':
      return { text: `Remove containermaxprocs=0 from GODEBUG, or set GOMAXPROCS=${fitting}.`, patch };
    case 'env-gomaxprocs':
      return {
        text: `Change GOMAXPROCS=${process.settings.gomaxprocs?.value ?? '?'} in the environment to ${fitting}, or remove it${process.goMinor >= 25 ? ' and let the runtime follow the limit' : ''}.`,
        patch,
      };
    case undefined:
      return { text: `Set GOMAXPROCS=${fitting}, or raise the CPU limit above ${kubernetesCores(limit)}.`, patch };
  }
}

function detect(context: ProcessContext): Verdict {
  const facts = procsAgainstLimit(context.process);
  if ('verdict' in facts) return facts.verdict;
  if (facts.procs <= facts.fitting) {
    return clear(
      `GOMAXPROCS ${facts.procs} is no more than ${facts.fitting}, what fits a limit of ${round(facts.limitCores, 3)} cores`,
      facts.evidence,
    );
  }
  return {
    outcome: 'holds',
    severity: throttlingSeverity(context, facts),
    summary: `GOMAXPROCS is ${facts.procs} under a CPU limit of ${round(facts.limitCores, 3)} cores: when all Ps run, the quota is gone after ${round((facts.limitCores / facts.procs) * 100, 0)} % of each period and everything stops, collector included`,
    evidence: [...facts.evidence, ...throttlingEvidence(context, facts)],
    remedy: remedy(context, facts.fitting, facts.limitCores),
  };
}

/**
 * P > max(2, ceil(limit)). The bound is the runtime's own choice since Go 1.25 (runtime/cgroup_linux.go, adjustCgroupGOMAXPROCS),
 * so a program on defaults of that version can never trip it. A collection may use every P (mgcpacer.go, startCycle: idle workers).
 */
export const gomaxprocsAboveCpuLimit: Rule = {
  id: 'GomaxprocsAboveCpuLimit',
  title: 'GOMAXPROCS is higher than the CPU limit can feed',
  subject: 'process',
  detect,
};
