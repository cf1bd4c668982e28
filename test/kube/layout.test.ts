import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectedAncestors, levelOf, roleOf } from '../../src/kube/layout.ts';
import type { CgroupRole } from '../../src/kube/types.ts';

const UID = '33baea74-f206-4f95-9893-c56282acda4e';
const UID_ = '33baea74_f206_4f95_9893_c56282acda4e';
const OTHER_UID = '404bd273-57bc-4508-a386-e2b76d3c9cfe';
const HASH = '0123456789abcdef0123456789abcdef';
const ID = '26328834962247f838f5b1478656c9fe2e3fd3607002cba7660c33a71d737db6';
const OTHER_ID = 'c12e1728d2e9048de90f915f1392129155e00af499b4ab2e0f40cb18466f3b97';

const BURSTABLE = `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${UID_}.slice`;
const KIND = `/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-pod${UID_}.slice`;

function container(more: Partial<Extract<CgroupRole, { role: 'container' }>>): CgroupRole {
  return {
    role: 'container',
    podUid: UID,
    qos: 'Burstable',
    containerId: ID,
    runtime: 'containerd',
    driverMismatch: false,
    staticPod: false,
    ...more,
  };
}

describe('containers of pods', () => {
  it.each<[string, string, CgroupRole]>([
    ['systemd, burstable', `${BURSTABLE}/cri-containerd-${ID}.scope`, container({})],
    [
      'systemd, best effort',
      `/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${UID_}.slice/cri-containerd-${ID}.scope`,
      container({ qos: 'BestEffort' }),
    ],
    [
      'systemd, guaranteed',
      `/kubepods.slice/kubepods-pod${UID_}.slice/cri-containerd-${ID}.scope`,
      container({ qos: 'Guaranteed' }),
    ],
    ['CRI-O', `${BURSTABLE}/crio-${ID}.scope`, container({ runtime: 'cri-o' })],
    ['cri-dockerd', `${BURSTABLE}/docker-${ID}.scope`, container({ runtime: 'docker' })],
    ['kind, inside the node', `${KIND}/cri-containerd-${ID}.scope`, container({})],
    [
      'kind, from the laptop',
      `/system.slice/docker-${OTHER_ID}.scope${KIND}/cri-containerd-${ID}.scope`,
      container({}),
    ],
    [
      'old kind, from the laptop',
      `/docker/${OTHER_ID}/kubelet/kubepods/burstable/pod${UID}/${ID}`,
      container({ runtime: 'unknown' }),
    ],
    ['cgroupfs, burstable', `/kubepods/burstable/pod${UID}/${ID}`, container({ runtime: 'unknown' })],
    [
      'cgroupfs, best effort',
      `/kubepods/besteffort/pod${UID}/${ID}`,
      container({ runtime: 'unknown', qos: 'BestEffort' }),
    ],
    ['cgroupfs, guaranteed', `/kubepods/pod${UID}/${ID}`, container({ runtime: 'unknown', qos: 'Guaranteed' })],
    ['cgroupfs with CRI-O', `/kubepods/burstable/pod${UID}/crio-${ID}`, container({ runtime: 'cri-o' })],
    [
      'rootless k3s',
      `/user.slice/user-1001.slice/user@1001.service/k3s-rootless.service/kubepods/pod${UID}/${ID}`,
      container({ runtime: 'unknown', qos: 'Guaranteed' }),
    ],
    [
      'a static pod',
      `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${HASH}.slice/cri-containerd-${ID}.scope`,
      container({ podUid: HASH, staticPod: true }),
    ],
    [
      'a static pod, cgroupfs',
      `/kubepods/burstable/pod${HASH}/${ID}`,
      container({ podUid: HASH, staticPod: true, runtime: 'unknown' }),
    ],
    [
      'driver mismatch',
      `/system.slice/containerd.service/kubepods-besteffort-pod${UID_}.slice:cri-containerd:${ID}`,
      container({ qos: 'BestEffort', driverMismatch: true }),
    ],
    [
      'driver mismatch, CRI-O',
      `/kubepods-pod${UID_}.slice:crio:${ID}`,
      container({ qos: 'Guaranteed', driverMismatch: true, runtime: 'cri-o' }),
    ],
  ])('%s', (_, path, role) => {
    expect(roleOf(path)).toEqual(role);
  });
});

describe('parts of containers', () => {
  const scope = `${BURSTABLE}/cri-containerd-${ID}.scope`;

  it.each([
    ['crun’s sub-cgroup', `${BURSTABLE}/crio-${ID}.scope`, '/container', 1],
    ['an exec under crun', `${BURSTABLE}/crio-${ID}.scope`, '/container/exec', 2],
    ['systemd in a container', scope, '/init.scope', 1],
    ['a service in a container', scope, '/system.slice/nginx.service', 2],
    ['Docker in a container', scope, `/docker/${OTHER_ID}`, 2],
    ['another containerd in a container', scope, `/cri-containerd-${OTHER_ID}.scope`, 1],
    ['a kubelet in a container', scope, `/kubepods/burstable/pod${OTHER_UID}/${OTHER_ID}`, 4],
    ['a kubelet with systemd in a container', scope, `${KIND.replace(UID_, HASH)}/cri-containerd-${OTHER_ID}.scope`, 5],
    ['a part under a driver mismatch', `/x.service/kubepods-pod${UID_}.slice:cri-containerd:${ID}`, '/init', 1],
    ['a part of a Docker container', `/system.slice/docker-${ID}.scope`, '/init.scope', 1],
    ['a Docker container in a Docker container', `/docker/${ID}`, `/docker/${OTHER_ID}`, 2],
    ['rootless Podman', `/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope`, '/container', 1],
  ])('%s', (_, containerPath, below, depth) => {
    expect(roleOf(containerPath + below)).toEqual({ role: 'inside', containerPath, depth });
    expect(roleOf(containerPath).role).toBe('container');
  });
});

describe('pods and levels', () => {
  it('pods', () => {
    expect(roleOf(BURSTABLE)).toEqual({ role: 'pod', podUid: UID, qos: 'Burstable', staticPod: false });
    expect(roleOf(`/kubepods/pod${UID}`)).toEqual({ role: 'pod', podUid: UID, qos: 'Guaranteed', staticPod: false });
    expect(roleOf(`/kubepods/besteffort/pod${HASH}`)).toEqual({
      role: 'pod',
      podUid: HASH,
      qos: 'BestEffort',
      staticPod: true,
    });
  });

  it('a UID set by a manifest is taken as it is written', () => {
    expect(roleOf('/kubepods/burstable/podnode-agent.1')).toMatchObject({
      role: 'pod',
      podUid: 'node-agent.1',
      staticPod: false,
    });
  });

  it.each<[string, CgroupRole]>([
    ['/kubepods.slice', { role: 'kubepods', qos: undefined }],
    ['/kubepods', { role: 'kubepods', qos: undefined }],
    ['/kubelet.slice/kubelet-kubepods.slice', { role: 'kubepods', qos: undefined }],
    [`/system.slice/docker-${ID}.scope/kubelet.slice/kubelet-kubepods.slice`, { role: 'kubepods', qos: undefined }],
    ['/kubepods.slice/kubepods-burstable.slice', { role: 'qos', qos: 'Burstable' }],
    ['/kubepods.slice/kubepods-besteffort.slice', { role: 'qos', qos: 'BestEffort' }],
    ['/kubepods/burstable', { role: 'qos', qos: 'Burstable' }],
    ['/kubepods/besteffort', { role: 'qos', qos: 'BestEffort' }],
    ['/burstable', { role: 'other' }],
    [`/pod${UID}`, { role: 'other' }],
    [`/system.slice/pod${UID}`, { role: 'other' }],
    [`${BURSTABLE}/volumes`, { role: 'other' }],
  ])('%s', (path, role) => {
    expect(roleOf(path)).toEqual(role);
  });
});

describe('a runtime’s own cgroups', () => {
  it.each([
    `${BURSTABLE}/crio-conmon-${ID}.scope`,
    `${BURSTABLE}/crio-${ID}`,
    `${BURSTABLE}/crio-${ID}/x`,
    `/kubepods/burstable/pod${UID}/crio-conmon-${ID}`,
    `/machine.slice/libpod-conmon-${ID}.scope`,
    `/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-conmon-${ID}.scope`,
  ])('ignores %s', (path) => {
    expect(roleOf(path)).toEqual({ role: 'ignored' });
  });
});

describe('outside Kubernetes', () => {
  const alone = { podUid: undefined, qos: undefined };

  it.each<[string, CgroupRole]>([
    [`/system.slice/docker-${ID}.scope`, container({ ...alone, runtime: 'docker' })],
    [`/docker/${ID}`, container({ ...alone, runtime: 'docker' })],
    [`/machine.slice/libpod-${ID}.scope`, container({ ...alone, runtime: 'podman' })],
    [`/machine.slice/web.service/libpod-payload-${ID}`, container({ ...alone, runtime: 'podman' })],
    [`/system.slice/cri-containerd-${ID}.scope`, container({ ...alone })],
    [`/default/${ID}`, { role: 'other' }],
    [`/${ID}`, { role: 'other' }],
    ['/', { role: 'other' }],
    ['', { role: 'other' }],
    ['/system.slice', { role: 'other' }],
    ['/init.scope', { role: 'unit', unit: 'init.scope' }],
    ['/system.slice/kubelet.service', { role: 'unit', unit: 'kubelet.service' }],
    ['/system.slice/system-getty.slice/getty@tty1.service', { role: 'unit', unit: 'getty@tty1.service' }],
    ['/system.slice/containerd.service/worker', { role: 'unit', unit: 'containerd.service' }],
    [
      '/user.slice/user-1000.slice/user@1000.service/app.slice/app-org.gnome.Terminal.slice/vte-spawn-1.scope',
      { role: 'unit', unit: 'vte-spawn-1.scope' },
    ],
    ['/user.slice/user-1000.slice/user@1000.service/app.slice', { role: 'other' }],
    ['/system.slice/my\\x2dapp\\xc3\\xa4.service', { role: 'unit', unit: 'my-appä.service' }],
    ['/system.slice/a\\x0ab.service', { role: 'unit', unit: 'a\\x0ab.service' }],
    ['/system.slice/_cpu.service', { role: 'unit', unit: 'cpu.service' }],
  ])('%s', (path, role) => {
    expect(roleOf(path)).toEqual(role);
  });
});

describe('levels', () => {
  it('names every level above a container of crun', () => {
    const scope = `${BURSTABLE}/crio-${ID}.scope`;
    expect(expectedAncestors(`${scope}/container`)).toEqual([
      { path: '/', level: 'node' },
      { path: '/kubepods.slice', level: 'kubepods' },
      { path: '/kubepods.slice/kubepods-burstable.slice', level: 'qos' },
      { path: BURSTABLE, level: 'pod' },
      { path: scope, level: 'container' },
      { path: `${scope}/container`, level: 'sub-container' },
    ]);
  });

  it('names levels outside Kubernetes', () => {
    expect(levelOf('/')).toBe('node');
    expect(levelOf('/system.slice')).toBe('slice');
    expect(levelOf('/system.slice/sshd.service')).toBe('unit');
    expect(levelOf(`/system.slice/docker-${ID}.scope`)).toBe('container');
    expect(levelOf(`${BURSTABLE}/crio-conmon-${ID}.scope`)).toBe('unit');
    expect(expectedAncestors('/')).toEqual([{ path: '/', level: 'node' }]);
  });
});

describe('hostile paths', () => {
  const part = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.constantFrom(
      'kubepods',
      'kubepods.slice',
      'burstable',
      `pod${UID}`,
      `kubepods-pod${UID_}.slice`,
      ID,
      'docker',
      '..',
      'a.service',
    ),
    fc.constantFrom(`docker-${ID}.scope`, `cri-containerd-${OTHER_ID}.scope`, `x:crio:${ID}`, `crio-conmon-${ID}`),
  );

  it('any path has one role, and below a container everything is inside it', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const path = `/${parts.join('/')}`;
        expect(levelOf(path)).toBeTypeOf('string');
        expect(roleOf(`${BURSTABLE}/cri-containerd-${ID}.scope/x${path}`)).toMatchObject({
          role: 'inside',
          containerPath: `${BURSTABLE}/cri-containerd-${ID}.scope`,
        });
      }),
    );
  });

  it('an endless path is no cgroup', () => {
    expect(roleOf(`/kubepods${'/a'.repeat(100_000)}`)).toEqual({ role: 'other' });
    expect(roleOf(`/${'a-'.repeat(2000)}kubepods-pod`)).toEqual({ role: 'other' });
  });

  it('any UUID comes back from both drivers', () => {
    fc.assert(
      fc.property(fc.uuid(), (uid) => {
        expect(roleOf(`/kubepods/pod${uid}`)).toMatchObject({ podUid: uid });
        expect(roleOf(`/kubepods.slice/kubepods-pod${uid.replaceAll('-', '_')}.slice`)).toMatchObject({ podUid: uid });
      }),
    );
  });
});
