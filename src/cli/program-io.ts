import { ConfigRefused } from './config.ts';

/** The world outside, so that the program can be run by a test. */
export interface ProgramIo {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly terminal: { readonly columns: number; readonly color: boolean };
  /** Settles with the signal's name when the process is told to stop. */
  readonly stopped: Promise<string>;
  readonly exit: (status: number) => void;
}

/** Writes a line to standard error. */
export function errLine(io: ProgramIo): (text: string) => void {
  return (text) => {
    io.err(`${text}\n`);
  };
}

/** Runs a command. A failure is one clear line and status 2, never a stack trace. */
export async function guarded(io: ProgramIo, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    io.err(
      error instanceof ConfigRefused
        ? `${error.message}\n`
        : `cgopher: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    io.exit(2);
  }
}
