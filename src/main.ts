import { CommanderError } from 'commander';
import { program } from './cli/program.ts';

// All times are UTC here. Without TZ, the first date makes V8 find out the local zone, and where /etc/localtime is a plain file ICU compares
// it with every file below /usr/share/zoneinfo.
process.env['TZ'] ??= 'UTC';

const stopped = new Promise<string>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      resolve(signal);
    });
});

// A reader such as head may leave before everything is written: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

try {
  await program({
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    terminal: {
      columns: process.stdout.isTTY ? process.stdout.columns : 120,
      color: process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
    },
    stopped,
    // The streams may still hold output: the status is set, and the process ends when they are empty.
    exit: (status) => {
      process.exitCode = status;
    },
  }).parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
