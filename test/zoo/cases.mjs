// cases.mjs: each fault of the zoo with its healthy twin: programs of the same kind under the same load.
// { rule, title, fault, twin, name?, within?, clearWithin?, alone?, byHand?, change?, then?, after? }
//   fault, twin   what container.mjs starts: { program, args, env, cpu, memory, high, low, swap, cpuset, pids, nofile, init, pod, qos }
//   within        seconds the rule has to fire (120); clearWithin: to be clear after the change (120)
//   then          what happens to the running pair: (fault, twin, { sleep, known }) => Promise; `known` waits until the agent knows the runtimes of containers
//   byHand        the change, where the remedy is words and no patch; change: how a patch is applied where that is not plain
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { Container, control } from './container.mjs';

const two = { GOMAXPROCS: '2' };
let port = 7000;
const listen = (host = '127.0.0.1') => {
  port += 1;
  return `-listen ${host}:${port}`;
};
const quiet = { env: two, memory: '128Mi', args: '-heap 5' };
mkdirSync('/scratch/zoo', { recursive: true });

export const cases = [
  // --- CPU
  {
    rule: 'GomaxprocsAboveCpuLimit',
    title: 'GOMAXPROCS=8 at a limit of 500m; eight goroutines wake at once',
    fault: { cpu: '500m', memory: '128Mi', env: { GOMAXPROCS: '8' }, args: '-spin 8 -busy 10ms -every 1s' },
    twin: { cpu: '500m', memory: '128Mi', env: two, args: '-spin 1 -busy 2ms -every 500ms' },
  },
  {
    rule: 'GomaxprocsNotContainerAware',
    title: 'a go line of 1.21 in go.mod, built with a Go that could follow the limit',
    fault: { cpu: '1', memory: '128Mi', program: 'plain' },
    twin: { cpu: '1', memory: '128Mi', program: 'aware' },
  },
  {
    rule: 'GomaxprocsMissesAncestorLimit',
    title: 'the limit is on the pod, the container has none',
    fault: { memory: '128Mi', program: 'aware', pod: { cpu: '1' } },
    twin: { cpu: '1', memory: '128Mi', program: 'aware', pod: { cpu: '1' } },
  },
  {
    rule: 'GomaxprocsBelowCpuLimit',
    title: 'GOMAXPROCS=1 at a limit of 3 CPUs, and that one always busy',
    fault: { cpu: '3', memory: '128Mi', env: { GOMAXPROCS: '1' }, args: '-spin 1' },
    twin: { cpu: '3', memory: '128Mi', env: { GOMAXPROCS: '1' }, args: '-spin 1 -busy 2ms -every 500ms' },
    within: 240,
    alone: true,
  },
  {
    rule: 'GomaxprocsIgnoresCpuset',
    title: 'GOMAXPROCS=3 on a cpuset of one CPU',
    fault: { cpuset: '0', memory: '128Mi', env: { GOMAXPROCS: '3' }, args: '-spin 3 -busy 10ms -every 500ms' },
    twin: { cpuset: '0', memory: '128Mi', env: { GOMAXPROCS: '1' }, args: '-spin 1 -busy 2ms -every 500ms' },
  },
  {
    rule: 'StaleCpuLimit',
    title: 'a resize in place from 2 CPUs to 3; GOMAXPROCS is fixed by the environment',
    fault: { cpu: '2', memory: '128Mi', program: 'aware', env: two, args: '-spin 1 -busy 2ms -every 500ms' },
    twin: { cpu: '2', memory: '128Mi', program: 'aware', args: '-spin 1 -busy 2ms -every 500ms' },
    then: async (fault, twin, { known }) => {
      await known(fault, twin);
      for (const container of [fault, twin]) container.limit({ cpu: '3' });
    },
    change: (spec, { set }) => ({ ...spec, cpu: '3', env: { ...spec.env, ...set } }),
    within: 240,
  },
  {
    rule: 'FractionalCpuLimit',
    title: 'a limit of 1500m, GOMAXPROCS=2 as the runtime rounds it up, both always busy',
    fault: { cpu: '1500m', memory: '128Mi', env: two, args: '-spin 2' },
    twin: { cpu: '1500m', memory: '128Mi', env: two, args: '-spin 2 -busy 2ms -every 500ms' },
    within: 240,
    alone: true,
  },
  {
    rule: 'CpuThrottled',
    title: 'a limit of 100m, work for 40 ms every half second',
    fault: { cpu: '100m', memory: '128Mi', env: two, args: '-spin 1 -busy 40ms -every 500ms' },
    twin: { cpu: '1', memory: '128Mi', env: two, args: '-spin 1 -busy 40ms -every 500ms' },
  },
  {
    rule: 'CpuThrottledByGc',
    title: 'a heap of small objects that is collected every ten seconds, at a limit of 300m',
    fault: { cpu: '300m', memory: '512Mi', env: two, args: '-small 32 -alloc-small 3' },
    twin: { cpu: '300m', memory: '512Mi', env: two, args: '-heap 32 -alloc 3' },
    within: 600,
    clearWithin: 240,
    alone: true,
  },
  {
    rule: 'GcPauseStretchedByThrottling',
    title: 'work for 40 ms every half second and a collection every few seconds, at a limit of 100m',
    fault: { cpu: '100m', memory: '128Mi', env: two, args: '-spin 1 -busy 40ms -every 500ms -heap 10 -alloc 4' },
    twin: { cpu: '1', memory: '128Mi', env: two, args: '-spin 1 -busy 40ms -every 500ms -heap 10 -alloc 4' },
    within: 240,
    clearWithin: 300,
    alone: true,
  },
  // --- memory and GC
  {
    rule: 'GomemlimitMissing',
    title: '57 MiB live at a limit of 128Mi and no GOMEMLIMIT',
    fault: { memory: '128Mi', env: two, args: '-heap 57' },
    twin: { memory: '128Mi', env: { ...two, GOMEMLIMIT: '110MiB' }, args: '-heap 57' },
  },
  {
    rule: 'GomemlimitAboveMemoryLimit',
    title: 'GOMEMLIMIT=200MiB at a limit of 128Mi',
    fault: { memory: '128Mi', env: { ...two, GOMEMLIMIT: '200MiB' }, args: '-heap 10' },
    twin: { memory: '128Mi', env: { ...two, GOMEMLIMIT: '100MiB' }, args: '-heap 10' },
  },
  {
    rule: 'NextGcBeyondMemoryLimit',
    title: '80 MiB live at a limit of 128Mi: the next collection would begin beyond it',
    fault: { memory: '128Mi', env: two, args: '-heap 80' },
    twin: { memory: '256Mi', env: two, args: '-heap 80' },
  },
  {
    rule: 'GcOffUnbounded',
    title: 'GOGC=off without GOMEMLIMIT',
    fault: { memory: '512Mi', env: { ...two, GOGC: 'off' }, args: '-alloc 1' },
    twin: { memory: '128Mi', env: { ...two, GOGC: 'off', GOMEMLIMIT: '64MiB' }, args: '-alloc 1' },
  },
  {
    rule: 'GcDeathSpiral',
    title: '44 MiB of small objects under GOMEMLIMIT=50MiB, allocating',
    fault: { memory: '256Mi', env: { ...two, GOMEMLIMIT: '50MiB' }, args: '-small 44 -alloc-small 8' },
    twin: { memory: '256Mi', env: { ...two, GOMEMLIMIT: '200MiB' }, args: '-small 44 -alloc-small 8' },
    within: 300,
    clearWithin: 240,
    alone: true,
  },
  {
    rule: 'GomemlimitAboveMemoryHigh',
    title: 'memory.high of 96Mi, GOMEMLIMIT=200MiB, a heap that grows to 100 MiB',
    fault: { memory: '256Mi', high: '96Mi', env: { ...two, GOMEMLIMIT: '200MiB' }, args: '-heap 60 -alloc 6' },
    twin: { memory: '256Mi', high: '96Mi', env: { ...two, GOMEMLIMIT: '80MiB' }, args: '-heap 20 -alloc 2' },
    within: 240,
    alone: true,
  },
  {
    rule: 'NonGoMemory',
    title: '120 MiB mapped outside of the heap, GOMEMLIMIT=200MiB, a limit of 256Mi',
    fault: { memory: '256Mi', env: { ...two, GOMEMLIMIT: '200MiB' }, args: '-mmap 120 -heap 10' },
    twin: { memory: '256Mi', env: { ...two, GOMEMLIMIT: '200MiB' }, args: '-heap 20' },
    within: 240,
  },
  {
    rule: 'RuntimeRetainsFreedMemory',
    title: '1200 MiB were used once and are kept',
    fault: { memory: '2Gi', env: two, args: '-spike 1200 -heap 5' },
    twin: { memory: '2Gi', env: { ...two, GOMEMLIMIT: '100MiB' }, args: '-spike 200 -heap 5' },
    within: 580,
    clearWithin: 300,
  },
  {
    rule: 'ThpInflatesRss',
    title:
      '300 MiB of which a sixteenth is kept, in pieces: the runtime gives back what lies between, the kernel fills it up with huge pages',
    fault: { memory: '1Gi', env: two, args: '-sparse 300' },
    twin: { memory: '1Gi', env: { ...two, GODEBUG: 'disablethp=1' }, args: '-sparse 300' },
    within: 580,
    clearWithin: 300,
  },
  {
    rule: 'MemoryLowBelowWorkingSet',
    title:
      'memory.low of 16Mi in a pod that is held to 64 MiB, and a heap of 50 MiB and its garbage that the collector walks',
    fault: { low: '16Mi', swap: '256Mi', pod: { memory: '64Mi' }, env: two, args: '-small 50 -alloc-small 4' },
    twin: { low: '256Mi', swap: '256Mi', pod: { memory: '64Mi' }, env: two, args: '-small 50 -alloc-small 4' },
    within: 300,
    alone: true,
  },
  {
    rule: 'StackMemory',
    title: '2,500 goroutines with 32 KiB of stack at a limit of 256Mi',
    fault: { memory: '256Mi', env: two, args: '-deep 2500 -stack 24' },
    twin: { memory: '256Mi', env: two, args: '-goroutines 2500' },
  },
  {
    rule: 'MemoryPressure',
    title: 'memory.high of 64Mi under a working set that does not fit',
    fault: { memory: '256Mi', high: '64Mi', swap: '256Mi', env: two, args: '-heap 90 -alloc 8' },
    twin: { memory: '256Mi', env: two, args: '-heap 40 -alloc 8' },
    within: 240,
    alone: true,
  },
  {
    rule: 'StaleMemoryLimit',
    title: 'a resize in place from 128Mi to 512Mi; GOMEMLIMIT stays at 100MiB',
    fault: { memory: '128Mi', env: { ...two, GOMEMLIMIT: '100MiB' }, args: '-heap 60 -alloc 4' },
    twin: { memory: '512Mi', env: { ...two, GOMEMLIMIT: '400MiB' }, args: '-heap 60 -alloc 4' },
    then: async (fault, twin, { known }) => {
      await known(fault, twin);
      fault.limit({ memory: '512Mi' });
    },
    change: (spec, { set }) => ({ ...spec, memory: '512Mi', env: { ...spec.env, ...set } }),
    within: 180,
  },
  {
    rule: 'OomKilled',
    title: 'grows to its limit of 48Mi',
    fault: { memory: '48Mi', env: two, args: '-grow 20 -after 15s' },
    twin: { memory: '48Mi', env: two, args: '-heap 5' },
  },
  {
    rule: 'OomKilledOutsidePods',
    title: 'a systemd service that grows to its limit of 48Mi',
    fault: { memory: '48Mi', env: two, args: '-grow 20 -after 30s' },
    twin: { memory: '48Mi', env: two, args: '-heap 5' },
    unit: true,
    within: 300,
    // The finding is the node's, and names the service.
    node: true,
  },
  // --- goroutines, threads, descriptors
  {
    rule: 'GoroutineGrowth',
    title: '50 goroutines a second that never end',
    fault: { memory: '256Mi', env: two, args: '-leak-a-minute 3000' },
    twin: { memory: '256Mi', env: two, args: '-goroutines 30000' },
    within: 1700,
  },
  {
    rule: 'GoroutineLeak',
    title: '20 goroutines a second at one place that never end',
    fault: { memory: '256Mi', env: two, args: '-leak-a-minute 1200' },
    twin: { memory: '256Mi', env: two, args: '-goroutines 30000' },
    within: 2300,
  },
  {
    rule: 'GoroutineBlocked',
    title: '40 goroutines fight for one mutex',
    fault: { memory: '128Mi', env: two, args: `-contend 40 ${listen()}` },
    twin: { memory: '128Mi', env: two, args: `-contend 2 ${listen()}` },
    within: 300,
  },
  {
    rule: 'StalledAfterSiblingExit',
    title: 'a neighbour in the pod ends, and requests to it pile up',
    fault: { memory: '256Mi', env: two, args: '-needs 127.0.0.1:7900' },
    twin: { memory: '256Mi', env: two, args: '-needs 127.0.0.1:7901' },
    then: async (fault, twin, { sleep }) => {
      const siblings = [fault, twin].map(
        (container, index) =>
          new Container(container.pod, 'neighbour', { ...quiet, args: `-listen 127.0.0.1:790${index}` }),
      );
      // Long enough that the count is seen to stand still before.
      await sleep(420_000);
      await siblings[0].stop();
      fault.neighbour = siblings[1];
    },
    within: 2300,
  },
  {
    rule: 'ThreadGrowth',
    title: '600 threads in a blocking call at GOMAXPROCS=2',
    fault: { memory: '256Mi', env: two, pids: '2000', args: '-threads 600' },
    twin: { memory: '256Mi', env: two, pids: '2000', args: '-threads 4' },
    within: 300,
  },
  {
    rule: 'PidsNearLimit',
    title: '75 tasks of 80',
    fault: { memory: '128Mi', env: two, pids: '80', args: '-threads 68' },
    twin: { memory: '128Mi', env: two, pids: '80', args: '-threads 20' },
  },
  {
    rule: 'FileDescriptorsNearLimit',
    title: '240 of 256 files open',
    fault: { memory: '128Mi', env: two, nofile: 256, args: `-files 235 ${listen()}` },
    twin: { memory: '128Mi', env: two, nofile: 256, args: `-files 50 ${listen()}` },
    within: 300,
  },
  // --- pods and the node
  {
    rule: 'InitIgnoresSigterm',
    title: 'a shell is process 1 and does not pass SIGTERM on',
    fault: { memory: '128Mi', env: two, init: ['/run/guest/busybox', 'sh', '-c', '/opt/plain -heap 5; true'] },
    twin: { memory: '128Mi', env: two, args: '-heap 5' },
  },
  {
    rule: 'PprofExposed',
    title: 'pprof on all addresses',
    fault: { memory: '128Mi', env: two, args: listen('0.0.0.0') },
    twin: { memory: '128Mi', env: two, args: listen() },
    byHand: { kind: 'args', set: {} },
    change: (spec) => ({ ...spec, args: spec.args.replace('0.0.0.0', '127.0.0.1') }),
  },
  {
    rule: 'ContainerRestartLoop',
    title: 'a container that ends and is started again, again and again',
    fault: quiet,
    twin: quiet,
    then: async (fault, _twin, { sleep }) => {
      for (let times = 0; times < 6; times++) {
        const again = new Container(fault.pod, 'loop', quiet);
        await sleep(12_000);
        await again.stop();
      }
    },
    within: 240,
  },
  {
    rule: 'SwapUnderGc',
    title:
      'memory.high of 64Mi, as MemoryQoS sets it of a small request, and swap: a heap of 90 MiB that the collector walks',
    fault: { memory: '192Mi', high: '64Mi', swap: '256Mi', env: two, args: '-small 70 -alloc-small 4' },
    twin: { memory: '256Mi', env: two, args: '-small 30 -alloc-small 4' },
    // What the kubelet makes of a memory request that equals the limit: neither memory.high nor swap.
    change: (spec) => ({ ...spec, high: undefined, swap: undefined }),
    within: 240,
    alone: true,
  },
  {
    rule: 'IoWeightDefaultUnderContention',
    title: 'two pods write to one disk, both at the default weight',
    fault: { memory: '256Mi', env: two, args: '-write /scratch/zoo/a' },
    twin: { memory: '256Mi', env: two, args: '-heap 5' },
    then: (fault) => {
      fault.competitor = new Container(fault.pod, 'competitor', {
        memory: '256Mi',
        env: two,
        args: '-write /scratch/zoo/b',
      });
    },
    within: 300,
    alone: true,
  },
  {
    rule: 'IoWeightIneffective',
    title: 'a weight of 500 on a disk whose scheduler knows no weights',
    fault: { memory: '256Mi', env: two, args: '-write /scratch/zoo/c -write-rate 4' },
    twin: { memory: '256Mi', env: two, args: '-write /scratch/zoo/d -write-rate 4' },
    then: (fault) => {
      control(fault.cgroup, 'io.weight', 'default 500');
    },
    within: 300,
    alone: true,
  },
  {
    rule: 'PauseContainerAnomaly',
    title: 'the pause program of the pod is one that holds 20 MiB',
    fault: quiet,
    twin: quiet,
    then: (fault, twin) => {
      mkdirSync('/run/cgopher/fat', { recursive: true });
      copyFileSync('/opt/plain', '/run/cgopher/fat/pause');
      fault.pod.pause('/run/cgopher/fat/pause', ['-heap', '20']);
      twin.pod.pause();
    },
    within: 300,
  },
  {
    rule: 'ClockStepped',
    title: 'the clock of the node is set ten minutes ahead',
    fault: quiet,
    twin: quiet,
    then: () => {
      execFileSync('/run/guest/busybox', ['date', '-s', `@${Math.round(Date.now() / 1000) + 600}`]);
    },
    node: true,
    alone: true,
  },
  {
    rule: 'NodeSysctls',
    title: 'vm.swappiness=100 and memory overcommit refused',
    fault: quiet,
    twin: quiet,
    then: () => {
      writeFileSync('/proc/sys/vm/swappiness', '100');
      writeFileSync('/proc/sys/vm/overcommit_memory', '2');
    },
    node: true,
    alone: true,
  },
];

/** Programs that grow until the kernel kills them: { rule, name, title, runs, within, fault }. */
export const growths = [1, 2, 4].map((rate) => ({
  rule: 'NextGcBeyondMemoryLimit',
  name: `grows-${rate}`,
  title: `grows by ${rate} MiB a second to a limit of 128Mi`,
  runs: 6,
  within: 200,
  fault: { memory: '128Mi', env: two, args: `-heap 20 -grow ${rate}` },
}));

/**
 * Programs whose next collection is far beyond their limit, in pairs: one the agent may ask for a collection (actions.gcNudge), one it may not.
 * Fills the limit with garbage in some 90 s, which is longer than the agent has to wait before it may ask again, and shorter than the two minutes after which the runtime collects by itself.
 */
export const nudges = [
  {
    rule: 'GcNudge',
    name: 'gc-nudge',
    title: 'GOGC=4000 and no GOMEMLIMIT at a limit of 256Mi, 24 MiB live, 2.5 MiB of garbage a second',
    lives: 3,
    within: 300,
    fault: () => ({ memory: '256Mi', env: { ...two, GOGC: '4000' }, args: `-heap 24 -alloc 2 ${listen()}` }),
  },
];
