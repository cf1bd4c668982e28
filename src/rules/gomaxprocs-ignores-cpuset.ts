import { fittingProcs, gomaxprocsPatch } from './gomaxprocs-limit.ts';
import type { Evidence, ProcessContext, Rule, Verdict } from './types.ts';
import { clear, fromKnown, unknown } from './verdict.ts';

function detect({ process }: ProcessContext): Verdict {
  const { gomaxprocs } = process.settings;
  if (gomaxprocs === undefined) return unknown('GOMAXPROCS', ...process.expectedGomaxprocs.missing);
  const procs = gomaxprocs.value;
  const { affinityCpus } = process;
  // The kernel keeps the mask within the cpuset, so the mask alone decides; a cpuset can only show that there are fewer.
  const cpus = affinityCpus ?? process.effective.cpusetCpus;
  if (cpus === undefined) return unknown('CPU affinity of the process');
  const evidence: Evidence[] = [
    fromKnown('GOMAXPROCS', gomaxprocs, 'threads', cpus),
    {
      signal: 'CPUs it may use',
      value: cpus,
      unit: 'count',
      source: affinityCpus === undefined ? 'cpuset.cpus.effective' : 'Cpus_allowed_list of /proc/PID/status',
    },
  ];
  if (procs <= cpus)
    return affinityCpus === undefined
      ? unknown('CPU affinity of the process')
      : clear(`GOMAXPROCS ${procs} is no more than the ${cpus} CPUs it may use`, evidence);
  const limit = process.effective.cpuCores?.limit;
  const value = typeof limit === 'number' ? Math.min(cpus, fittingProcs(limit)) : cpus;
  const { offBecause } = process.expectedGomaxprocs;
  const set =
    offBecause === 'env-gomaxprocs'
      ? `Change GOMAXPROCS=${procs} in the environment to ${value}, or remove it: the runtime counts the CPUs of its mask at start.`
      : `Set GOMAXPROCS=${value}. If the program calls runtime.GOMAXPROCS, take that call out; if the cpuset changed after its start, a restart is enough.`;
  return {
    outcome: 'holds',
    severity: procs >= 2 * cpus ? 'warning' : 'info',
    summary: `GOMAXPROCS is ${procs}, but the process may use only ${cpus} CPU${cpus === 1 ? '' : 's'}: threads that run Go code, the collector’s among them, take turns`,
    evidence,
    remedy: { text: set, patch: gomaxprocsPatch(value) },
  };
}

/**
 * P > CPUs of the mask. At start the runtime counts the mask (runtime/os_linux.go, getproccount: sched_getaffinity), so a higher value
 * was set by hand, or the cpuset shrank later; Go 1.25 and newer follow such a change unless GOMAXPROCS is set.
 */
export const gomaxprocsIgnoresCpuset: Rule = {
  id: 'GomaxprocsIgnoresCpuset',
  title: 'GOMAXPROCS is higher than the number of CPUs the process may use',
  subject: 'process',
  about: {
    meaning:
      'More threads run Go code than there are CPUs for them. The kernel makes them take turns: a goroutine that holds a lock, or a collector thread others wait for, may be the one that is not running. The collector is laid out for a quarter of GOMAXPROCS, which is then more than a quarter of the CPUs.',
    firesWhen: 'GOMAXPROCS is above the number of CPUs in the affinity mask, which is never wider than the cpuset.',
    severity: 'info; warning from twice the number of CPUs on.',
    change:
      'Set GOMAXPROCS to the number of CPUs, or remove the setting; restart when the cpuset shrank after the start.',
    silentWhen: 'GOMAXPROCS is no more than the CPUs of the mask.',
    unknownWhen: 'GOMAXPROCS or the affinity mask is not known.',
    sources: ['runtime/os_linux.go getproccount, Go 1.26', 'cgroup-v2.rst, cpuset.cpus.effective'],
  },
  detect,
};
