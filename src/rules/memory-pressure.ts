import { type PressureCause, pressureCauses } from './memory-pressure-causes.ts';
import { percent } from './quantity.ts';
import type { ContainerContext, Evidence, Rule, Verdict } from './types.ts';
import { clear, unknown } from './verdict.ts';

/** Both the kernel's average over a minute and the window since the last sample: a burst that is over is no pressure. */
function sustained(line: { readonly avg60Ratio: number; readonly stalledRatio: number | undefined } | undefined) {
  return line?.stalledRatio === undefined ? undefined : Math.min(line.avg60Ratio, line.stalledRatio);
}

const UNEXPLAINED: PressureCause = {
  what: 'what causes it is not visible in memory.events, refaults or the node',
  change: 'Look at memory.stat and memory.events of the levels above the container.',
};

function detect(context: ContainerContext): Verdict {
  const { container, processes, thresholds } = context;
  if (processes.length === 0) {
    return container.unseenProcesses > 0
      ? unknown(`executables of ${container.unseenProcesses} processes, to know whether one is a Go program`)
      : clear('no Go process in this container');
  }
  const pressure = container.pressure.memory;
  if (pressure?.some === undefined) return unknown('memory.pressure (needs PSI in the kernel)');
  const some = sustained(pressure.some);
  if (some === undefined) return unknown('two samples of memory.pressure of the same cgroup');
  const full = sustained(pressure.full);
  const bounds = thresholds.memoryPressure;
  const evidence: Evidence[] = [
    {
      signal: 'time some task waited for memory',
      value: some,
      unit: 'ratio',
      bound: bounds.warningRatio,
      source: 'memory.pressure some: the lesser of avg60 and the window',
    },
  ];
  if (full !== undefined)
    evidence.push({
      signal: 'time all tasks waited for memory',
      value: full,
      unit: 'ratio',
      bound: bounds.criticalFullRatio,
      source: 'memory.pressure full: the lesser of avg60 and the window',
    });
  const stopped = full !== undefined && full >= bounds.criticalFullRatio;
  if (some < bounds.warningRatio && !stopped)
    return clear(`some task waited for memory ${percent(some)} of the time`, evidence);
  const found = pressureCauses(context);
  const causes = found.causes.length === 0 ? [UNEXPLAINED] : found.causes;
  return {
    outcome: 'holds',
    severity: stopped ? 'critical' : 'warning',
    summary: `tasks waited for memory ${percent(some)} of the time${stopped ? `, all of them at once ${percent(full)}` : ''}: ${causes.map(({ what }) => what).join('; ')}`,
    evidence: [...evidence, ...found.evidence],
    remedy: { text: causes.map(({ change }) => change).join(' ') },
  };
}

/** Memory PSI that lasts (Documentation/accounting/psi.rst), taken apart by what memory.events and memory.stat counted meanwhile. */
export const memoryPressure: Rule = {
  id: 'MemoryPressure',
  title: 'A Go program waits for memory again and again',
  subject: 'container',
  forSeconds: 30,
  detect,
  about: {
    meaning:
      'Memory pressure is time in which threads could not run because the kernel was taking memory back for them or reading back what it had taken. It comes before a kill, and it is felt as latency. It has different causes, each with its own answer, so the finding says which it is: memory.high, the memory limit filled by page cache or by the heap, swap, or others on the node.',
    firesWhen:
      'Some task waited for memory for `thresholds.memoryPressure.warningRatio` (10 %) of the time, or all of them for `criticalFullRatio` (5 %), both over a minute and in the window; for half a minute.',
    severity: 'warning; critical when all tasks waited at once for 5 % of the time.',
    change:
      'By cause: memory.high or GOMEMLIMIT; room for the files the program reads; GOMEMLIMIT or a larger limit for the heap; no swap; a memory request that keeps neighbours off.',
    silentWhen: 'The waiting is short or over. Containers without a Go program are not judged.',
    unknownWhen: 'The kernel keeps no PSI, or there is only one sample.',
    sources: [
      'Documentation/accounting/psi.rst, Documentation/admin-guide/cgroup-v2.rst memory.events and workingset_refault (Linux 6.12)',
      'systemd-oomd and oomd defaults for memory pressure',
    ],
  },
};
