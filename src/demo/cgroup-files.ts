import type { Limit } from '../base/limit.ts';
import { memoryFiles } from './cgroup-memory-files.ts';
import type { CgroupState } from './cgroup-state.ts';
import { pressureFile } from './pressure-file.ts';
import { NODE_CPUS } from './world.ts';

const CONTROLLERS = 'cpuset cpu io memory hugetlb pids rdma misc\n';
const PERIOD_USEC = 100_000;
const DISK = '259:0';

const lines = (values: readonly number[]) => values.map((value) => `${value}\n`).join('');

function quota(cores: Limit): string {
  return `${cores === 'max' ? 'max' : Math.round(cores * PERIOD_USEC)} ${PERIOD_USEC}\n`;
}

/** cpu.weight.nice for a weight: the nice level whose weight is nearest, each a factor of 1.25 apart (kernel/sched/core.c). */
function niceOf(weight: number): number {
  return Math.max(-20, Math.min(19, Math.round(-Math.log(weight / 100) / Math.log(1.25))));
}

/** Files every level has, the root included. */
function everywhere(state: CgroupState): Record<string, string> {
  const { counters } = state;
  const disk =
    counters.writes + counters.reads === 0
      ? ''
      : `${DISK} rbytes=${counters.readBytes} wbytes=${counters.writtenBytes} rios=${counters.reads} wios=${counters.writes} dbytes=0 dios=0\n`;
  return {
    'cgroup.controllers': CONTROLLERS,
    'cgroup.max.depth': 'max\n',
    'cgroup.max.descendants': 'max\n',
    'cgroup.pressure': '1\n',
    'cgroup.procs': lines(state.pids),
    'cgroup.stat': `nr_descendants ${state.descendants}\nnr_dying_descendants 0\n`,
    'cgroup.subtree_control': state.delegates ? CONTROLLERS : '',
    'cgroup.threads': lines(state.threads),
    'cpu.stat':
      `usage_usec ${counters.usageUsec}\nuser_usec ${counters.userUsec}\nsystem_usec ${counters.systemUsec}\n` +
      `nr_periods ${counters.nrPeriods}\nnr_throttled ${counters.nrThrottled}\nthrottled_usec ${counters.throttledUsec}\n` +
      'nr_bursts 0\nburst_usec 0\n',
    'cpu.pressure': pressureFile(state.cpuSome, counters.cpuSomeUsec, state.cpuFull, counters.cpuFullUsec),
    'cpuset.cpus.effective': `0-${NODE_CPUS - 1}\n`,
    'cpuset.mems.effective': '0\n',
    'io.pressure': pressureFile(0.002, counters.ioSomeUsec, 0.001, counters.ioFullUsec),
    'io.stat': disk,
  };
}

/** Files of the levels below the root (Linux 6.1 with every controller on). */
function belowRoot(state: CgroupState): Record<string, string> {
  return {
    'cgroup.events': `populated ${state.taskCount > 0 ? 1 : 0}\nfrozen 0\n`,
    'cgroup.freeze': '0\n',
    'cgroup.type': 'domain\n',
    'cpu.idle': '0\n',
    'cpu.max': quota(state.cpuCores),
    'cpu.max.burst': '0\n',
    'cpu.weight': `${state.cpuWeight}\n`,
    'cpu.weight.nice': `${niceOf(state.cpuWeight)}\n`,
    'cpuset.cpus': '\n',
    'cpuset.cpus.partition': 'member\n',
    'cpuset.mems': '\n',
    'io.bfq.weight': 'default 100\n',
    'io.max': '',
    'io.weight': 'default 100\n',
    'misc.current': '',
    'misc.events': '',
    'misc.max': '',
    'pids.current': `${state.taskCount}\n`,
    'pids.events': 'max 0\n',
    'pids.max': 'max\n',
    'pids.peak': `${state.taskCount + 1}\n`,
    'rdma.current': '',
    'rdma.max': '',
    ...hugetlb('1GB'),
    ...hugetlb('2MB'),
  };
}

function hugetlb(size: string): Record<string, string> {
  return {
    [`hugetlb.${size}.current`]: '0\n',
    [`hugetlb.${size}.events`]: 'max 0\n',
    [`hugetlb.${size}.events.local`]: 'max 0\n',
    [`hugetlb.${size}.max`]: 'max\n',
    [`hugetlb.${size}.numa_stat`]: 'total=0 N0=0\n',
    [`hugetlb.${size}.rsvd.current`]: '0\n',
    [`hugetlb.${size}.rsvd.max`]: 'max\n',
  };
}

/** Every file of one control group: name to content. */
export function cgroupFiles(state: CgroupState): Readonly<Record<string, string>> {
  if (state.path !== '/') return { ...everywhere(state), ...belowRoot(state), ...memoryFiles(state) };
  const { 'memory.stat': stat, 'memory.numa_stat': numa, 'memory.pressure': pressure } = memoryFiles(state);
  return {
    ...everywhere(state),
    // At the system level a full stall of the CPU is not defined and printed as 0.
    'cpu.pressure': pressureFile(state.cpuSome, state.counters.cpuSomeUsec, 0, 0),
    'io.cost.model': '',
    'io.cost.qos': '',
    'misc.capacity': '',
    'memory.stat': stat,
    'memory.numa_stat': numa,
    'memory.pressure': pressure,
  };
}
