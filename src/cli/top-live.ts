import { frame, measured, type TopScene } from '../export/top/frame.ts';
import { type Key, pressed } from '../export/top/keys.ts';
import type { TopLook } from '../export/top/top-look.ts';
import { FIRST_VIEW, type TopView } from '../export/top/view.ts';
import { pause } from '../io/pause.ts';
import { type TerminalInput, type TerminalOutput, TerminalScreen } from './top-screen.ts';
import type { LookSource } from './top-source.ts';

export interface LiveOptions {
  readonly input: TerminalInput;
  readonly output: TerminalOutput;
  readonly color: boolean;
  readonly unicode: boolean;
  readonly intervalMs: number;
  /** Settles when the command is told to stop. */
  readonly stopped: Promise<string>;
}

/** Shows one look after the other and obeys keys, until a person quits or the command is told to stop. The terminal is given back in any case. */
export async function live(source: LookSource, options: LiveOptions): Promise<void> {
  const leaving = new AbortController();
  let failure: Error | undefined;
  let view: TopView = FIRST_VIEW;
  let look: TopLook | undefined;
  let notice: string | undefined = `collecting: looking at ${source.name} ...`;
  // What goes wrong in an event must end the loop, so that the terminal is given back before it is told.
  const guarded =
    <A extends readonly unknown[]>(work: (...words: A) => void) =>
    (...words: A): void => {
      try {
        work(...words);
      } catch (error) {
        failure = error instanceof Error ? error : new Error(String(error));
        leaving.abort();
      }
    };
  const leave = (): void => {
    leaving.abort();
  };
  void options.stopped.then(leave);

  const scene = (): TopScene => ({
    look,
    view,
    notice,
    screen: { ...screen.size, color: options.color, unicode: options.unicode },
  });
  const draw = (): void => {
    screen.draw(frame(scene()));
  };
  const onKey = (key: Key): void => {
    const next = pressed(view, key, measured(scene()));
    if (next === 'quit') {
      leave();
      return;
    }
    view = next;
    draw();
  };
  const screen = new TerminalScreen(options.input, options.output, {
    key: guarded(onKey),
    resize: guarded(draw),
    end: leave,
  });
  const left = new Promise<undefined>((resolve) => {
    leaving.signal.addEventListener('abort', () => {
      resolve(undefined);
    });
  });
  // The event loop of this command has nothing else that keeps it alive when a terminal is not read.
  const alive = setInterval(() => undefined, 60_000);
  try {
    draw();
    while (!leaving.signal.aborted) {
      const seen = await Promise.race([source.next(), left]);
      if (seen === undefined) break;
      look = seen.look ?? look;
      notice = seen.problem ?? waiting(look, options.intervalMs);
      draw();
      await pause(options.intervalMs, leaving.signal);
    }
    if (failure !== undefined) throw failure;
  } finally {
    clearInterval(alive);
    screen.close();
  }
}

function waiting(look: TopLook | undefined, intervalMs: number): string | undefined {
  return look !== undefined && look.windowSeconds === undefined
    ? `collecting: rates and runtimes come with the second look, in ${intervalMs / 1000} s ...`
    : undefined;
}
