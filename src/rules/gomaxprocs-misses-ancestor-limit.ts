import { fits, gomaxprocsPatch, isIdle, procsAgainstLimit, throttlingEvidence } from './gomaxprocs-limit.ts';
import { humanCores, kubernetesCores } from './quantity.ts';
import type { ProcessContext, Rule, Verdict } from './types.ts';
import { clear, unknown } from './verdict.ts';

function detect(context: ProcessContext): Verdict {
  const { process } = context;
  const expected = process.expectedGomaxprocs;
  if (process.goMinor < 25)
    return clear(`the runtime of ${process.goVersion} looks at no CPU limit at all: see GomaxprocsAboveCpuLimit`);
  if (expected.containerAware === undefined)
    return unknown(...(expected.missing.length > 0 ? expected.missing : ['whether containermaxprocs is on']));
  if (!expected.containerAware) return clear(expected.reason);
  const leaf = process.leafCpuLimitCores;
  if (leaf === undefined) return unknown('cpu.max of the process’s own cgroup');
  const facts = procsAgainstLimit(process);
  if ('verdict' in facts) return facts.verdict;
  const effective = process.effective.cpuCores;
  if (effective === undefined || effective.cgroupPath === process.cgroupPath)
    return fits(facts, 'the tightest limit is the one the runtime looks at');
  if (facts.procs <= facts.fitting)
    return fits(facts, `GOMAXPROCS ${facts.procs} fits the limit of the ${effective.level}`);
  const ownLimit = `Give it a CPU limit of its own, at most ${kubernetesCores(facts.limitCores)}: the runtime then sets GOMAXPROCS from it.`;
  return {
    outcome: 'holds',
    severity: isIdle(context, facts) ? 'info' : 'warning',
    summary: `the runtime looks only at its own cgroup's cpu.max (${leaf === 'max' ? 'no limit' : humanCores(leaf)}); the ${effective.level} is held to ${humanCores(facts.limitCores)}`,
    evidence: [
      ...facts.evidence,
      { signal: 'CPU limit the runtime sees', value: leaf, unit: 'cores', source: `cpu.max of ${process.cgroupPath}` },
      ...throttlingEvidence(context, facts),
    ],
    remedy:
      effective.level === 'pod'
        ? {
            text: `${ownLimit} Or set GOMAXPROCS=${facts.fitting}.`,
            patch: { kind: 'resources', set: { 'limits.cpu': kubernetesCores(facts.limitCores) } },
          }
        : { text: `Set GOMAXPROCS=${facts.fitting}. Or: ${ownLimit}`, patch: gomaxprocsPatch(facts.fitting) },
  };
}

/** Go >= 1.25 reads cpu.max of its leaf cgroup only (runtime/cgroup_linux.go header: parents are not considered). */
export const gomaxprocsMissesAncestorLimit: Rule = {
  id: 'GomaxprocsMissesAncestorLimit',
  title: 'The CPU limit that binds is set above the container, where the Go runtime does not look',
  about: {
    meaning:
      'Go 1.25 and newer read `cpu.max` of the cgroup the process is in, and of no other. A limit on the pod or on a slice is not seen, and GOMAXPROCS is chosen as if it were not there.',
    firesWhen:
      "the runtime follows the CPU limit, the tightest limit is set at an ancestor of the process's cgroup, and GOMAXPROCS > fitting for it",
    severity: '`warning`; `info` when the container uses less than a tenth of the limit',
    change: 'a CPU limit on the container itself; or GOMAXPROCS = fitting',
    silentWhen:
      "Go is older than 1.25 or does not follow the limit (other rules say so); the tightest limit is the process's own; GOMAXPROCS fits",
    unknownWhen: "`cpu.max` of the process's own cgroup or of an ancestor, or the environment, could not be read",
    sources: [
      "Go 1.25 `runtime/cgroup_linux.go`, the comment at its head: the parent's tighter limit is not considered",
    ],
  },
  subject: 'process',
  detect,
};
