import { setTimeout as sleep } from 'node:timers/promises';
import { addressResolver } from '../agent/address-worker.ts';
import { assemble } from '../agent/assemble.ts';
import type { NodePaths } from '../agent/paths.ts';
import { runAtOnce } from '../agent/slices.ts';
import { systemClock } from '../base/clock.ts';
import { checkExitCode, checkReport } from '../export/check-report.ts';
import { checkTable, type TableStyle } from '../export/check-table.ts';
import { buildModel } from '../model/build.ts';
import type { NodeModel } from '../model/types.ts';
import { build, resolverScript } from './build.ts';
import { readConfig } from './config.ts';
import { type CommonOptions, pathsOf } from './options.ts';

export interface CheckOptions extends CommonOptions {
  readonly json?: boolean;
  readonly once?: boolean;
  readonly interval: number;
}

/** Where the command writes. */
export interface CheckOutput {
  readonly out: (text: string) => void;
  readonly progress: (text: string) => void;
  readonly style: TableStyle;
  /** Settles with the signal's name when the command is told to stop. */
  readonly stopped: Promise<string>;
}

/** Why nothing could be judged, and what to do; undefined when the look worked. */
export function couldNotLook(model: NodeModel, paths: NodePaths): string | undefined {
  const { hierarchy, hierarchyDetail, kernelRelease, memoryTotalBytes } = model.node;
  const { cgroupfs, procfs } = paths;
  const unseen = model.containers.reduce((sum, container) => sum + container.unseenProcesses, 0);
  if (hierarchy === 'unified' && model.goProcesses.length === 0 && unseen > 0) {
    return `cgopher could not look: none of ${unseen} processes may be looked at, so it cannot tell which are Go. Run it as root, or with the SYS_PTRACE capability.`;
  }
  if (hierarchy === 'unified') {
    if (kernelRelease === undefined && memoryTotalBytes === undefined && model.goProcesses.length === 0) {
      return `cgopher could not look: no /proc at ${procfs}. In a container, share the host's process namespace (hostPID), or name a mounted one with --path.procfs.`;
    }
    return undefined;
  }
  const go = model.goProcesses.length;
  const seen = go === 0 ? '' : ` It still found ${go} Go process${go === 1 ? '' : 'es'}, listed above.`;
  if (hierarchy === 'none') {
    return `cgopher could not look: no cgroup v2 file system at ${cgroupfs} (${hierarchyDetail}). In a container, mount the host's /sys/fs/cgroup read-only and name it with --path.cgroupfs.`;
  }
  const mounted = hierarchy === 'v1' ? 'cgroup v1' : 'cgroup v1 and v2 side by side (hybrid)';
  return `cgopher could not judge: this node has ${mounted}: ${hierarchyDetail}. Limits and pressure are read from the unified cgroup v2 hierarchy only; boot with systemd.unified_cgroup_hierarchy=1.${seen}`;
}

/**
 * A /proc of another machine, or lxcfs over one of the two, makes every memory figure wrong, so a /proc in an unusual place is held
 * against what this process itself sees.
 */
async function memoryDoubt(model: NodeModel, procfs: string): Promise<string | undefined> {
  const told = model.node.memoryTotalBytes;
  if (procfs === '/proc' || told === undefined) return undefined;
  const { readHostMemory } = await import('../io/host-memory.ts');
  const own = await readHostMemory();
  if (!own.ok || Math.abs(own.value.totalBytes - told) <= told * 0.01) return undefined;
  return `note: MemTotal under ${procfs} is not that of this machine (${told} against ${own.value.totalBytes} bytes): another machine's /proc, or lxcfs over one of the two`;
}

/**
 * Takes two samples (one with `--once`), prints what it found, and gives the exit status: 0 nothing, 1 findings, 2 could not look.
 * Throws when it is told to stop before it is done.
 */
export async function check(options: CheckOptions, { out, progress, style, stopped }: CheckOutput): Promise<0 | 1 | 2> {
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
    const first = runAtOnce(sampler.take());
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
    const evaluation = engine.evaluate(model);
    out(
      options.json === true
        ? `${JSON.stringify(checkReport(model, evaluation, build.version), undefined, 2)}\n`
        : checkTable(model, evaluation, style),
    );
    const doubt = await memoryDoubt(model, paths.procfs);
    if (doubt !== undefined) progress(doubt);
    const failure = couldNotLook(model, paths);
    if (failure !== undefined) {
      progress(failure);
      return 2;
    }
    return checkExitCode(evaluation);
  } finally {
    waiting.abort();
    machinery.close();
    resolver.close();
  }
}
