import type { ContainerRuntime } from './types.ts';

/** A container as its directory is named. */
export interface NamedContainer {
  readonly id: string;
  readonly runtime: ContainerRuntime;
}

const SCOPE = /^(cri-containerd|crio|docker|libpod)-([0-9a-f]{64})\.scope$/;
const BARE = /^([0-9a-f]{64})$/;
const BARE_CRIO = /^crio-([0-9a-f]{64})$/;
/** Podman with the cgroupfs manager, and `podman run --cgroups=split`, which is what Quadlet uses. */
const BARE_PODMAN = /^libpod-(?:payload-)?([0-9a-f]{64})$/;
/** `slice:prefix:id` is how the kubelet's runtime is told a systemd path; a cgroupfs runtime takes it as one directory name. */
const COLON = /^(.*):(cri-containerd|crio|docker):([0-9a-f]{64})$/;
const MONITOR = /^(?:crio|libpod)-conmon-/;

const RUNTIMES: Readonly<Record<string, ContainerRuntime>> = {
  'cri-containerd': 'containerd',
  crio: 'cri-o',
  docker: 'docker',
  libpod: 'podman',
};

/**
 * Reads a container's directory name. `place` says where it stands: in a pod directory of one of the kubelet's drivers, or in no pod.
 * `ignored` is a runtime's own cgroup: conmon, or the empty cgroup CRI-O keeps for a dropped sandbox. With the systemd driver a CRI-O
 * container always ends in `.scope`; with cgroupfs it never does, and an empty sandbox looks the same (tell it by having no process).
 * Bare ids outside a pod are taken only in `/docker`: elsewhere nothing says what made them.
 */
export function parseContainerName(
  part: string,
  parent: string | undefined,
  place: 'systemd' | 'cgroupfs' | 'outside',
): NamedContainer | 'ignored' | undefined {
  if (MONITOR.test(part)) return 'ignored';
  const scope = SCOPE.exec(part);
  if (scope !== null) return named(scope[2], scope[1]);
  const crio = BARE_CRIO.exec(part);
  if (crio !== null) return place === 'cgroupfs' ? named(crio[1], 'crio') : 'ignored';
  const podman = BARE_PODMAN.exec(part);
  if (podman !== null) return named(podman[1], 'libpod');
  const bare = BARE.exec(part);
  if (bare !== null) {
    if (place !== 'outside') return named(bare[1], undefined);
    return parent === 'docker' ? named(bare[1], 'docker') : undefined;
  }
  return parseMismatchName(part)?.named;
}

/** The two halves of `<pod slice>:<prefix>:<id>`, the mark of a kubelet on systemd with a runtime on cgroupfs. */
export function parseMismatchName(
  part: string,
): { readonly slice: string; readonly named: NamedContainer } | undefined {
  const match = COLON.exec(part);
  const container = match === null ? undefined : named(match[3], match[2]);
  return container === undefined ? undefined : { slice: match?.[1] ?? '', named: container };
}

function named(id: string | undefined, prefix: string | undefined): NamedContainer | undefined {
  if (id === undefined) return undefined;
  return { id, runtime: prefix === undefined ? 'unknown' : (RUNTIMES[prefix] ?? 'unknown') };
}
