import { describe, expect, it } from 'vitest';
import { type IdentityClues, identify } from '../../src/kube/identity.ts';
import { roleOf } from '../../src/kube/layout.ts';
import type { PodLog } from '../../src/kube/pod-log-index.ts';
import type { ContainerIdentity } from '../../src/kube/types.ts';

const UID = '3f8a6c1e-52b7-4d0e-9a41-7c1de0b6f2a8';
const ID = '26328834962247f838f5b1478656c9fe2e3fd3607002cba7660c33a71d737db6';
const POD = `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${UID.replaceAll('-', '_')}.slice`;
const SCOPE = `${POD}/cri-containerd-${ID}.scope`;
const LOG: PodLog = { namespace: 'monitoring', pod: 'prometheus-0', containers: new Map([['server', 3]]) };
const MOUNTS = [
  { root: `/var/lib/kubelet/pods/${UID}/containers/server/92ef860a`, mountPoint: '/dev/termination-log' },
];
const SANDBOX_MOUNTS = [{ root: `/run/sandboxes/${ID}/hostname`, mountPoint: '/etc/hostname' }];

function who(path: string, clues: Omit<IdentityClues, 'path' | 'role'> = {}): ContainerIdentity {
  return identify({ path, role: roleOf(path), ...clues });
}

describe('a container of a pod', () => {
  it('is resolved with its log directory and its mounts', () => {
    expect(who(SCOPE, { podLog: LOG, mounts: MOUNTS })).toEqual({
      kind: 'kubernetes',
      state: 'resolved',
      podUid: UID,
      namespace: 'monitoring',
      pod: 'prometheus-0',
      container: 'server',
      containerId: ID,
      runtime: 'containerd',
      qos: 'Burstable',
      staticPod: false,
      sandbox: false,
      driverMismatch: false,
      unit: undefined,
      restartCount: 3,
    });
  });

  it('is unresolved from the path alone, with what the path says', () => {
    expect(who(SCOPE)).toMatchObject({
      state: 'unresolved',
      podUid: UID,
      containerId: ID,
      namespace: undefined,
      container: undefined,
    });
  });

  it('is unresolved without the log directory, though its own name is known', () => {
    expect(who(SCOPE, { mounts: MOUNTS })).toMatchObject({ state: 'unresolved', container: 'server', pod: undefined });
  });

  it('is not named by being the only one with a log: that would be a guess', () => {
    expect(who(SCOPE, { podLog: LOG })).toMatchObject({
      state: 'unresolved',
      pod: 'prometheus-0',
      container: undefined,
      restartCount: undefined,
    });
  });

  it('has no restart count before its first log file', () => {
    const podLog = { ...LOG, containers: new Map<string, number | undefined>() };
    expect(who(SCOPE, { podLog, mounts: MOUNTS })).toMatchObject({ state: 'resolved', restartCount: undefined });
  });

  it('a part of it is that container', () => {
    expect(who(`${SCOPE}/system.slice/x.service`, { podLog: LOG, mounts: MOUNTS })).toEqual(
      who(SCOPE, { podLog: LOG, mounts: MOUNTS }),
    );
  });

  it('tells a driver mismatch and a static pod', () => {
    const hash = '0123456789abcdef0123456789abcdef';
    const path = `/system.slice/containerd.service/kubepods-pod${hash}.slice:cri-containerd:${ID}`;
    expect(who(path)).toMatchObject({ driverMismatch: true, staticPod: true, podUid: hash, qos: 'Guaranteed' });
  });
});

describe('a pause container', () => {
  it.each<[string, Omit<IdentityClues, 'path' | 'role'>, boolean]>([
    ['its id is the sandbox of a sibling', { sandboxIds: new Set([ID]) }, true],
    ['its own mounts are its sandbox’s', { mounts: SANDBOX_MOUNTS }, true],
    ['its executable is pause', { exeBasename: 'pause' }, true],
    ['one process with oom_score_adj -998', { oomScoreAdj: -998, processCount: 1 }, true],
    ['several processes with -998', { oomScoreAdj: -998, processCount: 2 }, false],
    ['-998 with an unknown number of processes', { oomScoreAdj: -998 }, false],
    ['one process with -997', { oomScoreAdj: -997, processCount: 1 }, false],
    ['an application called pause', { exeBasename: 'pause', mounts: MOUNTS }, false],
    ['another sandbox’s id', { sandboxIds: new Set(['f'.repeat(64)]) }, false],
    ['nothing', {}, false],
  ])('%s', (_, clues, sandbox) => {
    expect(who(SCOPE, clues).sandbox).toBe(sandbox);
  });

  it('is resolved without a container name', () => {
    expect(who(SCOPE, { podLog: LOG, exeBasename: 'pause' })).toMatchObject({
      state: 'resolved',
      pod: 'prometheus-0',
      container: undefined,
    });
    expect(who(SCOPE, { exeBasename: 'pause' })).toMatchObject({ state: 'unresolved', sandbox: true });
  });
});

describe('anything else', () => {
  it('a pod is resolved by its log directory', () => {
    expect(who(POD, { podLog: LOG })).toMatchObject({
      kind: 'kubernetes',
      state: 'resolved',
      namespace: 'monitoring',
      qos: 'Burstable',
    });
    expect(who(POD)).toMatchObject({ kind: 'kubernetes', state: 'unresolved', podUid: UID, namespace: undefined });
  });

  it('a systemd unit is resolved', () => {
    expect(who('/system.slice/kubelet.service')).toMatchObject({
      kind: 'systemd',
      state: 'resolved',
      unit: 'kubelet.service',
      container: undefined,
      podUid: undefined,
    });
  });

  it('a container outside any pod has its id and stays unresolved, with or without other clues', () => {
    const docker = { kind: 'docker', state: 'unresolved', containerId: ID, container: undefined, sandbox: false };
    expect(who(`/system.slice/docker-${ID}.scope`)).toMatchObject(docker);
    expect(who(`/docker/${ID}`, { podLog: LOG, mounts: MOUNTS, exeBasename: 'pause' })).toMatchObject({
      ...docker,
      pod: undefined,
    });
    expect(who(`/machine.slice/libpod-${ID}.scope/container`)).toMatchObject({
      kind: 'podman',
      state: 'unresolved',
      containerId: ID,
    });
    expect(who(`/system.slice/cri-containerd-${ID}.scope`)).toMatchObject({
      kind: 'kubernetes',
      state: 'unresolved',
      podUid: undefined,
    });
  });

  it('levels and runtimes’ own cgroups are nobody', () => {
    expect(who('/kubepods.slice/kubepods-burstable.slice')).toMatchObject({
      kind: 'other',
      state: 'unresolved',
      qos: 'Burstable',
    });
    expect(who('/')).toMatchObject({ kind: 'other', state: 'unresolved' });
    expect(who(`${POD}/crio-conmon-${ID}.scope`, { podLog: LOG })).toMatchObject({ kind: 'other', pod: undefined });
  });
});
