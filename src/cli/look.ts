import { setTimeout as sleep } from 'node:timers/promises';
import { addressResolver } from '../agent/address-worker.ts';
import { assemble } from '../agent/assemble.ts';
import type { NodePaths } from '../agent/paths.ts';
import { runAtOnce } from '../agent/slices.ts';
import { systemClock } from '../base/clock.ts';
import type { Config } from '../config/config.ts';
import { buildModel } from '../model/build.ts';
import type { NodeModel } from '../model/node-types.ts';
import type { RuleEngine } from '../rules/engine.ts';
import { resolverScript } from './build.ts';
import { readConfig } from './config.ts';
import { type CommonOptions, pathsOf } from './options.ts';

export interface LookOptions extends CommonOptions {
  readonly once?: boolean;
  /** Milliseconds between the two samples. */
  readonly interval: number;
  /** The first sample waits until runtimes are found in memory and endpoints have answered, so that their counters have two readings, too. */
  readonly runtimesTwice?: boolean;
}

/** One look at the node, not judged yet. */
export interface Look {
  readonly model: NodeModel;
  readonly config: Config;
  readonly paths: NodePaths;
  /** Has judged nothing so far. */
  readonly engine: RuleEngine;
}

/**
 * Takes two samples (one with `once`) and makes a model of them. Throws when it is told to stop before it is done, and for a
 * configuration that is refused.
 */
export async function look(
  options: LookOptions,
  { progress, stopped }: { readonly progress: (text: string) => void; readonly stopped: Promise<string> },
): Promise<Look> {
  const paths = pathsOf(options);
  const config = await readConfig(options['config.file']);
  const resolver = addressResolver(resolverScript);
  const machinery = assemble(paths, config, systemClock, 'once', resolver);
  const { sampler, poller, engine } = machinery;
  const waiting = new AbortController();
  const interrupted = stopped.then((signal): never => {
    throw new Error(`stopped by ${signal}`);
  });
  // A signal that comes when nothing waits any more ends nothing.
  interrupted.catch(() => undefined);
  try {
    let first = runAtOnce(sampler.take());
    if (options.runtimesTwice === true) {
      await Promise.race([Promise.all([poller?.pollAll(), sampler.settled()]), interrupted]);
      first = runAtOnce(sampler.take());
    }
    if (options.once !== true) {
      if (options.interval > 2000) {
        progress(
          `watching ${first.cgroups.size} cgroups and ${first.go.size} Go processes for ${options.interval / 1000} s ...`,
        );
      }
      await Promise.race([sleep(options.interval, undefined, { signal: waiting.signal }), interrupted]);
    }
    // Asked last, so that what the programs say and what the kernel says are of the same moment.
    await Promise.race([Promise.all([poller?.pollAll(), sampler.settled()]), interrupted]);
    const model = buildModel(runAtOnce(sampler.take()), options.once === true ? undefined : first);
    return { model, config, paths, engine };
  } finally {
    waiting.abort();
    machinery.close();
    resolver.close();
  }
}
