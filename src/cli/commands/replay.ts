import type { Command } from 'commander';
import { guarded, type ProgramIo } from '../program-io.ts';
import type { ReplayOptions } from '../replay.ts';

/** Adds `cgopher replay`: its flags, and what they start. */
export function addReplay(cgopher: Command, io: ProgramIo): void {
  cgopher
    .command('replay')
    .description('run model and rules over a recording, and print what fired when')
    .argument('<directory>', 'what record wrote')
    .option('--json', 'print one JSON object: events, and the report of the last cycle')
    .action(async (directory: string, options: ReplayOptions) => {
      await guarded(io, async () => {
        const { replayCommand } = await import('../replay.ts');
        await replayCommand(directory, options, { out: io.out, style: io.terminal });
      });
    });
}
