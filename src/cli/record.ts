import { addressResolver } from '../agent/address-worker.ts';
import { Agent } from '../agent/agent.ts';
import { engineOptions } from '../agent/assemble.ts';
import { createLogger } from '../agent/log.ts';
import { systemClock } from '../base/clock.ts';
import type { Config } from '../config/config.ts';
import { formatDuration } from '../config/durations.ts';
import { engineRecord } from '../record/manifest.ts';
import { Recorder, type RecorderProgress } from '../record/recorder.ts';
import { build, resolverScript } from './build.ts';
import { readConfig } from './config.ts';
import { type CommonOptions, pathsOf } from './options.ts';

export interface RecordOptions extends CommonOptions {
  readonly out: string;
  /** Milliseconds. */
  readonly for: number;
  readonly interval?: number;
  readonly maxBytes: number;
  readonly withLabels?: boolean;
}

/** Where the command writes. */
export interface RecordOutput {
  readonly progress: (text: string) => void;
  /** Settles with the signal's name when the command is told to stop. */
  readonly stopped: Promise<string>;
}

/** Between two lines that say how far it is. */
const PROGRESS_MS = 10_000;
const TICK_MS = 200;
/** As in the configuration file. */
const MIN_INTERVAL_MS = 1000;

/**
 * `cgopher record`: the agent's loop, with each sample written down. Ends after its time or by a signal, either way with a recording that
 * is whole. Throws when the directory cannot be used or writing fails.
 */
export async function recordCommand(options: RecordOptions, { progress, stopped }: RecordOutput): Promise<void> {
  if (options.interval !== undefined && options.interval < MIN_INTERVAL_MS)
    throw new Error('--interval must be at least 1s');
  const config = withInterval(await readConfig(options['config.file']), options.interval);
  const begun = await Recorder.begin({
    directory: options.out,
    maxBytes: options.maxBytes,
    head: {
      cgopherVersion: build.version,
      cgopherRevision: build.revision,
      startedAtUnixMs: systemClock.now().wallMs,
      intervalMs: config.intervalMs,
      withLabels: options.withLabels === true,
      engine: engineRecord(engineOptions(config, 'daemon')),
    },
  });
  if (!begun.ok) throw new Error(`cannot record to ${options.out}: ${begun.miss.detail}`);
  const recorder = begun.value;
  const agent = new Agent({
    paths: pathsOf(options),
    config,
    clock: systemClock,
    logger: createLogger({ level: options['log.level'], format: options['log.format'] }),
    resolver: addressResolver(resolverScript),
    build,
    onCycle: (sample) => {
      recorder.take(sample);
    },
  });
  const endsAtMs = systemClock.now().monotonicMs + options.for;
  const why = await untilEnd(recorder, endsAtMs, stopped, progress, () => agent.start());
  await agent.stop();
  const ended = await recorder.end(systemClock.now().wallMs);
  if (!ended.ok) throw new Error(`the recording ended early: ${ended.miss.source} ${ended.miss.detail}`);
  progress(`${why}: recorded ${progressText(ended.value)}; see it with: cgopher replay ${options.out}`);
}

/** Starts, and waits until the time is over, a signal comes or writing fails; says meanwhile how far it is. */
async function untilEnd(
  recorder: Recorder,
  endsAtMs: number,
  stopped: Promise<string>,
  progress: (text: string) => void,
  start: () => Promise<void>,
): Promise<string> {
  let ticker: NodeJS.Timeout | undefined;
  const over = new Promise<string>((resolve) => {
    let toldMs = systemClock.now().monotonicMs;
    ticker = setInterval(() => {
      const now = systemClock.now().monotonicMs;
      if (recorder.failure !== undefined) resolve('failed');
      else if (now >= endsAtMs) resolve('done');
      else if (now - toldMs >= PROGRESS_MS) {
        toldMs = now;
        const left = formatDuration(Math.ceil((endsAtMs - now) / 1000) * 1000);
        progress(`recorded ${progressText(recorder.progress)}, ${left} left`);
      }
    }, TICK_MS);
  });
  try {
    await Promise.race([start(), stopped]);
    return await Promise.race([over, stopped]);
  } finally {
    clearInterval(ticker);
  }
}

function progressText({ cycles, bytes, segments, droppedCycles }: RecorderProgress): string {
  const dropped = droppedCycles === 0 ? '' : ` (the first ${droppedCycles} removed to stay within --max-bytes)`;
  return `${cycles} cycle${cycles === 1 ? '' : 's'}${dropped}, ${(bytes / 1024 ** 2).toFixed(1)} MiB in ${segments} segment${segments === 1 ? '' : 's'}`;
}

function withInterval(config: Config, intervalMs: number | undefined): Config {
  if (intervalMs === undefined) return config;
  const { endpoints } = config;
  // As in the file: endpoints are asked as often as the node is looked at, unless they have an interval of their own.
  const follows = endpoints.intervalMs === config.intervalMs;
  return { ...config, intervalMs, endpoints: follows ? { ...endpoints, intervalMs } : endpoints };
}
