import type { CgroupSample } from '../kernel/cgroup/types.ts';
import type { PlacementModel } from './container-types.ts';
import { selfAndAncestors, type Tree } from './limits.ts';

/** Where a container may run and where its memory is, for machines with several NUMA nodes. */
export function placementModel(sample: CgroupSample, tree: Tree): PlacementModel {
  let cpus: readonly number[] | undefined;
  for (const path of [...selfAndAncestors(sample.path), '/']) {
    cpus = tree.sample(path)?.cpusetCpusEffective;
    if (cpus !== undefined) break;
  }
  return { cpus, anonByNode: sample.memoryNumaAnon };
}
