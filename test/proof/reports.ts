import type { Workload } from '../../src/demo/workload.ts';
import { WORKLOADS } from '../../src/demo/workloads.ts';
import { parseGomemlimit } from '../../src/go/runtime-settings.ts';

/** Rollouts of the demo's `reports`, by the pod's name. Its memory limit is 512 MiB. */
export const PODS = {
  healthy: 'reports-59bb7c8d6f-4hj2s',
  broken: 'reports-6c7d9f8b54-q8x2m',
  mended: 'reports-7f6b5d4c9d-t5k7w',
} as const;

function named(name: string): Workload {
  const found = WORKLOADS.find((workload) => workload.name === name);
  if (found === undefined) throw new Error(`the demo has no ${name}`);
  return found;
}

/** `reports` in a new pod, its environment changed: what `kubectl set env` does to a deployment. */
export function reportsWith(pod: string, set: Readonly<Record<string, string>>): Workload {
  const reports = named('reports');
  if (reports.go === undefined || reports.place.kind !== 'pod') throw new Error('reports is a Go program in a pod');
  const isSet = (variable: string) => Object.keys(set).some((name) => variable.startsWith(`${name}=`));
  const kept = reports.environment.filter((variable) => !isSet(variable));
  const environment = [...kept, ...Object.entries(set).map(([name, value]) => `${name}=${value}`)];
  const variable = environment.find((text) => text.startsWith('GOMEMLIMIT='))?.slice('GOMEMLIMIT='.length);
  const parsed = parseGomemlimit(variable);
  // A Go program would not start with it.
  if (!parsed.ok) throw new Error(`GOMEMLIMIT=${variable ?? ''} is refused by Go`);
  return {
    ...reports,
    place: { ...reports.place, pod },
    podAgeSeconds: 60,
    environment,
    go: { ...reports.go, gomemlimit: parsed.value },
  };
}

/** What runs before the fault: nothing of it has anything at warning or above. */
export function healthyWorkloads(): readonly Workload[] {
  return [
    ...['cart', 'accounts', 'nginx', 'systemd', 'containerd'].map(named),
    reportsWith(PODS.healthy, { GOMEMLIMIT: '450MiB' }),
    named('cgopher'),
  ];
}
