import type { Command } from 'commander';
import { durationArgument, withCommonOptions } from '../options.ts';
import { errLine, guarded, type ProgramIo } from '../program-io.ts';
import type { RecordOptions } from '../record.ts';
import { sizeArgument } from '../size-argument.ts';

/** Adds `cgopher record`: its flags, and what they start. */
export function addRecord(cgopher: Command, io: ProgramIo): void {
  withCommonOptions(cgopher.command('record'))
    .description('write what the agent samples to a directory, for replay')
    .requiredOption('--out <directory>', 'where to; empty, or made')
    .option('--for <duration>', 'how long', durationArgument, 600_000)
    .option('--interval <duration>', 'time between samples; without it as configured', durationArgument)
    .option('--max-bytes <size>', 'bound on the whole; the oldest part is removed', sizeArgument, 256 * 1024 * 1024)
    .option('--with-labels', 'keep labels of goroutines, which hold what the programs put there')
    .action(async (options: RecordOptions) => {
      await guarded(io, async () => {
        const { recordCommand } = await import('../record.ts');
        await recordCommand(options, { stopped: io.stopped, progress: errLine(io) });
      });
    });
}
