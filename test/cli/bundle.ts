import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** script(1) of util-linux: the plainest way to have a terminal. */
const SCRIPT = 'script';
const PROGRAM = fileURLToPath(new URL('../../dist/cgopher.mjs', import.meta.url));

/** Makes the bundle that the tests run, as a release does. */
export function build(): void {
  execFileSync(process.execPath, ['.config/build.mjs'], { cwd: ROOT, stdio: 'pipe' });
}

/** The bundled program as a child process. */
export interface Running {
  readonly child: ChildProcess;
  out(): string;
  err(): string;
  /** Settles when the output, both streams together, holds what is looked for. */
  says(what: RegExp): Promise<RegExpExecArray>;
  /** Exit status, or the name of the signal that ended it. */
  readonly ended: Promise<number | string>;
}

/** Starts the program. It is killed after 30 s, so that a test that hangs says so. */
export function start(words: readonly string[], environment: Readonly<Record<string, string>> = {}): Running {
  const child = spawn(process.execPath, [PROGRAM, ...words], {
    env: { PATH: process.env['PATH'], TZ: 'UTC', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (status, signal) => {
      clearTimeout(timer);
      resolve(status ?? signal ?? 'nothing');
    });
  });
  const says = async (what: RegExp): Promise<RegExpExecArray> => {
    for (let tries = 0; tries < 250; tries += 1) {
      const match = what.exec(out + err);
      if (match !== null) return match;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`never said ${what.source}: ${out}${err}`);
  };
  return { child, ended, says, out: () => out, err: () => err };
}

/** Runs the program in a terminal, with script(1); undefined where that is not installed. */
export function runInTerminal(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): string | undefined {
  const command = [process.execPath, PROGRAM, ...words].map((word) => `'${word}'`).join(' ');
  const done = spawnSync(SCRIPT, ['-qec', command, '/dev/null'], {
    env: { PATH: process.env['PATH'], TERM: 'xterm', ...environment },
    encoding: 'utf8',
    timeout: 30_000,
  });
  return done.error === undefined ? done.stdout : undefined;
}

/** Runs the program to its end. */
export async function run(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number | string; readonly out: string; readonly err: string }> {
  const running = start(words, environment);
  const status = await running.ended;
  return { status, out: running.out(), err: running.err() };
}
