import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namesFromMounts } from '../../src/kube/mountinfo-names.ts';

const UID = 'f2c26abd-1111-4222-8333-444455556666';
const OTHER = '0e7c2b59-91af-4c86-b3d2-5f60a8e4d117';
const SANDBOX = 'd5a4b470'.repeat(8);

function termination(uid: string, name: string, mountPoint = '/dev/termination-log') {
  return { root: `/var/lib/kubelet/pods/${uid}/containers/${name}/92ef860a`, mountPoint };
}

describe('namesFromMounts', () => {
  it('finds the container’s name and the sandbox’s id', () => {
    const mounts = [
      { root: '/', mountPoint: '/' },
      termination(UID, 'server'),
      { root: `/k8s/containerd/io.containerd.grpc.v1.cri/sandboxes/${SANDBOX}/hostname`, mountPoint: '/etc/hostname' },
    ];
    expect(namesFromMounts(mounts, UID)).toEqual({ container: 'server', sandboxId: SANDBOX });
  });

  it('takes any prefix: an own file system, minikube, Podman volumes', () => {
    for (const prefix of ['', '/lib/kubelet', '/var/lib/containers/storage/volumes/minikube/_data/lib/kubelet']) {
      const mounts = [{ root: `${prefix}/pods/${UID}/containers/app/0a`, mountPoint: '/custom/log' }];
      expect(namesFromMounts(mounts, UID).container).toBe('app');
    }
  });

  it('knows static pods by their hash', () => {
    const hash = '0123456789abcdef0123456789abcdef';
    expect(namesFromMounts([termination(hash, 'etcd')], hash).container).toBe('etcd');
  });

  it('does not take the name of another pod, however near its mount', () => {
    expect(namesFromMounts([termination(OTHER, 'thief', '/x')], UID).container).toBeUndefined();
    const mounts = [
      termination(OTHER, 'thief', '/x'),
      termination(UID, 'app', '/a/deep/mount/point'),
      termination(OTHER, 'y', '/y'),
    ];
    expect(namesFromMounts(mounts, UID).container).toBe('app');
  });

  it('a pod inside a pod’s volume names itself, not its host', () => {
    const root = `/var/lib/kubelet/pods/${UID}/volumes/kubernetes.io~empty-dir/data/pods/${OTHER}/containers/inner/0a`;
    expect(namesFromMounts([{ root, mountPoint: '/dev/termination-log' }], UID).container).toBeUndefined();
    expect(namesFromMounts([{ root, mountPoint: '/dev/termination-log' }], OTHER).container).toBe('inner');
  });

  it('of several mounts of the pod takes the one nearest the root, then the last', () => {
    const host = '/var/lib/kubelet/pods';
    expect(namesFromMounts([termination(UID, 'mine'), termination(UID, 'theirs', `${host}/a/b`)], UID).container).toBe(
      'mine',
    );
    expect(namesFromMounts([termination(UID, 'first'), termination(UID, 'second')], UID).container).toBe('second');
  });

  it.each([
    '',
    '/',
    `/pods/${UID}/containers/`,
    `/pods/${UID}/containers/app`,
    `/pods/${UID}/containers/App/0a`,
    `/pods/${UID}/containers/a/0g`,
  ])('takes nothing from %j', (root) => {
    expect(namesFromMounts([{ root, mountPoint: '/x' }], UID)).toEqual({ container: undefined, sandboxId: undefined });
  });

  it('gives back any container name, and never throws', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/), fc.array(fc.string()), (name, others) => {
        const mounts = others.map((root) => ({ root, mountPoint: root }));
        expect(namesFromMounts([...mounts, termination(UID, name)], UID).container).toBe(name);
      }),
    );
  });
});
