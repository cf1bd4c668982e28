import { shown } from '../export/top/cell-text.ts';
import { plainTable } from '../export/top/frame.ts';
import { FIRST_VIEW } from '../export/top/view.ts';
import { pause } from '../io/pause.ts';
import type { LookSource } from './top-source.ts';

export interface PlainOptions {
  readonly out: (text: string) => void;
  readonly progress: (text: string) => void;
  readonly columns: number;
  readonly color: boolean;
  readonly unicode: boolean;
  readonly once: boolean;
  readonly intervalMs: number;
  readonly stopped: Promise<string>;
}

/**
 * Writes one table for each interval, for what is no terminal, until told to stop; with `once` only one. The status: 2 when the last try
 * saw nothing or could not judge, else 0. A first look without rates is passed over.
 */
export async function plainTables(source: LookSource, options: PlainOptions): Promise<0 | 2> {
  const { out, progress, columns, color, unicode, once, intervalMs } = options;
  const leaving = new AbortController();
  const left = options.stopped.then((signal) => {
    leaving.abort();
    return signal;
  });
  const screen = { columns, rows: Number.POSITIVE_INFINITY, color, unicode };
  // A timer that waits must keep this command alive; the loop's own does not.
  const alive = setInterval(() => undefined, 60_000);
  try {
    for (let tries = 0; ; tries += 1) {
      const seen = await Promise.race([source.next(), left]);
      if (typeof seen === 'string') return once ? stoppedBy(seen) : 0;
      const { look, problem } = seen;
      if (tries === 0 && look !== undefined && look.windowSeconds === undefined) {
        progress(`collecting: rates come with the second look, in ${intervalMs / 1000} s ...`);
      } else {
        if (look !== undefined) out(`${plainTable({ look, view: FIRST_VIEW, screen, notice: problem }).join('\n')}\n`);
        if (problem !== undefined && (look === undefined || once)) progress(shown(`cgopher top: ${problem}`, screen));
        if (once) return problem === undefined ? 0 : 2;
        if (look !== undefined) out('\n');
      }
      await pause(intervalMs, leaving.signal);
      if (leaving.signal.aborted) return once ? stoppedBy(await left) : 0;
    }
  } finally {
    clearInterval(alive);
  }
}

function stoppedBy(signal: string): never {
  throw new Error(`stopped by ${signal}`);
}
