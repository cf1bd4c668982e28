import { type NamedContainer, parseContainerName, parseMismatchName } from './container-name.ts';
import { type NamedPod, parseCgroupfsPod, parseKubepodsLevel, parseSystemdPod } from './pod-name.ts';
import type { CgroupRole } from './types.ts';
import { unitOf } from './unit-name.ts';

/** A cgroup path is at most PATH_MAX long; anything longer or deeper is no cgroup. */
const MAX_PATH = 4096;

/**
 * Reads what a cgroup is from its path alone, below the cgroup root and beginning with `/`. The pod is the FIRST pod directory going
 * down; its container is the next directory that yields an id; everything deeper is a part of that container, whatever it is called
 * (systemd, Docker or a kubelet inside a container). A container outside any pod is one only while no pod follows: kind runs a whole
 * node inside a Docker container.
 * Sources: kubelet pkg/kubelet/cm (systemd and cgroupfs drivers), containerd internal/cri, CRI-O internal/config/cgmgr, runc, crun.
 */
export function roleOf(path: string): CgroupRole {
  if (path.length > MAX_PATH) return { role: 'other' };
  const parts = path.split('/').filter((part) => part !== '');
  let qosDirectory: string | undefined;
  let belowKubepods = false;
  let outer: { readonly at: number; readonly named: NamedContainer } | undefined;
  let level: CgroupRole | undefined;

  for (const [at, part] of parts.entries()) {
    const mismatch = parseMismatchName(part);
    if (mismatch !== undefined) {
      const pod = parseSystemdPod(mismatch.slice);
      if (pod !== undefined) return containerRole(parts, at, mismatch.named, pod, true);
    }
    const pod = parseSystemdPod(part) ?? (belowKubepods ? parseCgroupfsPod(part, qosDirectory) : undefined);
    if (pod !== undefined) return insidePod(parts, at, pod);

    const kubepods = parseKubepodsLevel(part, belowKubepods);
    level = undefined;
    if (kubepods !== undefined) {
      belowKubepods = true;
      qosDirectory = kubepods.qos === undefined ? undefined : part;
      level = { role: kubepods.qos === undefined ? 'kubepods' : 'qos', qos: kubepods.qos };
    } else if (outer === undefined) {
      const named = parseContainerName(part, parts[at - 1], 'outside');
      if (named === 'ignored') return { role: 'ignored' };
      if (named !== undefined) outer = { at, named };
    }
  }
  if (level !== undefined) return level;
  if (outer !== undefined) return containerRole(parts, outer.at, outer.named, undefined, false);
  const unit = unitOf(parts);
  return unit === undefined ? { role: 'other' } : { role: 'unit', unit };
}

function insidePod(parts: readonly string[], podAt: number, pod: NamedPod): CgroupRole {
  if (podAt === parts.length - 1) {
    return { role: 'pod', podUid: pod.uid, qos: pod.qos, staticPod: pod.staticPod };
  }
  for (let at = podAt + 1; at < parts.length; at += 1) {
    const named = parseContainerName(parts[at] ?? '', parts[at - 1], pod.driver);
    if (named === 'ignored') return { role: 'ignored' };
    if (named !== undefined) return containerRole(parts, at, named, pod, false);
  }
  return { role: 'other' };
}

function containerRole(
  parts: readonly string[],
  at: number,
  named: NamedContainer,
  pod: NamedPod | undefined,
  driverMismatch: boolean,
): CgroupRole {
  const depth = parts.length - 1 - at;
  if (depth > 0) return { role: 'inside', containerPath: `/${parts.slice(0, at + 1).join('/')}`, depth };
  return {
    role: 'container',
    podUid: pod?.uid,
    qos: pod?.qos,
    containerId: named.id,
    runtime: named.runtime,
    driverMismatch,
    staticPod: pod?.staticPod ?? false,
  };
}

/**
 * What a cgroup is, in words for people. `sub-container` is a part of a container, `unit` a systemd service or scope or a runtime's own
 * process, `slice` any other inner level, `node` the root.
 */
export type CgroupLevel = 'container' | 'sub-container' | 'pod' | 'qos' | 'kubepods' | 'unit' | 'slice' | 'node';

/** The level of the cgroup at `path` (below the cgroup root, beginning with `/`). */
export function levelOf(path: string): CgroupLevel {
  const role = roleOf(path);
  switch (role.role) {
    case 'inside':
      return 'sub-container';
    case 'ignored':
      return 'unit';
    case 'other':
      return /^\/*$/.test(path) ? 'node' : 'slice';
    default:
      return role.role;
  }
}

/** A cgroup above another, or that cgroup itself. */
export interface Ancestor {
  readonly path: string;
  readonly level: CgroupLevel;
}

/** The cgroups whose limits bind the one at `path`, from the node down to that cgroup itself. */
export function expectedAncestors(path: string): readonly Ancestor[] {
  const ancestors: Ancestor[] = [{ path: '/', level: 'node' }];
  let current = '';
  for (const part of path.split('/')) {
    if (part === '') continue;
    current += `/${part}`;
    ancestors.push({ path: current, level: levelOf(current) });
  }
  return ancestors;
}
