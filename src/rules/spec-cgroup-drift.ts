import type { Limit } from '../base/limit.ts';
import { differences, type LimitDifference } from './spec-limits.ts';
import type { ContainerContext, Evidence, Rule, Verdict } from './types.ts';
import { remembering } from './types.ts';
import { clear, unknown } from './verdict.ts';

/** What was seen before of the limits on both sides, to tell which of them moved. */
interface Seen {
  readonly spec: readonly (Limit | undefined)[];
  readonly cgroup: readonly (Limit | undefined)[];
  /** The side that changed last, while the agent looked. */
  readonly moved: 'spec' | 'cgroup' | undefined;
}

/** A watch that broke longer ago than this says little of limits that may have been changed since. */
const MAX_AGE_SECONDS = 120;

const same = (a: readonly (Limit | undefined)[], b: readonly (Limit | undefined)[]): boolean =>
  a.every((value, index) => value === b[index]);

function observe(before: Seen | undefined, { container }: ContainerContext): Seen {
  const { spec: told, cpu, memory } = container;
  const spec =
    told === undefined
      ? (before?.spec ?? [undefined, undefined])
      : [told.resources.limitCpuCores, told.resources.limitMemoryBytes];
  const cgroup = [cpu.limitCores, memory.maxBytes];
  const known = (values: readonly (Limit | undefined)[] | undefined): boolean => values?.includes(undefined) === false;
  if (before === undefined) return { spec, cgroup, moved: undefined };
  const specMoved = known(before.spec) && known(spec) && !same(spec, before.spec);
  const cgroupMoved = known(before.cgroup) && known(cgroup) && !same(cgroup, before.cgroup);
  // Both at once is a resize that was carried out between two looks.
  const moved = specMoved === cgroupMoved ? before.moved : specMoved ? 'spec' : 'cgroup';
  return { spec, cgroup, moved };
}

interface Cause {
  readonly text: string;
  readonly change: string;
}

const RESIZE_TEXT = {
  deferred: 'the node puts the change off until there is room (PodResizePending, Deferred)',
  infeasible: 'the node can never carry the change out (PodResizePending, Infeasible)',
  'in progress': 'the kubelet is still at it (PodResizeInProgress)',
} as const;

/** Which side changed: by what the kubelet reports as in force, else by what was seen to move. */
function causeOf({ container }: ContainerContext, found: readonly LimitDifference[], seen: Seen): Cause {
  const resize = container.spec?.resize;
  const reported = found.map(({ reported: side }) => side);
  if (resize !== undefined || reported.includes('cgroup') || (!reported.includes('spec') && seen.moved === 'spec')) {
    const why = resize === undefined ? 'it is not in force yet' : RESIZE_TEXT[resize];
    return {
      text: `the spec was changed, and ${why}`,
      change:
        resize === 'infeasible'
          ? 'Ask for what the node can give, or let the pod be made anew on another node. Until then the container runs with its old limits.'
          : 'Wait for the kubelet, and see the pod’s conditions: `kubectl get pod -o jsonpath={.status.conditions}`. Lowering a memory limit waits until the container holds less. A restart of the pod makes the spec count at once.',
    };
  }
  if (reported.includes('spec') || seen.moved === 'cgroup')
    return {
      text: 'something other than the kubelet wrote to the cgroup',
      change:
        'Find what writes there: a tuning agent, a script, `systemctl set-property`, or an edit by hand. A restart of the container puts the limits of the spec in place.',
    };
  return {
    text: 'which side changed is not known: both were so when first seen, and the kubelet does not report what is in force',
    change:
      'Compare with `kubectl get pod -o yaml`, and restart the container: it then runs with the limits of the spec.',
  };
}

function detect(context: ContainerContext, seen: Seen): Verdict {
  const { container } = context;
  if (container.identity.kind !== 'kubernetes') return clear('not a container of a Kubernetes pod');
  const { spec } = container;
  if (spec === undefined) return unknown('the pod’s spec from the Kubernetes API (kubernetes.source)');
  if (spec.ageSeconds > MAX_AGE_SECONDS) return unknown('a current spec: the Kubernetes API does not answer');
  const { found, agreeing, missing } = differences(context);
  if (found.length === 0) {
    if (missing.length > 0) return unknown(...missing);
    return clear('the limits of the spec are those of the cgroup', agreeing);
  }
  const evidence: Evidence[] = [...found.flatMap((difference) => difference.evidence), ...agreeing];
  const cause = causeOf(context, found, seen);
  return {
    outcome: 'holds',
    severity: found.some(({ tighter }) => tighter) ? 'warning' : 'info',
    summary: `${found.map(({ text }) => text).join('; ')}: ${cause.text}`,
    evidence,
    remedy: { text: cause.change },
  };
}

/** The limits of a pod's spec against the values in force in the cgroup (pkg/kubelet/cm/helpers_linux.go, KEP-1287). */
export const specCgroupDrift: Rule = {
  id: 'SpecCgroupDrift',
  title: 'The limits of the pod spec are not the limits in force',
  subject: 'container',
  forSeconds: 120,
  about: {
    meaning:
      'The kubelet turns the limits of a pod’s spec into `cpu.max` and `memory.max`. Where they differ, people and autoscalers reckon with numbers that the kernel does not use. It happens while a resize in place cannot be carried out, or when something else writes to the cgroup. Dashboards that show the spec hide it.',
    firesWhen:
      'For two minutes `cpu.max` of the container is not `limits.cpu` as the kubelet rounds it (whole microseconds, at least 1 ms per period; systemd rounds up to whole hundredths of a core), or `memory.max` is not `limits.memory` within a page.',
    severity: 'warning when the cgroup gives less than the spec promises, else info.',
    change: 'By the side that changed: wait for or correct the resize, or find what writes to the cgroup.',
    silentWhen:
      'Both agree, or the workload is in no pod. A CPU limit that is not enforced is no difference where the container has its CPUs for itself (static CPU manager), and where the kubelet enforces no CPU limit on the node at all (`--cpu-cfs-quota=false`).',
    unknownWhen:
      'The Kubernetes API is not asked (`kubernetes.source: none`, the default), does not know the container, or has not answered for two minutes; a quantity could not be read; `cpu.max` or `memory.max` is not known; or the only CPU limit of the node is not enforced, so that it cannot be told whether any would be.',
    sources: [
      'pkg/kubelet/cm/helpers_linux.go MilliCPUToQuota, Kubernetes 1.35',
      'pkg/kubelet/kuberuntime/kuberuntime_container_linux.go getCPULimit, getMemoryLimit, Kubernetes 1.35',
      'KEP-1287, in-place update of pod resources',
      'opencontainers/runc, systemd cgroup manager: CPUQuotaPerSecUSec is rounded up to 10 ms',
    ],
  },
  ...remembering(observe, detect),
};
