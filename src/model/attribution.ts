import type { GoSample } from '../sample/types.ts';
import type { MemoryAttribution } from './go-process-types.ts';
import type { EffectiveLimit } from './limit-types.ts';
import type { Tree } from './limits.ts';
import { runtimeSources } from './runtime-sources.ts';

/**
 * How the process's memory relates to that of the cgroup that its memory limit counts: the pod when the limit is the pod's, else
 * the workload. What the runtime manages is taken from the anonymous memory of the same moment; siblings in the pod, which the
 * runtime knows nothing of, count as they are now.
 */
export function memoryAttribution(go: GoSample, memoryMax: EffectiveLimit | undefined, tree: Tree): MemoryAttribution {
  const own = tree.sample(go.workloadPath)?.memoryStat?.anon;
  const shared = memoryMax?.level === 'pod' && memoryMax.limit !== 'max';
  const anon = shared ? tree.sample(memoryMax.cgroupPath)?.memoryStat?.anon : own;
  if (own === undefined || anon === undefined)
    return { anonShare: undefined, nonGoBytes: undefined, detail: 'memory.stat anon of the cgroup is not known' };
  const rssAnon = go.status?.rssAnon;
  const anonShare = rssAnon === undefined || anon === 0 ? undefined : rssAnon / anon;
  if (anonShare === undefined)
    return { anonShare, nonGoBytes: undefined, detail: 'RssAnon of the process is not known' };
  const pair = readTogether(go);
  if (pair === undefined)
    return { anonShare, nonGoBytes: undefined, detail: 'how much memory the runtime manages is not known' };
  const siblings = Math.max(0, anon - own);
  return { anonShare, nonGoBytes: Math.max(0, pair.workloadAnon - pair.managed) + siblings, detail: undefined };
}

/** Anonymous memory and what the runtime manages of it, of one moment: as its memory told, else as its endpoint did. */
function readTogether(go: GoSample): GoSample['memory']['together'] {
  if (go.memory.together !== undefined) return go.memory.together;
  const endpoint = runtimeSources(go).find(
    ({ from, values }) => from === 'endpoint' && values.managedBytes !== undefined,
  );
  const managed = endpoint?.values.managedBytes;
  const workloadAnon = go.workloadAnonAtEndpoint;
  return managed === undefined || workloadAnon === undefined ? undefined : { workloadAnon, managed };
}
