// container.mjs: runs IN the guest. Makes pods and containers as kubepods.sh does, but one by one and with every control file.
// A container that is started anew is a new cgroup with a new id in the same pod, as the kubelet does it.
import { spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, rmdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const CG = '/sys/fs/cgroup';
const SANDBOXES = '/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes';
const BUSYBOX = '/run/guest/busybox';
let number = 4000;
const nextId = () => {
  number += 1;
  return `5a00${number}9c1f5d2e7a3b604896d0e1c24b7f35a8d91e06b3f4c7a25018ed6f9b`;
};
export const control = (cgroup, file, value) => writeFileSync(`${CG}/${cgroup}/${file}`, `${value}\n`);
export const readControl = (cgroup, file) => {
  try {
    return readFileSync(`${CG}/${cgroup}/${file}`, 'utf8').trim();
  } catch {
    return undefined;
  }
};
/** 500m of a CPU is a quota of 50000 us in each period of 100000 us. */
const cpuMax = (cores) =>
  cores === undefined
    ? 'max 100000'
    : `${Math.round((cores.endsWith('m') ? Number(cores.slice(0, -1)) / 1000 : Number(cores)) * 100_000)} 100000`;
/** Kubernetes's quantity in bytes. */
export const bytesOf = (text) => {
  const [, digits, unit] = /^(\d+)(Ki|Mi|Gi|K|M|G)?$/.exec(text);
  return (
    Number(digits) * { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }[unit ?? ''] ||
    Number(digits)
  );
};

export class Pod {
  constructor(namespace, name, qos = 'burstable', limits = {}) {
    const id = nextId();
    this.namespace = namespace;
    this.name = name;
    this.uid = `3e00${number}-4b1d-4c8e-9f27-6d0a5e3b${number}`;
    const directory = `pod${this.uid.replaceAll('-', '_')}.slice`;
    this.directory =
      qos === 'guaranteed'
        ? `kubepods.slice/kubepods-${directory}`
        : `kubepods.slice/kubepods-${qos}.slice/kubepods-${qos}-${directory}`;
    this.sandbox = id;
    mkdirSync(`${CG}/${this.directory}`, { recursive: true });
    control(this.directory, 'cgroup.subtree_control', readControl('', 'cgroup.controllers').replace(/(^| )/g, '$1+'));
    if (limits.cpu !== undefined) control(this.directory, 'cpu.max', cpuMax(limits.cpu));
    if (limits.memory !== undefined) control(this.directory, 'memory.max', bytesOf(limits.memory));
    mkdirSync(`${SANDBOXES}/${id}`, { recursive: true });
    writeFileSync(`${SANDBOXES}/${id}/hostname`, `${name}\n`);
  }

  /** Starts what keeps the namespaces of the pod: the pause program, or another of that name. */
  pause(program = '/run/cgopher/pause', args = ['infinity']) {
    const cgroup = `${this.directory}/cri-containerd-${this.sandbox}.scope`;
    mkdirSync(`${CG}/${cgroup}`);
    spawn(BUSYBOX, ['sh', '-c', 'echo 0 > "$0/cgroup.procs"; exec "$@"', `${CG}/${cgroup}`, program, ...args], {
      stdio: 'ignore',
    });
  }
}

/** A systemd service, no container: only `program`, `args`, `env` and `memory` of a specification. */
export class Unit {
  constructor(name, spec) {
    this.spec = spec;
    this.id = name;
    this.cgroup = `system.slice/${name}.service`;
    mkdirSync(`${CG}/${this.cgroup}`);
    if (spec.memory !== undefined) control(this.cgroup, 'memory.max', bytesOf(spec.memory));
    control(this.cgroup, 'memory.swap.max', 0);
    const command = [`/opt/${spec.program ?? 'plain'}`, ...(spec.args ?? '').split(' ').filter(Boolean)];
    const join = 'echo 0 > "$0/cgroup.procs"; exec "$@"';
    this.shim = spawn(BUSYBOX, ['sh', '-c', join, `${CG}/${this.cgroup}`, ...command], {
      stdio: 'ignore',
      env: spec.env,
    });
    this.ended = new Promise((resolve) => this.shim.on('close', resolve));
  }

  get stop() {
    return Container.prototype.stop;
  }
}

/** One start of one container. `spec`: { program, args, env, cpu, memory, high, low, swap, cpuset, pids, init, nofile }. */
export class Container {
  constructor(pod, name, spec) {
    this.pod = pod;
    this.name = name;
    this.spec = spec;
    this.id = nextId();
    this.cgroup = `${pod.directory}/cri-containerd-${this.id}.scope`;
    mkdirSync(`${CG}/${this.cgroup}`);
    this.limit(spec);
    control(this.cgroup, 'memory.oom.group', 1);
    const termination = `/var/lib/kubelet/pods/${pod.uid}/containers/${name}/${this.id.slice(0, 8)}`;
    const logs = `/var/log/pods/${pod.namespace}_${pod.name}_${pod.uid}/${name}`;
    mkdirSync(termination.slice(0, termination.lastIndexOf('/')), { recursive: true });
    mkdirSync(logs, { recursive: true });
    writeFileSync(termination, '');
    symlinkSync(`${logs}/0.log`, `/var/log/containers/${pod.name}_${pod.namespace}_${name}-${this.id}.log`);
    const env = { HOSTNAME: pod.name, KUBERNETES_SERVICE_HOST: '10.96.0.1', ...spec.env };
    const variables = Object.entries(env)
      .map(([key, value]) => `${key}=${value}`)
      .join(' ');
    const log = openSync(`${logs}/0.log`, 'a');
    const command = spec.init ?? [`/opt/${spec.program ?? 'plain'}`, ...(spec.args ?? '').split(' ').filter(Boolean)];
    const limited =
      spec.nofile === undefined
        ? command
        : [BUSYBOX, 'sh', '-c', `ulimit -n ${spec.nofile}; exec "$@"`, 'sh', ...command];
    const words = ['unshare', '-p', '-f', '-m', '-u', '-i', BUSYBOX, 'sh', '/run/cgopher/kubepods.sh', 'enter'];
    this.shim = spawn(
      BUSYBOX,
      [...words, `${CG}/${this.cgroup}`, '970', termination, pod.sandbox, pod.name, '', variables, ...limited],
      { stdio: ['ignore', log, log], cwd: '/' },
    );
    this.ended = new Promise((resolve) => this.shim.on('close', resolve));
  }

  /** Writes limits into the cgroup; also while the program runs, as an in-place resize does. */
  limit({ cpu, memory, high, low, swap, cpuset, pids }) {
    if (cpu !== undefined) control(this.cgroup, 'cpu.max', cpuMax(cpu));
    if (memory !== undefined) control(this.cgroup, 'memory.max', bytesOf(memory));
    if (high !== undefined) control(this.cgroup, 'memory.high', bytesOf(high));
    if (low !== undefined) control(this.cgroup, 'memory.low', bytesOf(low));
    control(this.cgroup, 'memory.swap.max', swap === undefined ? 0 : bytesOf(swap));
    if (cpuset !== undefined) control(this.cgroup, 'cpuset.cpus', cpuset);
    control(this.cgroup, 'pids.max', pids ?? 1024);
  }

  /** Pids of the container as the node sees them. */
  get pids() {
    return (readControl(this.cgroup, 'cgroup.procs') ?? '').split('\n').filter(Boolean).map(Number);
  }

  get kills() {
    return Number(/^oom_kill (\d+)/m.exec(readControl(this.cgroup, 'memory.events') ?? '')?.[1] ?? 0);
  }

  async stop() {
    control(this.cgroup, 'cgroup.kill', 1);
    await this.ended;
    for (let left = 50; left > 0; left--) {
      try {
        rmdirSync(`${CG}/${this.cgroup}`);
        return;
      } catch {
        await sleep(100);
      }
    }
  }
}
