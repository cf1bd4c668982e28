import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A child that answers each line with one line of JSON. Ends with this process, whatever happens to it. */
export class Coprocess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<void>;
  #errors = '';

  constructor(command: string, args: readonly string[], options: { readonly cwd?: string } = {}) {
    this.#child = spawn(command, args, { stdio: 'pipe', ...options });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
    this.#child.stdin.on('error', () => undefined);
    // Before anything is cleaned up: what it makes must not come back.
    const kill = (): void => {
      this.#child.kill('SIGKILL');
    };
    process.prependListener('exit', kill);
    this.#child.once('close', () => process.off('exit', kill));
    this.#ended = new Promise((resolve) => {
      this.#child.once('close', () => {
        resolve();
      });
      this.#child.once('error', (error) => {
        this.#errors += error.message;
        resolve();
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Sends a line and waits for its answer. Rejects with what the child wrote to its error stream when it has ended. */
  async ask<T>(line: string): Promise<T> {
    this.#child.stdin.write(`${line}\n`);
    return this.answer();
  }

  /** The next line without asking: for a child that speaks first. */
  async answer<T>(): Promise<T> {
    const { done, value } = (await this.#lines.next()) as IteratorResult<string, undefined>;
    if (done === true) {
      await this.#ended;
      throw new Error(`${this.#child.spawnargs.slice(0, 3).join(' ')} ended: ${this.#errors.slice(-2000)}`);
    }
    return JSON.parse(value) as T;
  }

  /** Closes the child's input, which ends it, and waits. */
  async end(): Promise<void> {
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5000);
    await this.#ended;
    clearTimeout(timer);
  }
}

/** Answers each line on standard input, one after the other, until it ends. */
export async function answerLines(answer: (line: string) => unknown): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await answer(line))}\n`);
  }
}
