import { readConfig } from './config.ts';
import { type CommonOptions, pathsOf } from './options.ts';
import { live } from './top-live.ts';
import { localSource } from './top-local.ts';
import { plainTables } from './top-plain.ts';
import type { TerminalInput, TerminalOutput } from './top-screen.ts';
import type { LookSource } from './top-source.ts';

export interface TopOptions extends CommonOptions {
  readonly url?: string;
  readonly once?: boolean;
  /** Milliseconds between two looks. */
  readonly interval: number;
}

/** Where the command reads and writes. */
export interface TopIo {
  readonly input: TerminalInput;
  readonly output: TerminalOutput;
  readonly out: (text: string) => void;
  readonly progress: (text: string) => void;
  readonly terminal: { readonly columns: number; readonly color: boolean };
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Settles with the signal's name when the command is told to stop. */
  readonly stopped: Promise<string>;
}

/** As of recordings: below it, looking costs more than it shows. */
const MIN_INTERVAL_MS = 1000;
const USUAL_COLUMNS = 120;

/** `cgopher top`: live in a terminal, else tables. Gives the exit status. Throws for a configuration or a URL that is refused. */
export async function top(options: TopOptions, io: TopIo): Promise<0 | 2> {
  if (options.interval < MIN_INTERVAL_MS) throw new Error('--interval must be at least 1s');
  const source = await sourceOf(options);
  const unicode = isUtf8(io.environment);
  const common = { unicode, color: io.terminal.color, intervalMs: options.interval, stopped: io.stopped };
  try {
    if (options.once !== true && isLive(io)) {
      await live(source, { ...common, input: io.input, output: io.output });
      return 0;
    }
    const { out, progress, terminal } = io;
    const columns = terminal.columns > 0 ? terminal.columns : USUAL_COLUMNS;
    return await plainTables(source, { ...common, out, progress, columns, once: options.once === true });
  } finally {
    source.close();
  }
}

async function sourceOf(options: TopOptions): Promise<LookSource> {
  if (options.url === undefined)
    return localSource(pathsOf(options), await readConfig(options['config.file']), options.interval);
  const { urlSource } = await import('./top-url.ts');
  return urlSource(options.url);
}

/** Keys can be read, and the screen can be drawn on. */
function isLive({ input, output, environment }: TopIo): boolean {
  return input.isTTY === true && output.isTTY === true && environment['TERM'] !== 'dumb';
}

/** The first of these that is set decides (POSIX, Base Definitions, 8.2). */
export function isUtf8(environment: Readonly<Record<string, string | undefined>>): boolean {
  const locale = [environment['LC_ALL'], environment['LC_CTYPE'], environment['LANG']].find(
    (name) => (name ?? '') !== '',
  );
  return /utf-?8/i.test(locale ?? '');
}
