import type { Command } from 'commander';
import type { GoOptions } from '../go.ts';
import { pidArgument, withCommonOptions } from '../options.ts';
import { errLine, guarded, type ProgramIo } from '../program-io.ts';

/** Adds `cgopher go`: its flags, and what they start. */
export function addGo(cgopher: Command, io: ProgramIo): void {
  withCommonOptions(cgopher.command('go'))
    .description(
      'show the runtime of Go processes as the agent sees it, every figure with its source; needs no Kubernetes',
    )
    .argument('[pids...]', 'processes to look at', pidArgument)
    .option('--all', 'every Go process of the machine')
    .option('--json', 'print one JSON object')
    .option('--goroutines', 'goroutines by the place they are at or were started at')
    .option('--heap', 'the memory profile, read from memory: what is in use, by where it was allocated')
    .action(async (pids: readonly number[], options: GoOptions) => {
      await guarded(io, async () => {
        const { goCommand } = await import('../go.ts');
        io.exit(
          await goCommand(pids, options, { stopped: io.stopped, out: io.out, style: io.terminal, error: errLine(io) }),
        );
      });
    });
}
