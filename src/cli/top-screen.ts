import { emitKeypressEvents, type Key as ReadKey } from 'node:readline';
import type { Key } from '../export/top/keys.ts';

/** The keyboard. */
export interface TerminalInput extends NodeJS.ReadableStream {
  readonly isTTY?: boolean;
  setRawMode?(on: boolean): unknown;
}

/** The screen. */
export interface TerminalOutput extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

export interface TerminalEvents {
  readonly key: (key: Key) => void;
  readonly resize: () => void;
  /** The terminal is gone. */
  readonly end: () => void;
}

const ESC = '\u001b[';
// Alternate screen, no cursor, and no new line where a name is wider than it was taken for.
const OPEN = `${ESC}?1049h${ESC}?25l${ESC}?7l${ESC}2J`;
const CLOSE = `${ESC}0m${ESC}?7h${ESC}?25h${ESC}?1049l`;
const USUAL = { columns: 80, rows: 24 };

/** A terminal in raw mode with its alternate screen, until it is closed. Also given back when the process ends in any other way. */
export class TerminalScreen {
  readonly #input: TerminalInput;
  readonly #output: TerminalOutput;
  readonly #events: TerminalEvents;
  #lines: readonly string[] = [];
  #open = true;

  constructor(input: TerminalInput, output: TerminalOutput, events: TerminalEvents) {
    this.#input = input;
    this.#output = output;
    this.#events = events;
    process.on('exit', this.#restore);
    process.on('SIGHUP', events.end);
    emitKeypressEvents(input);
    input.setRawMode?.(true);
    input.on('keypress', this.#onKey);
    input.on('end', events.end);
    input.on('error', events.end);
    output.on('resize', this.#onResize);
    input.resume();
    output.write(OPEN);
  }

  /** A terminal that does not know its size says 0. */
  get size(): { readonly columns: number; readonly rows: number } {
    const { columns = 0, rows = 0 } = this.#output;
    return { columns: columns > 0 ? columns : USUAL.columns, rows: rows > 0 ? rows : USUAL.rows };
  }

  /** Writes the lines that changed, in one go. */
  draw(lines: readonly string[]): void {
    let text = '';
    for (let row = 0; row < Math.max(lines.length, this.#lines.length); row += 1) {
      const line = lines[row] ?? '';
      if (line !== this.#lines[row]) text += `${ESC}${row + 1};1H${ESC}2K${line}`;
    }
    this.#lines = lines;
    if (text !== '' && this.#open) this.#output.write(text);
  }

  close(): void {
    this.#restore();
    process.off('exit', this.#restore);
    process.off('SIGHUP', this.#events.end);
    this.#input.off('keypress', this.#onKey);
    this.#input.off('end', this.#events.end);
    this.#input.off('error', this.#events.end);
    this.#output.off('resize', this.#onResize);
    this.#input.pause();
  }

  readonly #restore = (): void => {
    if (!this.#open) return;
    this.#open = false;
    this.#output.write(CLOSE);
    this.#input.setRawMode?.(false);
  };

  readonly #onKey = (text: string | undefined, key: ReadKey): void => {
    const known = keyOf(text, key);
    if (known !== undefined) this.#events.key(known);
  };

  readonly #onResize = (): void => {
    this.#lines = [];
    this.#output.write(`${ESC}2J`);
    this.#events.resize();
  };
}

const NAMES: Readonly<Record<string, Extract<Key, { name: unknown }>['name']>> = {
  up: 'up',
  down: 'down',
  pageup: 'pageup',
  pagedown: 'pagedown',
  home: 'home',
  end: 'end',
  return: 'enter',
  enter: 'enter',
  escape: 'escape',
  backspace: 'backspace',
};

/** A key as the view knows it; undefined for the others. */
export function keyOf(text: string | undefined, { name, ctrl, meta }: ReadKey): Key | undefined {
  if (ctrl === true) return name === 'c' ? { name: 'interrupt' } : name === 'u' ? { name: 'clear' } : undefined;
  const named = name === undefined ? undefined : NAMES[name];
  if (named !== undefined) return { name: named };
  if (meta === true || text === undefined || !/^\P{C}$/u.test(text)) return undefined;
  return { character: text };
}
