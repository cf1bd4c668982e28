import { expect } from 'vitest';
import { agentOf, type Manifest } from './manifest-documents.ts';

const CAPABILITIES: Readonly<Record<0 | 1 | 2, readonly string[] | undefined>> = {
  0: undefined,
  1: ['SYS_PTRACE'],
  2: ['SYS_PTRACE', 'DAC_READ_SEARCH'],
};

/** The agent has what its tier says and nothing else. Written apart from the source of the manifests, to hold both it and the chart to it. */
export function expectSafe(documents: readonly Manifest[], tier: 0 | 1 | 2): void {
  const { pod, container } = agentOf(documents);
  expect(pod).toMatchObject({ hostPID: true, hostNetwork: false, enableServiceLinks: false });
  expect(pod.hostIPC ?? false).toBe(false);
  expect(pod.initContainers ?? []).toEqual([]);
  expect(pod.securityContext ?? {}).toEqual({});

  const { capabilities, runAsUser, runAsNonRoot, appArmorProfile, ...rest } = container.securityContext ?? {};
  expect(capabilities?.drop).toEqual(['ALL']);
  expect(capabilities?.add).toEqual(CAPABILITIES[tier]);
  expect({ runAsUser, runAsNonRoot }).toEqual(
    tier === 0 ? { runAsUser: 65532, runAsNonRoot: true } : { runAsUser: 0, runAsNonRoot: false },
  );
  expect(appArmorProfile).toEqual(tier === 0 ? undefined : { type: 'Unconfined' });
  expect(rest).toEqual({
    runAsGroup: runAsUser,
    privileged: false,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    seccompProfile: { type: 'RuntimeDefault' },
  });

  for (const mount of container.volumeMounts ?? []) expect(mount, mount.name).toMatchObject({ readOnly: true });
  const host = (pod.volumes ?? []).filter(({ hostPath }) => hostPath !== undefined);
  expect(host.map(({ hostPath }) => hostPath?.path)).toEqual(['/sys/fs/cgroup', '/var/log/pods']);
  for (const { name, hostPath } of host)
    expect(container.volumeMounts).toContainEqual({
      name,
      mountPath: `/host${hostPath?.path ?? ''}`,
      readOnly: true,
      mountPropagation: 'HostToContainer',
    });

  const text = JSON.stringify(documents);
  expect(text).not.toContain('nodes/proxy');
  expect(text).not.toContain('"privileged":true');
  expect(text).not.toContain('SYS_ADMIN');
}
