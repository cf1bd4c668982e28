import type { QosClass } from './types.ts';

/** A pod as its directory is named. */
export interface NamedPod {
  readonly uid: string;
  readonly qos: QosClass;
  /** The UID is the 32 digits of a manifest's hash: a static pod, whose API object has another UID. */
  readonly staticPod: boolean;
  /** The cgroup driver of the kubelet that made the directory. */
  readonly driver: 'systemd' | 'cgroupfs';
}

/* The API server and the kubelet make UUIDs and 32-digit hashes; a static pod's manifest may set any other text. */
const SYSTEMD_POD = /^(?:[^/]+-)?kubepods(?:-(besteffort|burstable))?-pod([A-Za-z0-9_.]{1,253})\.slice$/;
const CGROUPFS_POD = /^pod([A-Za-z0-9][A-Za-z0-9.-]{0,252})$/;
const SYSTEMD_LEVEL = /^(?:[^/]+-)?kubepods(?:-(besteffort|burstable))?\.slice$/;

/**
 * A pod directory of the systemd driver: `[root-]kubepods[-qos]-pod<uid>.slice`. systemd takes `-` for a level of its hierarchy, so the
 * kubelet writes `_` for each `-` of the UID.
 */
export function parseSystemdPod(part: string): NamedPod | undefined {
  const match = SYSTEMD_POD.exec(part);
  if (match?.[2] === undefined) return undefined;
  const uid = match[2].replaceAll('_', '-');
  return { uid, qos: qosOf(match[1]) ?? 'Guaranteed', staticPod: isManifestHash(uid), driver: 'systemd' };
}

/** A pod directory of the cgroupfs driver, `pod<uid>`, in the kubepods directory (Guaranteed) or in `qosDirectory`. */
export function parseCgroupfsPod(part: string, qosDirectory: string | undefined): NamedPod | undefined {
  const uid = CGROUPFS_POD.exec(part)?.[1];
  if (uid === undefined) return undefined;
  return { uid, qos: qosOf(qosDirectory) ?? 'Guaranteed', staticPod: isManifestHash(uid), driver: 'cgroupfs' };
}

/** A level above the pods: the kubepods directory itself (`qos` undefined) or a QoS class in it. Undefined for anything else. */
export function parseKubepodsLevel(
  part: string,
  belowKubepods: boolean,
): { readonly qos: QosClass | undefined } | undefined {
  const match = SYSTEMD_LEVEL.exec(part);
  if (match !== null) return { qos: qosOf(match[1]) };
  if (part === 'kubepods') return { qos: undefined };
  const qos = qosOf(part);
  return belowKubepods && qos !== undefined ? { qos } : undefined;
}

function qosOf(text: string | undefined): QosClass | undefined {
  if (text === 'besteffort') return 'BestEffort';
  return text === 'burstable' ? 'Burstable' : undefined;
}

function isManifestHash(uid: string): boolean {
  return /^[0-9a-f]{32}$/.test(uid);
}
