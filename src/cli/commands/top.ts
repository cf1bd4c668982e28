import type { Command } from 'commander';
import { durationArgument, withCommonOptions } from '../options.ts';
import { errLine, guarded, type ProgramIo } from '../program-io.ts';
import type { TopOptions } from '../top.ts';

/** Adds `cgopher top`: its flags, and what they start. */
export function addTop(cgopher: Command, io: ProgramIo): void {
  withCommonOptions(cgopher.command('top'))
    .description('show Go workloads and findings live in a terminal; elsewhere one table each interval')
    .option('--url <url>', 'show what a running agent sees, such as http://127.0.0.1:10119')
    .option('--once', 'print one table and end')
    .option('--interval <duration>', 'time between two looks', durationArgument, 5000)
    .action(async (options: TopOptions) => {
      await guarded(io, async () => {
        const { top } = await import('../top.ts');
        io.exit(
          await top(options, {
            input: process.stdin,
            output: process.stdout,
            out: io.out,
            progress: errLine(io),
            terminal: io.terminal,
            environment: process.env,
            stopped: io.stopped,
          }),
        );
      });
    });
}
