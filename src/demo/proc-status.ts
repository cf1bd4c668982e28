import type { SimulatedProcess } from './simulated-process.ts';
import { NODE_CPUS } from './world.ts';

/** Address space of every simulated process, bytes. */
export const VIRTUAL_BYTES = 1_311_399_936;

/** /proc/PID/status (proc_pid_status(5)). */
export function statusFile(process: SimulatedProcess): string {
  const kB = (bytes: number) => `${String(Math.floor(bytes / 1024)).padStart(8)} kB`;
  const masks = [
    'SigQ:\t0/256000',
    'SigPnd:\t0000000000000000',
    'ShdPnd:\t0000000000000000',
    'SigBlk:\t0000000000000000',
  ];
  return [
    `Name:\t${process.name.slice(0, 15)}`,
    'Umask:\t0022',
    'State:\tS (sleeping)',
    `Tgid:\t${process.pid}`,
    'Ngid:\t0',
    `Pid:\t${process.pid}`,
    `PPid:\t${process.parent}`,
    'TracerPid:\t0',
    'Uid:\t65532\t65532\t65532\t65532',
    'Gid:\t65532\t65532\t65532\t65532',
    'FDSize:\t64',
    'Groups:\t ',
    `NStgid:\t${process.pid}\t1`,
    `NSpid:\t${process.pid}\t1`,
    `NSpgid:\t${process.pid}\t1`,
    `NSsid:\t${process.pid}\t1`,
    `VmPeak:\t${kB(VIRTUAL_BYTES)}`,
    `VmSize:\t${kB(VIRTUAL_BYTES)}`,
    `VmLck:\t${kB(0)}`,
    `VmPin:\t${kB(0)}`,
    `VmHWM:\t${kB(process.peakBytes)}`,
    `VmRSS:\t${kB(process.anonBytes + process.mappedBytes)}`,
    `RssAnon:\t${kB(process.anonBytes)}`,
    `RssFile:\t${kB(process.mappedBytes)}`,
    `RssShmem:\t${kB(0)}`,
    `VmData:\t${kB(process.anonBytes)}`,
    `VmStk:\t${kB(135_168)}`,
    `VmExe:\t${kB(process.mappedBytes)}`,
    `VmLib:\t${kB(0)}`,
    `VmPTE:\t${kB(282_624)}`,
    `VmSwap:\t${kB(0)}`,
    `HugetlbPages:\t${kB(0)}`,
    'CoreDumping:\t0',
    'THP_enabled:\t1',
    `Threads:\t${process.threads}`,
    ...masks,
    'SigIgn:\t0000000000000000',
    'SigCgt:\tfffffffd7fc1feff',
    'CapInh:\t0000000000000000',
    'CapPrm:\t0000000000000000',
    'CapEff:\t0000000000000000',
    'CapBnd:\t00000000a80425fb',
    'CapAmb:\t0000000000000000',
    'NoNewPrivs:\t1',
    'Seccomp:\t2',
    'Seccomp_filters:\t1',
    'Speculation_Store_Bypass:\tvulnerable',
    'SpeculationIndirectBranch:\talways enabled',
    `Cpus_allowed:\t${((1 << NODE_CPUS) - 1).toString(16)}`,
    `Cpus_allowed_list:\t0-${NODE_CPUS - 1}`,
    'Mems_allowed:\t1',
    'Mems_allowed_list:\t0',
    `voluntary_ctxt_switches:\t${Math.floor(process.userUsec / 2000)}`,
    `nonvoluntary_ctxt_switches:\t${Math.floor(process.userUsec / 9000)}`,
    '',
  ].join('\n');
}

/** /proc/PID/limits: fixed columns. */
export const LIMITS_FILE = [
  ['Limit', 'Soft Limit', 'Hard Limit', 'Units'],
  ['Max cpu time', 'unlimited', 'unlimited', 'seconds'],
  ['Max file size', 'unlimited', 'unlimited', 'bytes'],
  ['Max data size', 'unlimited', 'unlimited', 'bytes'],
  ['Max stack size', '8388608', 'unlimited', 'bytes'],
  ['Max core file size', 'unlimited', 'unlimited', 'bytes'],
  ['Max resident set', 'unlimited', 'unlimited', 'bytes'],
  ['Max processes', 'unlimited', 'unlimited', 'processes'],
  ['Max open files', '1048576', '1048576', 'files'],
  ['Max locked memory', '8388608', '8388608', 'bytes'],
  ['Max address space', 'unlimited', 'unlimited', 'bytes'],
  ['Max file locks', 'unlimited', 'unlimited', 'locks'],
  ['Max pending signals', '256000', '256000', 'signals'],
  ['Max msgqueue size', '819200', '819200', 'bytes'],
  ['Max nice priority', '0', '0', ''],
  ['Max realtime priority', '0', '0', ''],
  ['Max realtime timeout', 'unlimited', 'unlimited', 'us'],
]
  .map(
    ([name = '', soft = '', hard = '', unit = '']) =>
      `${name.padEnd(26)}${soft.padEnd(21)}${hard.padEnd(21)}${unit.padEnd(10)}\n`,
  )
  .join('');
