import { gomaxprocsPatch, procsAgainstLimit, throttlingEvidence } from './gomaxprocs-limit.ts';
import { kubernetesCores, round } from './quantity.ts';
import type { ProcessContext, Rule, Verdict } from './types.ts';
import { clear, unknown } from './verdict.ts';

function detect(context: ProcessContext): Verdict {
  const { process } = context;
  const expected = process.expectedGomaxprocs;
  if (process.goMinor < 25) return clear(`${process.goVersion} looks at no CPU limit at all`);
  if (expected.containerAware === undefined)
    return unknown(...(expected.missing.length > 0 ? expected.missing : ['whether containermaxprocs is on']));
  if (!expected.containerAware) return clear(expected.reason);
  const leaf = process.leafCpuLimitCores;
  if (leaf === undefined) return unknown('cpu.max of the process’s own cgroup');
  const facts = procsAgainstLimit(process);
  if ('verdict' in facts) return facts.verdict;
  const effective = process.effective.cpuCores;
  if (effective === undefined || effective.cgroupPath === process.cgroupPath)
    return clear('the tightest limit is the one the runtime looks at', facts.evidence);
  if (facts.procs <= facts.fitting)
    return clear(`GOMAXPROCS ${facts.procs} fits the limit of the ${effective.level}`, facts.evidence);
  return {
    outcome: 'holds',
    severity: 'warning',
    summary: `the runtime looks only at its own cgroup's cpu.max (${leaf === 'max' ? 'no limit' : `${round(leaf, 3)} cores`}); the ${effective.level} is held to ${round(facts.limitCores, 3)} cores`,
    evidence: [
      ...facts.evidence,
      { signal: 'CPU limit the runtime sees', value: leaf, unit: 'cores', source: `cpu.max of ${process.cgroupPath}` },
      ...throttlingEvidence(context, facts),
    ],
    remedy: {
      text: `Give the container a CPU limit of its own, at most ${kubernetesCores(facts.limitCores)}: the runtime then sets GOMAXPROCS from it. Or set GOMAXPROCS=${facts.fitting}.`,
      patch:
        effective.level === 'pod'
          ? { kind: 'resources', set: { 'limits.cpu': kubernetesCores(facts.limitCores) } }
          : gomaxprocsPatch(facts.fitting),
    },
  };
}

/** Go >= 1.25 reads cpu.max of its leaf cgroup only (runtime/cgroup_linux.go header: parents are not considered). */
export const gomaxprocsMissesAncestorLimit: Rule = {
  id: 'GomaxprocsMissesAncestorLimit',
  title: 'The CPU limit that binds is set above the container, where the Go runtime does not look',
  subject: 'process',
  detect,
};
