import { addressResolver } from '../agent/address-worker.ts';
import { assemble, engineOptions } from '../agent/assemble.ts';
import type { NodePaths } from '../agent/paths.ts';
import { giveWay, runInSlices } from '../agent/slices.ts';
import { systemClock } from '../base/clock.ts';
import type { Config } from '../config/config.ts';
import { topLook } from '../export/top/top-look.ts';
import { buildModel } from '../model/build.ts';
import { RuleEngine } from '../rules/engine.ts';
import type { NodeSample } from '../sample/types.ts';
import { resolverScript } from './build.ts';
import { couldNotLook } from './could-not-look.ts';
import type { LookSource, Seen } from './top-source.ts';

/** Longest stretch of work between two turns of the event loop: a key must not wait. */
const SLICE_MS = 10;
const POLL_TICK_MS = 250;

/**
 * Looks of its own at this node, as an agent takes them, every sample held against the one before. The first has no rates; the second
 * waits until runtimes are found in memory and endpoints have answered. A finding fires as soon as its rule holds: a person is looking.
 */
export function localSource(paths: NodePaths, config: Config, intervalMs: number): LookSource {
  const paced = { ...config, intervalMs };
  const resolver = addressResolver(resolverScript);
  const machinery = assemble(paths, paced, systemClock, 'daemon', resolver);
  const engine = new RuleEngine({ ...engineOptions(paced, 'daemon'), forCycles: 1 });
  const { sampler, poller } = machinery;
  let before: NodeSample | undefined;
  let poll: NodeJS.Timeout | undefined;
  let closed = false;
  const way = async (): Promise<void> => {
    await giveWay();
    if (closed) throw new Error('closed');
  };

  const take = async (): Promise<Seen> => {
    if (before !== undefined && poll === undefined) {
      await Promise.all([poller?.pollAll(), sampler.settled()]);
      await way();
      poll = setInterval(() => poller?.tick(), POLL_TICK_MS);
    }
    const sample = await runInSlices(sampler.take(), SLICE_MS, () => systemClock.now().monotonicMs, way);
    const model = buildModel(sample, before);
    before = sample;
    return { look: topLook(model, engine.evaluate(model).findings), problem: couldNotLook(model, paths) };
  };
  return {
    name: 'this node',
    next: async () => {
      try {
        return await take();
      } catch (error) {
        return { look: undefined, problem: `a look failed: ${error instanceof Error ? error.message : String(error)}` };
      }
    },
    close: () => {
      closed = true;
      clearInterval(poll);
      machinery.close();
      resolver.close();
    },
  };
}
