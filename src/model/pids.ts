import type { CgroupSample } from '../kernel/cgroup/types.ts';
import { selfAndAncestors, type Tree } from './limits.ts';
import type { PidsAtLevel, PidsModel } from './pids-types.ts';

/** A level without the controller has no pids.max and no limit (cgroup-v2.rst, Controlling Controllers); else it was not read. */
function hasNoFile(sample: CgroupSample, tree: Tree): boolean {
  return tree.controllers.includes('pids') && sample.controllers?.includes('pids') === false;
}

/** Tasks of one cgroup, and of the level that is nearest to its limit: pids.max counts every task below it (cgroup-v2.rst, PID). */
export function pidsModel(sample: CgroupSample, tree: Tree): PidsModel {
  let nearest: PidsAtLevel | undefined;
  let complete = true;
  for (const path of selfAndAncestors(sample.path)) {
    const level = tree.sample(path);
    const current = level?.pidsCurrent;
    const max = level?.pidsMax;
    if (max === undefined) complete &&= level !== undefined && hasNoFile(level, tree);
    if (typeof max !== 'number' || max <= 0) continue;
    if (current === undefined) {
      complete = false;
      continue;
    }
    if (nearest === undefined || current / max > nearest.current / nearest.max)
      nearest = { current, max, level: tree.level(path), cgroupPath: path };
  }
  // Where neither a limit nor its own pids.max is known, nothing is told that could be incomplete.
  const told = nearest !== undefined || sample.pidsMax !== undefined;
  return {
    current: sample.pidsCurrent,
    peak: sample.pidsPeak,
    max: sample.pidsMax,
    nearest,
    ...(complete || !told ? {} : { complete }),
  };
}
