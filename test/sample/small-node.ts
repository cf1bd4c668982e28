import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { goBinary, otherBinary } from '../../src/demo/go-binary.ts';
import type { GoProgram } from '../../src/demo/workload.ts';

export const UID_A = '11111111-2222-4333-8444-555555555555';
export const POD_A = '/kubepods.slice/kubepods-pod11111111_2222_4333_8444_555555555555.slice';
export const ID_A = 'a'.repeat(64);
export const ID_B = 'b'.repeat(64);
export const ID_SANDBOX = 'c'.repeat(64);
export const scope = (id: string, pod = POD_A): string => `${pod}/cri-containerd-${id}.scope`;

/** Control files a cgroup has when the test says nothing else. */
const CONTROL: Readonly<Record<string, string>> = {
  'cgroup.controllers': 'cpuset cpu io memory pids\n',
  'cpu.stat': 'usage_usec 1000\nuser_usec 600\nsystem_usec 400\nnr_periods 0\nnr_throttled 0\nthrottled_usec 0\n',
  'cpu.max': 'max 100000\n',
  'memory.current': '4096\n',
  'memory.max': 'max\n',
  'memory.high': 'max\n',
  'memory.peak': '8192\n',
};

/** What a test says of a process; everything else is filled in. */
export interface ProcessSketch {
  readonly exe?: string;
  readonly start?: number;
  readonly comm?: string;
  readonly environment?: readonly string[];
  readonly mounts?: readonly string[];
  readonly oomScoreAdj?: number;
  readonly namespace?: string;
  readonly tcp?: string;
  readonly fibTrie?: string;
  /** Links in fd/, beginning with 0. */
  readonly fds?: readonly string[];
  readonly procCgroup?: string;
}

const PROGRAM: GoProgram = {
  version: 'go1.25.1',
  module: 'example.com/app',
  gomaxprocs: 4,
  gogc: 100,
  gomemlimit: 'off',
  liveBytes: 1,
  allocationRate: 1,
  retains: 'nothing',
  goroutines: 5,
  pauseMs: 1,
  serves: {},
};

/** A node of a few files in a temporary directory: as much of one as the readers need, and as wrong as a test wants. */
export class SmallNode {
  readonly directory = mkdtempSync(join(tmpdir(), 'small-node-'));
  readonly paths = {
    cgroupfs: join(this.directory, 'cgroup'),
    procfs: join(this.directory, 'proc'),
    sysfs: join(this.directory, 'sys'),
    podlogs: join(this.directory, 'pods'),
  };

  constructor() {
    this.cgroup('/');
    this.write('proc/uptime', '1000.00 900.00\n');
    this.write('proc/sys/kernel/hostname', 'small\n');
    this.write('sys/devices/system/cpu/online', '0-3\n');
    this.go('app', { serves: {} });
    this.write('images/other', otherBinary());
    this.write('images/pause', otherBinary());
    this.link('proc/self/ns/net', 'net:[1]');
  }

  write(path: string, content: string | Uint8Array): void {
    const target = join(this.directory, path);
    mkdirSync(join(target, '..'), { recursive: true });
    writeFileSync(target, content);
  }

  link(path: string, target: string): void {
    const name = join(this.directory, path);
    mkdirSync(join(name, '..'), { recursive: true });
    symlinkSync(target, `${name}.new`);
    renameSync(`${name}.new`, name);
  }

  remove(path: string): void {
    rmSync(join(this.directory, path), { recursive: true, force: true });
  }

  /** An executable in images/. */
  go(name: string, program: Partial<GoProgram>): void {
    this.write(`images/${name}`, goBinary({ ...PROGRAM, module: `example.com/${name}`, ...program }));
  }

  /** Makes a cgroup and those above it that are not there yet. */
  cgroup(path: string, files: Readonly<Record<string, string>> = {}): void {
    const all: Record<string, string> = { ...CONTROL, 'cgroup.procs': '', ...files };
    for (const [name, content] of Object.entries(all)) this.write(`cgroup${path}/${name}`, content);
  }

  procs(path: string, pids: readonly number[]): void {
    this.write(`cgroup${path}/cgroup.procs`, pids.map((pid) => `${pid}\n`).join(''));
  }

  /** Makes a process, or makes it anew. It is not put into a cgroup. */
  process(pid: number, sketch: ProcessSketch = {}): void {
    const at = `proc/${pid}`;
    this.remove(at);
    const { comm = 'app', start = 5000, exe = 'app' } = sketch;
    const zeros = (count: number) => Array.from({ length: count }, () => '0').join(' ');
    // Fields 4 to 13, then utime 14, stime 15, 16 to 19, threads 20, 21, start 22, vsize 23, rss 24, the rest to 52.
    const fields = `1 ${zeros(9)} 300 200 ${zeros(4)} 7 0 ${start} 0 10 ${zeros(28)}`;
    this.write(`${at}/stat`, `${pid} (${comm}) S ${fields}\n`);
    this.write(`${at}/status`, `Name:\t${comm}\nUid:\t0\t0\t0\t0\nVmRSS:\t40 kB\nRssAnon:\t20 kB\nThreads:\t7\n`);
    this.write(`${at}/environ`, (sketch.environment ?? []).map((value) => `${value}\0`).join(''));
    this.write(`${at}/cgroup`, sketch.procCgroup ?? '0::/\n');
    this.write(`${at}/oom_score_adj`, `${sketch.oomScoreAdj ?? 0}\n`);
    const mounts = ['/', ...(sketch.mounts ?? [])];
    this.write(
      `${at}/mountinfo`,
      mounts.map((root, index) => `${10 + index} 1 259:1 ${root} /m${index} rw - ext4 /dev/x rw\n`).join(''),
    );
    if (exe !== '') this.link(`${at}/exe`, join(this.directory, 'images', exe));
    this.link(`${at}/ns/net`, sketch.namespace ?? 'net:[2]');
    this.write(`${at}/net/tcp`, sketch.tcp ?? TCP_HEAD);
    this.write(`${at}/net/fib_trie`, sketch.fibTrie ?? '');
    for (const [fd, target] of (sketch.fds ?? []).entries()) this.link(`${at}/fd/${fd}`, target);
  }

  /** Puts a container with one process into pod A, names included. */
  container(id: string, pid: number, sketch: ProcessSketch = {}): void {
    this.cgroup(scope(id));
    this.procs(scope(id), [pid]);
    this.process(pid, { mounts: [termination('web')], ...sketch });
  }

  close(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** The kubelet's mount that names a container. */
export const termination = (name: string, uid = UID_A): string =>
  `/var/lib/kubelet/pods/${uid}/containers/${name}/0a1b2c3d`;

export const TCP_HEAD =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';

/** A listening row of net/tcp; the address as four numbers. */
export function listening(address: readonly [number, number, number, number], port: number, inode: number): string {
  const word = address
    .toReversed()
    .map((byte) => byte.toString(16).toUpperCase().padStart(2, '0'))
    .join('');
  const local = `${word}:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return `   0: ${local} 00000000:0000 0A 00000000:00000000 00:00000000 00000000 65532        0 ${inode} 1 0000000000000000 100 0 0 10 0\n`;
}

/** A fib_trie with these addresses as the namespace's own. */
export const fibTrie = (addresses: readonly string[]): string =>
  ['Local:', ...addresses.flatMap((address) => [`     |-- ${address}`, '        /32 host LOCAL']), ''].join('\n');
