import type { GoSample } from '../sample/types.ts';
import type { Tree } from './limits.ts';
import type { EffectiveLimit, GoRuntimeModel, MemoryAttribution } from './types.ts';

/**
 * How the process's memory relates to that of the cgroup that its memory limit counts: the pod when the limit is the pod's, else
 * the workload. What the runtime manages is taken from the anonymous memory of the same moment; siblings in the pod, which the
 * runtime knows nothing of, count as they are now.
 */
export function memoryAttribution(
  go: GoSample,
  runtime: GoRuntimeModel,
  memoryMax: EffectiveLimit | undefined,
  tree: Tree,
): MemoryAttribution {
  const own = tree.sample(go.workloadPath)?.memoryStat?.anon;
  const shared = memoryMax?.level === 'pod' && memoryMax.limit !== 'max';
  const anon = shared ? tree.sample(memoryMax.cgroupPath)?.memoryStat?.anon : own;
  if (own === undefined || anon === undefined)
    return { anonShare: undefined, nonGoBytes: undefined, detail: 'memory.stat anon of the cgroup is not known' };
  const rssAnon = go.status?.rssAnon;
  const anonShare = rssAnon === undefined || anon === 0 ? undefined : rssAnon / anon;
  if (anonShare === undefined)
    return { anonShare, nonGoBytes: undefined, detail: 'RssAnon of the process is not known' };
  const managed = runtime.managedBytes?.value;
  const then = go.workloadAnonAtEndpoint;
  if (managed === undefined || then === undefined)
    return { anonShare, nonGoBytes: undefined, detail: 'the runtime did not say how much memory it manages' };
  const siblings = Math.max(0, anon - own);
  return { anonShare, nonGoBytes: Math.max(0, then - managed) + siblings, detail: undefined };
}
