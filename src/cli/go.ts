import { addressResolver } from '../agent/address-worker.ts';
import { assemble } from '../agent/assemble.ts';
import { runAtOnce } from '../agent/slices.ts';
import { systemClock } from '../base/clock.ts';
import { goProcessReport } from '../export/check-report.ts';
import { goView, heapView } from '../export/go-view.ts';
import type { TableStyle } from '../export/terminal.ts';
import type { HeapProfile } from '../go/memory/types.ts';
import { buildModel } from '../model/build.ts';
import type { Sampler } from '../sample/sampler.ts';
import type { GoSample } from '../sample/types.ts';
import { build, resolverScript } from './build.ts';
import { readConfig } from './config.ts';
import { type CommonOptions, pathsOf } from './options.ts';

export interface GoOptions extends CommonOptions {
  readonly all?: boolean;
  readonly json?: boolean;
  readonly goroutines?: boolean;
  readonly heap?: boolean;
}

/** Where the command writes. */
export interface GoOutput {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  readonly style: TableStyle;
  /** Settles with the signal's name when the command is told to stop. */
  readonly stopped: Promise<string>;
}

/**
 * Looks once at the given processes (or all Go processes) and prints what their runtimes are like. Status 0: every process that was
 * asked for was seen; 2: one is not there, is no Go program, or may not be looked at.
 */
export async function goCommand(
  pids: readonly number[],
  options: GoOptions,
  { out, error, style, stopped }: GoOutput,
): Promise<0 | 2> {
  if (pids.length === 0 && options.all !== true) throw new Error('name a process, or say --all');
  const paths = pathsOf(options);
  const resolver = addressResolver(resolverScript);
  const config = await readConfig(options['config.file']);
  const wanted = options.all === true ? 'all' : new Set(pids);
  const machinery = assemble(paths, config, systemClock, 'once', resolver, wanted);
  const { sampler, poller } = machinery;
  const interrupted = stopped.then((signal): never => {
    throw new Error(`stopped by ${signal}`);
  });
  // A signal that comes when nothing waits any more ends nothing.
  interrupted.catch(() => undefined);
  try {
    const first = runAtOnce(sampler.take());
    await Promise.race([Promise.all([poller?.pollAll(), sampler.settled()]), interrupted]);
    const sample = runAtOnce(sampler.take());
    const { goProcesses } = buildModel(sample, first);
    const heaps = new Map(
      [...sample.go.values()].map((go) => [go.pid, options.heap === true ? heapOf(sampler, go) : undefined]),
    );
    if (options.json === true) {
      const processes = goProcesses.map((process) => ({
        ...goProcessReport(process),
        ...(heaps.get(process.pid) === undefined ? {} : { heapProfile: heaps.get(process.pid) }),
      }));
      out(`${JSON.stringify({ cgopherVersion: build.version, goProcesses: processes }, undefined, 2)}\n`);
    } else {
      const views = goProcesses.map((process) => {
        const heap = heaps.get(process.pid);
        const view = goView(process, { goroutines: options.goroutines === true }, style);
        return heap === undefined ? view : `${view}\n\n${heapView(heap)}`;
      });
      if (views.length > 0) out(`${views.join('\n\n')}\n`);
    }
    const missing = pids.filter((pid) => !sample.go.has(pid));
    for (const pid of missing) error(`cgopher: ${whyNot(pid, sample.unseen)}`);
    if (options.all === true && goProcesses.length === 0) error('cgopher: no Go process was found');
    return missing.length > 0 ? 2 : 0;
  } finally {
    machinery.close();
    resolver.close();
  }
}

function heapOf(sampler: Sampler, go: GoSample): HeapProfile | string {
  const reading = sampler.heapProfile(go);
  if (reading === undefined) return `its memory is not read: ${go.memory.detail}`;
  const profile = runAtOnce(reading);
  return profile.ok ? profile.value : profile.miss.detail;
}

function whyNot(pid: number, unseen: readonly { readonly detail: string }[]): string {
  const [hidden] = unseen;
  return hidden === undefined
    ? `process ${pid} is not there, or is no Go program`
    : `process ${pid} may not be looked at (${hidden.detail}); run as root, or as the same user`;
}
