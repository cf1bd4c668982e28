import type { Limit } from '../base/limit.ts';
import { fittingProcs, gomaxprocsPatch } from './gomaxprocs-limit.ts';
import { humanCores, humanSeconds } from './quantity.ts';
import type { Evidence, ProcessContext, Rule, Verdict } from './types.ts';
import { remembering } from './types.ts';
import { clear, clearSoFar, fromKnown, fromLimit, unknown } from './verdict.ts';

/** The CPU limit as it was, and since when it is another. */
interface LimitHistory {
  /** The limit in force before the last change; the one seen first while there was none. */
  readonly was: Limit | undefined;
  readonly is: Limit | undefined;
  readonly changedAtMs: number | undefined;
  /** GOMAXPROCS just before the change. */
  readonly procs: number | undefined;
}

/** A runtime that follows looks at its cgroup at most once a second, and not while it is idle: a minute is ample for a busy one. */
const SETTLED_MS = 60_000;

function observe(before: LimitHistory | undefined, { process, at }: ProcessContext): LimitHistory {
  const seen = process.effective.cpuCores;
  const limit = seen?.complete === true ? seen.limit : undefined;
  const { gomaxprocs } = process.settings;
  // What is inferred follows from the limit as it is now, and says nothing of what was set before.
  const procs = gomaxprocs?.from === 'inferred' ? (before?.procs ?? gomaxprocs.value) : gomaxprocs?.value;
  if (before === undefined) return { was: limit, is: limit, changedAtMs: undefined, procs };
  if (limit === undefined) return before;
  if (before.is === undefined || before.was === undefined) return { ...before, was: limit, is: limit, procs };
  if (limit === before.is)
    return before.changedAtMs === undefined ? { ...before, procs: procs ?? before.procs } : before;
  // Changed again before the first change was followed: GOMAXPROCS is still that of the limit before.
  const cpus = process.affinityCpus;
  const stillOld = procs !== undefined && !matches(procs, before.is, cpus) && matches(procs, before.was, cpus);
  return {
    was: stillOld ? before.was : before.is,
    is: limit,
    changedAtMs: at.monotonicMs,
    procs: procs ?? before.procs,
  };
}

/** The GOMAXPROCS values that the runtime (rounded up) and automaxprocs (rounded down) make of a limit. */
function matches(procs: number, limit: Limit, cpus: number | undefined): boolean {
  if (limit === 'max') return procs === cpus;
  return (
    procs === fittingProcs(limit) || procs === Math.max(1, Math.floor(limit)) || procs === Math.max(1, Math.ceil(limit))
  );
}

const coresText = (limit: Limit): string => (limit === 'max' ? 'no limit' : humanCores(limit));

function detect(context: ProcessContext, history: LimitHistory): Verdict {
  const { process, at } = context;
  const effective = process.effective.cpuCores;
  if (effective === undefined || !effective.complete || history.is === undefined || history.was === undefined)
    return unknown(
      effective?.complete === false ? 'cpu.max of an ancestor' : 'cpu.max of the cgroup and its ancestors',
    );
  const { was, is, changedAtMs } = history;
  if (changedAtMs === undefined || was === is)
    return clearSoFar('the CPU limit has not changed since the process was first seen');
  const { gomaxprocs } = process.settings;
  if (gomaxprocs === undefined) return unknown('GOMAXPROCS', ...process.expectedGomaxprocs.missing);
  const cpus = process.affinityCpus;
  // automaxprocs sets the value once, so what it would set now says nothing of what it has set.
  const inferred = gomaxprocs.from === 'inferred';
  if (inferred && process.expectedGomaxprocs.setBy !== 'automaxprocs')
    return process.expectedGomaxprocs.containerAware === false
      ? clear('GOMAXPROCS never came from the CPU limit')
      : unknown('GOMAXPROCS as the process itself tells it, not as it follows from the limit');
  const procs = inferred ? history.procs : gomaxprocs.value;
  if (procs === undefined) return unknown('GOMAXPROCS before the limit changed');
  const sinceSeconds = (at.monotonicMs - changedAtMs) / 1000;
  const evidence: Evidence[] = [
    { ...fromKnown('GOMAXPROCS', gomaxprocs, 'threads', is === 'max' ? undefined : fittingProcs(is)), value: procs },
    fromLimit('effective CPU limit', effective, 'cores', 'cpu.max'),
    {
      signal: 'CPU limit before',
      value: was,
      unit: 'cores',
      source: 'cpu.max, as it was when the process was first seen or before the change',
    },
    { signal: 'time since the change', value: sinceSeconds, unit: 'seconds', source: 'looks at cpu.max' },
  ];
  if (matches(procs, is, cpus) || (cpus !== undefined && procs === cpus && (is === 'max' || is >= cpus)))
    return clear('GOMAXPROCS fits the limit as it is now', evidence);
  if (!matches(procs, was, cpus)) return clear('GOMAXPROCS did not come from the limit as it was before', evidence);
  // All CPUs of the node is also what a runtime takes that never looks at the limit. Whoever writes it into the environment means it.
  const { containerAware, setBy } = process.expectedGomaxprocs;
  if (was !== 'max' && procs === cpus && containerAware === false && setBy !== 'environment')
    return setBy === undefined
      ? unknown('environment, to know whether GOMAXPROCS was set to the limit or is the number of CPUs')
      : clear('GOMAXPROCS is the number of CPUs and did not come from the limit', evidence);
  if (at.monotonicMs - changedAtMs < SETTLED_MS)
    return clear(`the limit changed ${humanSeconds(sinceSeconds)} ago: the runtime may still follow`, evidence);
  const value = is === 'max' ? cpus : Math.min(fittingProcs(is), cpus ?? Number.POSITIVE_INFINITY);
  if (value === undefined) return unknown('CPU affinity of the process');
  const tightened = is !== 'max' && (was === 'max' || is < was);
  const fixed = setBy === 'environment';
  return {
    outcome: 'holds',
    severity: tightened ? 'warning' : 'info',
    summary: `the CPU limit changed from ${coresText(was)} to ${coresText(is)}, and GOMAXPROCS is still ${procs}: ${tightened ? 'the quota is used up in bursts' : 'the program cannot use what it was given'}`,
    evidence,
    remedy: {
      text: `${fixed ? `GOMAXPROCS in the environment is fixed until the container is made anew: restart it with GOMAXPROCS=${value}, or without the variable` : `Restart the container: the value is taken once, at start, and is then ${value}. Set no GOMAXPROCS for it${setBy === undefined ? ', and if the environment has one (it is not known), take it out' : ''}`}. Go 1.25 and newer follow a changed limit by themselves when nothing sets GOMAXPROCS.`,
      // Elsewhere a restart is enough, and a variable would keep a later runtime from following.
      ...(fixed ? { patch: gomaxprocsPatch(value) } : {}),
    },
  };
}

/**
 * In-place resize changes cpu.max of a running container. Go 1.25 and newer follow (runtime/proc.go, sysmon updates GOMAXPROCS at most once a
 * second) unless GOMAXPROCS was set; older runtimes and go.uber.org/automaxprocs read the limit once.
 */
export const staleCpuLimit: Rule = {
  id: 'StaleCpuLimit',
  title: 'The CPU limit was changed while the program ran, and GOMAXPROCS did not follow',
  subject: 'process',
  about: {
    meaning:
      'A pod can be resized without a restart: the kernel takes the new CPU limit at once. Only Go 1.25 and newer look again, and only when nothing else sets GOMAXPROCS. All other programs keep the number that fitted the old limit, and are throttled by a smaller one or leave a larger one unused.',
    firesWhen:
      'The effective CPU limit changed after the process was first seen, more than 60 s ago, and GOMAXPROCS is still what the runtime or automaxprocs makes of the old limit.',
    severity: 'warning when the limit became tighter, else info.',
    change:
      'Restart the container; a value is named only where the environment sets GOMAXPROCS. Set elsewhere, it would keep Go 1.25 and newer from following the next change.',
    silentWhen:
      'The limit has not changed, GOMAXPROCS fits the new one, never came from the old one, or the change is less than 60 s old.',
    unknownWhen:
      'cpu.max of a level is not known, or GOMAXPROCS after a change is not told by the process, its memory or its environment.',
    sources: ['runtime/proc.go sysmonUpdateGOMAXPROCS, Go 1.25', 'KEP-1287, in-place update of pod resources'],
  },
  ...remembering(observe, detect),
};
