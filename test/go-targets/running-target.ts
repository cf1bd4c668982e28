import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import type { HeapState, TargetState } from './target-state.ts';

/** A probe or server that has settled in the behaviour its flags ask for. */
export class RunningTarget {
  readonly pid: number;
  /** Where a server listens: `127.0.0.1:40001`. A probe: undefined. */
  readonly address: string | undefined;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: Interface;

  private constructor(child: ChildProcessWithoutNullStreams, lines: Interface, pid: number, ready: string) {
    this.#child = child;
    this.#lines = lines;
    this.pid = pid;
    this.address = ready.split(' ')[1];
  }

  /** The environment is nothing but what is given, so GOGC and the like of this shell do not get in. */
  static async start(
    path: string,
    flags: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<RunningTarget> {
    const child = spawn(path, flags, { env, stdio: 'pipe' });
    const lines = createInterface(child.stdout);
    const ready = await nextLine(child, lines);
    if (child.pid === undefined || !ready.startsWith('ready')) throw new Error(`${path} said: ${ready}`);
    return new RunningTarget(child, lines, child.pid, ready);
  }

  async state(): Promise<TargetState> {
    return JSON.parse(await this.#ask('state')) as TargetState;
  }

  /** The memory profile as of the last collection but one. */
  async heap(): Promise<HeapState> {
    return JSON.parse(await this.#ask('heap')) as HeapState;
  }

  /** The text of goroutine?debug=2. */
  async stacks(): Promise<string> {
    return (JSON.parse(await this.#ask('stacks')) as { readonly stacks: string }).stacks;
  }

  /** Runs a collection. */
  async gc(): Promise<void> {
    await this.#ask('gc');
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  /** One question at a time: answers come in order. */
  #ask(command: string): Promise<string> {
    const answer = nextLine(this.#child, this.#lines);
    this.#child.stdin.write(`${command}\n`);
    return answer;
  }
}

function nextLine(child: ChildProcessWithoutNullStreams, lines: Interface): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const complain = (text: Buffer): void => {
      said += text.toString();
    };
    const settle = (action: () => void): void => {
      lines.off('line', answered);
      child.off('error', failed);
      child.off('close', ended);
      child.stderr.off('data', complain);
      action();
    };
    const answered = (line: string): void => {
      settle(() => {
        resolve(line);
      });
    };
    const failed = (error: Error): void => {
      settle(() => {
        reject(error);
      });
    };
    const ended = (): void => {
      failed(new Error(`the program ended (${child.signalCode ?? child.exitCode ?? '?'}): ${said}`));
    };
    lines.once('line', answered);
    child.once('error', failed);
    child.once('close', ended);
    child.stderr.on('data', complain);
  });
}
