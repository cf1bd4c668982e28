import type { GoProcessModel } from '../model/go-process-types.ts';
import type { Evidence, ProcessContext, Rule, Verdict } from './types.ts';
import { clear, fromKnown, unknown } from './verdict.ts';

/** debug.SetMaxThreads: the runtime ends the program with "thread exhaustion" (runtime/proc.go, checkmcount; 10000 by default). */
const RUNTIME_MAX = 10_000;
const MAX_SITES = 3;

/** Where goroutines are in a system call now: each of them holds a thread. */
function blockedSites({ runtime }: GoProcessModel): Evidence[] {
  const inCalls = (runtime.goroutineSites ?? []).filter(({ cause }) => cause === 'syscall');
  return inCalls.slice(0, MAX_SITES).map(({ site, count, from }) => ({
    signal: `goroutines in a system call at ${site}`,
    value: count,
    unit: 'count' as const,
    source: from === 'endpoint' ? 'goroutine profile' : 'the process’s memory',
  }));
}

function detect({ process, container, thresholds }: ProcessContext): Verdict {
  const { threads } = process;
  if (threads === undefined) return unknown('threads of the process');
  const own: Evidence = { signal: 'threads', value: threads, unit: 'threads', source: '/proc/PID/stat num_threads' };
  if (threads < thresholds.threads.warningCount) return clear(`${threads} threads`, [own]);
  const { gomaxprocs } = process.settings;
  if (gomaxprocs === undefined) return unknown('GOMAXPROCS', ...process.expectedGomaxprocs.missing);
  const usual = thresholds.threads.perProcessor * gomaxprocs.value;
  const evidence: Evidence[] = [{ ...own, bound: usual }, fromKnown('GOMAXPROCS', gomaxprocs, 'threads')];
  const nearMax = threads >= thresholds.capacity.warningRatio * RUNTIME_MAX;
  if (threads < usual && !nearMax)
    return clear(`${threads} threads are not many for GOMAXPROCS ${gomaxprocs.value}`, evidence);
  evidence.push({
    signal: 'threads at which the runtime ends the program',
    value: RUNTIME_MAX,
    unit: 'threads',
    source: 'runtime/debug.SetMaxThreads, default',
  });
  const tasks = container?.pids.nearest;
  if (tasks !== undefined)
    evidence.push({
      signal: `tasks of the ${tasks.level}`,
      value: tasks.current,
      unit: 'count',
      bound: tasks.max,
      source: `pids.current and pids.max of ${tasks.cgroupPath}`,
    });
  const sites = blockedSites(process);
  evidence.push(...sites);
  const c = process.cgoEnabled === false ? '' : ', in C code';
  const dns =
    process.cgoEnabled === false
      ? ''
      : ' Name lookups through C block a thread each: `GODEBUG=netdns=go` takes Go’s own resolver.';
  return {
    outcome: 'holds',
    severity: nearMax ? 'critical' : 'warning',
    summary: `${threads} threads for GOMAXPROCS ${gomaxprocs.value}: so many goroutines were at one time in blocking system calls${c}${nearMax ? `; at ${RUNTIME_MAX} the runtime ends the program` : ''}. Threads once made stay`,
    evidence,
    remedy: {
      text: `Bound how many goroutines do blocking file access or C calls at once, with a semaphore of a few times GOMAXPROCS${sites.length === 0 ? ' (a goroutine profile names the places)' : ''}.${dns} A restart frees the threads there are.`,
    },
  };
}

/** A thread in a blocking system call or C code gives its P away, and another thread is made for it (runtime/proc.go, handoffp, startm, Go 1.26). */
export const threadGrowth: Rule = {
  id: 'ThreadGrowth',
  title: 'Far more threads than it takes to run the goroutines there are',
  subject: 'process',
  forSeconds: 60,
  about: {
    meaning:
      'Network waits need no thread, but a goroutine in a blocking system call or in C code keeps one. The runtime makes another for each and never ends them. Threads cost kernel memory and count against the pod’s limit of tasks, and at 10,000 the runtime ends the program.',
    firesWhen:
      'The process has `threads.warningCount` threads or more and `threads.perProcessor` or more for each of GOMAXPROCS, or is within `capacity.warningRatio` of the runtime’s 10,000, for 60 s.',
    severity: 'warning; critical near the 10,000.',
    change:
      'Bound blocking calls with a semaphore; use Go’s own resolver. The evidence names the places that are in a system call now.',
    silentWhen: 'There are few threads, or not many for its GOMAXPROCS.',
    unknownWhen: 'The threads, or with many of them GOMAXPROCS, are not known.',
    sources: ['runtime/proc.go handoffp, startm, checkmcount, Go 1.26', 'runtime/debug SetMaxThreads'],
  },
  detect,
};
