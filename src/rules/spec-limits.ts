import type { Limit } from '../base/limit.ts';
import type { ContainerModel } from '../model/container-types.ts';
import type { ResourcesModel } from '../model/pod-spec-types.ts';
import { humanBytes, humanCores, round } from './quantity.ts';
import type { ContainerContext, Evidence } from './types.ts';

/** A limit of the spec that is not the one in force. */
export interface LimitDifference {
  readonly text: string;
  /** The cgroup gives less than the spec promises. */
  readonly tighter: boolean;
  /** Which side the kubelet's own report agrees with; undefined: it says nothing, or a third value. */
  readonly reported: 'spec' | 'cgroup' | undefined;
  readonly evidence: readonly Evidence[];
}

interface Compared {
  readonly found: readonly LimitDifference[];
  readonly agreeing: readonly Evidence[];
  readonly missing: readonly string[];
}

/** The kubelet's period where no level tells another (pkg/kubelet/cm/helpers_linux.go, QuotaPeriod). */
const PERIOD_SECONDS = 0.1;
/** pkg/kubelet/cm/helpers_linux.go, MinQuotaPeriod. */
const MIN_QUOTA_USEC = 1000;
/** Largest page of a Linux node (arm64): the kernel rounds memory.max down to whole pages. */
const MAX_PAGE_BYTES = 65_536;
const MICROSECOND = 1e-6;

/** cpu.max as the kubelet writes it, in cores. */
export function quotaCores(limitCores: number, periodSeconds: number): number {
  const periodUsec = Math.round(periodSeconds / MICROSECOND);
  const quota = Math.floor((Math.round(limitCores * 1000) * periodUsec) / 1000);
  return Math.max(MIN_QUOTA_USEC, quota) / periodUsec;
}

/** Whether cpu.max is what the kubelet makes of the limit, as written or as systemd rounds it up to 10 ms in a second. */
function cpuAgrees(spec: Limit, cgroup: Limit, periodSeconds: number): boolean {
  if (spec === 'max' || cgroup === 'max') return spec === cgroup;
  const exact = quotaCores(spec, periodSeconds);
  const bySystemd = Math.ceil(round(exact * 100, 6)) / 100;
  const slack = (2 * MICROSECOND) / periodSeconds;
  return Math.abs(cgroup - exact) <= slack || Math.abs(cgroup - bySystemd) <= slack;
}

/** The limit as written may be off by less than a page: the kernel rounds it down to whole pages. */
function memoryAgrees(spec: Limit, cgroup: Limit): boolean {
  if (spec === 'max' || cgroup === 'max') return spec === cgroup;
  return spec - cgroup >= 0 && spec - cgroup < MAX_PAGE_BYTES;
}

type Quantity = 'limitCpuCores' | 'limitMemoryBytes';

/** A container without a limit of its own is given that of its pod (getCPULimit, getMemoryLimit); older kubelets give it none. */
function promised(resources: ResourcesModel, pod: ResourcesModel | undefined, key: Quantity): readonly Limit[] {
  const own = resources[key];
  const ofPod = pod?.[key];
  if (own === undefined) return [];
  return own === 'max' && ofPod !== undefined && ofPod !== 'max' ? [ofPod, 'max'] : [own];
}

/**
 * Why a CPU limit need not be enforced: the container has CPUs for itself (static CPU manager, Kubernetes 1.33), or the kubelet enforces none
 * on this node. `unknown` where no other container of the node could show it.
 */
function unenforced(
  { container, neighbours }: ContainerContext,
  limit: Limit,
): 'exclusive' | 'nowhere' | 'unknown' | undefined {
  const cpus = container.effective.cpusetCpus;
  if (container.identity.qos === 'Guaranteed' && cpus !== undefined && cpus === limit) return 'exclusive';
  const limited = neighbours.filter(
    ({ key, spec }) => key !== container.key && typeof spec?.resources.limitCpuCores === 'number',
  );
  if (limited.some(({ cpu }) => typeof cpu.limitCores === 'number')) return undefined;
  return limited.some(({ cpu }) => cpu.limitCores === 'max') ? 'nowhere' : 'unknown';
}

const coresText = (limit: Limit): string => (limit === 'max' ? 'no limit' : humanCores(limit));
const bytesText = (limit: Limit): string => (limit === 'max' ? 'no limit' : humanBytes(limit));
const isTighter = (cgroup: Limit, spec: Limit): boolean => cgroup !== 'max' && (spec === 'max' || cgroup < spec);

function sideOf(
  container: ContainerModel,
  key: Quantity,
  agrees: (of: Limit) => boolean,
  spec: Limit,
): LimitDifference['reported'] {
  const reported = container.spec?.reported?.[key];
  if (reported === undefined) return undefined;
  if (agrees(reported)) return 'cgroup';
  return reported === spec ? 'spec' : undefined;
}

function evidenceOf(
  name: 'CPU' | 'memory',
  unit: 'cores' | 'bytes',
  spec: Limit,
  cgroup: Limit,
  reported: Limit | undefined,
): Evidence[] {
  const [field, file] = name === 'CPU' ? ['limits.cpu', 'cpu.max'] : ['limits.memory', 'memory.max'];
  return [
    { signal: `${name} limit of the spec`, value: spec, unit, source: `Kubernetes API: ${field}` },
    {
      signal: `${name} limit in force`,
      value: cgroup,
      unit,
      source: file,
      ...(spec === 'max' ? {} : { bound: spec }),
    },
    ...(reported === undefined
      ? []
      : [
          {
            signal: `${name} limit the kubelet reports`,
            value: reported,
            unit,
            source: `Kubernetes API: containerStatuses resources.${field}`,
          },
        ]),
  ];
}

/** Holds both limits of the spec against those of the cgroup. */
export function differences(context: ContainerContext): Compared {
  const { container } = context;
  const found: LimitDifference[] = [];
  const agreeing: Evidence[] = [];
  const missing: string[] = [];
  const { spec } = container;
  if (spec === undefined) return { found, agreeing, missing: ['the pod’s spec'] };
  const compare = (
    key: Quantity,
    cgroup: Limit | undefined,
    names: { readonly kind: 'CPU' | 'memory'; readonly unit: 'cores' | 'bytes'; readonly file: string },
    agrees: (spec: Limit, cgroup: Limit) => boolean,
    text: (limit: Limit) => string,
  ): void => {
    const promises = promised(spec.resources, spec.podResources, key);
    const [first] = promises;
    if (cgroup === undefined) missing.push(`${names.file} of the container`);
    if (first === undefined) missing.push(`limits.${names.kind.toLowerCase()} of the spec as a quantity`);
    if (cgroup === undefined || first === undefined) return;
    const evidence = evidenceOf(names.kind, names.unit, first, cgroup, spec.reported?.[key]);
    if (promises.some((limit) => agrees(limit, cgroup))) {
      agreeing.push(...evidence);
      return;
    }
    if (key === 'limitCpuCores' && cgroup === 'max') {
      const why = unenforced(context, first);
      if (why === 'unknown') missing.push('whether the kubelet enforces CPU limits (--cpu-cfs-quota)');
      if (why !== undefined) return;
    }
    found.push({
      text: `${names.kind} limit: spec ${text(first)}, ${names.file} ${text(cgroup)}`,
      tighter: isTighter(cgroup, first),
      reported: sideOf(container, key, (reported) => agrees(reported, cgroup), first),
      evidence,
    });
  };
  const period = container.effective.cpuPeriodSeconds ?? PERIOD_SECONDS;
  compare(
    'limitCpuCores',
    container.cpu.limitCores,
    { kind: 'CPU', unit: 'cores', file: 'cpu.max' },
    (limit, cgroup) => cpuAgrees(limit, cgroup, period),
    coresText,
  );
  compare(
    'limitMemoryBytes',
    container.memory.maxBytes,
    { kind: 'memory', unit: 'bytes', file: 'memory.max' },
    memoryAgrees,
    bytesText,
  );
  return { found, agreeing, missing };
}
