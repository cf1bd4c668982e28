import type { CgroupSample } from '../kernel/cgroup/types.ts';
import { selfAndAncestors, type Tree } from './limits.ts';
import type { PidsAtLevel, PidsModel } from './types.ts';

/** Tasks of one cgroup, and of the level that is nearest to its limit: pids.max counts every task below it (cgroup-v2.rst, PID). */
export function pidsModel(sample: CgroupSample, tree: Tree): PidsModel {
  let nearest: PidsAtLevel | undefined;
  for (const path of selfAndAncestors(sample.path)) {
    const level = tree.sample(path);
    const current = level?.pidsCurrent;
    const max = level?.pidsMax;
    if (current === undefined || typeof max !== 'number' || max <= 0) continue;
    if (nearest === undefined || current / max > nearest.current / nearest.max)
      nearest = { current, max, level: tree.level(path), cgroupPath: path };
  }
  return { current: sample.pidsCurrent, peak: sample.pidsPeak, max: sample.pidsMax, nearest };
}
