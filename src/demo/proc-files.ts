import { workloadPath } from './cgroup-paths.ts';
import { LIMITS_FILE, statusFile, VIRTUAL_BYTES } from './proc-status.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import { type Running, UP_BEFORE } from './world.ts';

const TICKS = 100;
const PAGE = 4096;

/** The workload's process. */
export function workloadProcess(running: Running): SimulatedProcess {
  const { workload, counters, memory } = running;
  const mappedBytes = Math.min(memory.file, 16 * 1024 * 1024);
  const scores = { Guaranteed: -997, Burstable: 990, BestEffort: 1000 } as const;
  return {
    pid: running.pid,
    parent: running.pid === 1 ? 0 : 1,
    name: workload.name,
    commandLine: [workload.executable, ...workload.arguments],
    environment: environmentOf(running),
    cgroup: workloadPath(running),
    threads: workload.threads,
    userUsec: counters.userUsec,
    systemUsec: counters.systemUsec,
    startedAt: running.startedAt,
    anonBytes: memory.anon,
    mappedBytes,
    peakBytes: memory.anon + mappedBytes,
    oomScoreAdj: workload.place.kind === 'pod' ? scores[workload.place.qos] : -999,
    pageFaults: counters.pageFaults,
  };
}

/** The pause container's process. */
export function sandboxProcess(running: Running, cgroup: string): SimulatedProcess {
  return {
    pid: running.sandboxPid,
    parent: 1,
    name: 'pause',
    commandLine: ['/pause'],
    environment: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    cgroup,
    threads: 1,
    userUsec: 9000,
    systemUsec: 19_000,
    startedAt: running.podStartedAt,
    anonBytes: 49_152,
    mappedBytes: 4096,
    peakBytes: 53_248,
    oomScoreAdj: -998,
    pageFaults: 610,
  };
}

function environmentOf({ workload }: Running): string[] {
  const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  if (workload.place.kind !== 'pod') return [path, ...workload.environment];
  return [
    path,
    `HOSTNAME=${workload.place.pod}`,
    'KUBERNETES_SERVICE_HOST=10.96.0.1',
    'KUBERNETES_SERVICE_PORT=443',
    ...workload.environment,
  ];
}

/** /proc/PID files whose content is one text: name to content (proc(5)). */
export function processFiles(process: SimulatedProcess): Readonly<Record<string, string>> {
  const nul = (values: readonly string[]) => values.map((value) => `${value}\0`).join('');
  return {
    cgroup: `0::${process.cgroup}\n`,
    cmdline: nul(process.commandLine),
    comm: `${process.name.slice(0, 15)}\n`,
    environ: nul(process.environment),
    limits: LIMITS_FILE,
    oom_score_adj: `${process.oomScoreAdj}\n`,
    stat: stat(process),
    status: statusFile(process),
  };
}

function stat(process: SimulatedProcess): string {
  const ticks = (usec: number) => Math.floor((usec * TICKS) / 1e6);
  const rss = Math.floor((process.anonBytes + process.mappedBytes) / PAGE);
  const start = Math.floor((UP_BEFORE + process.startedAt) * TICKS);
  const times = `${ticks(process.userUsec)} ${ticks(process.systemUsec)} 0 0`;
  return (
    `${process.pid} (${process.name.slice(0, 15)}) S ${process.parent} ${process.pid} ${process.pid} 0 -1 4194560 ` +
    `${process.pageFaults} 0 0 0 ${times} 20 0 ${process.threads} 0 ${start} ${VIRTUAL_BYTES} ${rss} 18446744073709551615 ` +
    '4194304 4198400 0 0 0 0 0 0 2143420159 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n'
  );
}
