import type { Limit } from '../base/limit.ts';
import type { CgroupSample } from '../kernel/cgroup/types.ts';
import { limitCores } from './cpu.ts';
import type { EffectiveLimit, EffectiveLimits, Level } from './limit-types.ts';

/** Finds a cgroup's sample; levels name themselves for people. */
export interface Tree {
  sample(path: string): CgroupSample | undefined;
  level(path: string): Level;
  /** Controllers of the whole hierarchy: cgroup.controllers of the root. */
  readonly controllers: readonly string[];
}

type Controller = 'cpu' | 'memory';

/**
 * A limit file's value. A level whose controller its parent does not enable has no such file and no limit of that kind, which
 * cgroup.controllers tells apart from a file that could not be read (cgroup-v2.rst, Controlling Controllers). Undefined when
 * it could not be read, or when the hierarchy lacks the controller: it may then be bound to a v1 hierarchy with limits there.
 */
function limitAt(
  sample: CgroupSample,
  controller: Controller,
  value: Limit | undefined,
  tree: Tree,
): Limit | undefined {
  if (value !== undefined || sample.controllers === undefined) return value;
  return tree.controllers.includes(controller) && !sample.controllers.includes(controller) ? 'max' : undefined;
}

/** cpu.max of one cgroup in cores; `max` also where the cpu controller is off. */
export function ownCpuLimit(sample: CgroupSample, tree: Tree): Limit | undefined {
  return sample.path === '/' ? limitCores(sample.cpuMax) : limitAt(sample, 'cpu', limitCores(sample.cpuMax), tree);
}

/** `/a/b/c` gives `/a/b/c`, `/a/b`, `/a`: the cgroup and its ancestors, without the root, which has no limits. */
export function selfAndAncestors(path: string): string[] {
  const chain: string[] = [];
  for (let at = path; at.length > 1; at = at.slice(0, at.lastIndexOf('/')) || '/') chain.push(at);
  return chain;
}

function tightest(
  chain: readonly string[],
  tree: Tree,
  of: (sample: CgroupSample) => Limit | undefined,
): EffectiveLimit | undefined {
  const own = chain[0];
  if (own === undefined) return undefined;
  let best: { limit: Limit; path: string } | undefined;
  let complete = true;
  for (const path of chain) {
    const sample = tree.sample(path);
    const limit = sample === undefined ? undefined : of(sample);
    if (limit === undefined) {
      // The machine's root has no limit files; the root of a cgroup namespace (a node in a container) may.
      complete &&= path === '/';
      continue;
    }
    // The innermost of equal limits is named: with pod-level resources the container repeats the pod's value.
    if (best === undefined || (limit !== 'max' && (best.limit === 'max' || limit < best.limit))) best = { limit, path };
  }
  if (best === undefined) return undefined;
  return { limit: best.limit, level: tree.level(best.path), cgroupPath: best.path, complete };
}

/**
 * The limits in force at `path`: the tightest over the cgroup and all its ancestors, as the kernel enforces them.
 * A level whose controller is off has no limit of that kind; one that could not be read is skipped, and `complete` tells.
 */
export function effectiveLimits(path: string, tree: Tree): EffectiveLimits {
  const chain = [...selfAndAncestors(path), '/'];
  const cpuCores = tightest(chain, tree, (sample) => ownCpuLimit(sample, tree));
  const cpuLevel = cpuCores === undefined ? undefined : tree.sample(cpuCores.cgroupPath);
  const limited = cpuCores !== undefined && cpuCores.limit !== 'max';
  let cpusetCpus: number | undefined;
  for (const at of chain) {
    cpusetCpus = tree.sample(at)?.cpusetCpusEffective?.length;
    if (cpusetCpus !== undefined) break;
  }
  return {
    cpuCores,
    cpuPeriodSeconds: limited && cpuLevel?.cpuMax !== undefined ? cpuLevel.cpuMax.periodUsec / 1e6 : undefined,
    cpuBurstSeconds: limited && cpuLevel?.cpuMaxBurstUsec !== undefined ? cpuLevel.cpuMaxBurstUsec / 1e6 : undefined,
    memoryMaxBytes: tightest(chain, tree, (sample) => limitAt(sample, 'memory', sample.memoryMax, tree)),
    memoryHighBytes: tightest(chain, tree, (sample) => limitAt(sample, 'memory', sample.memoryHigh, tree)),
    cpusetCpus,
  };
}
