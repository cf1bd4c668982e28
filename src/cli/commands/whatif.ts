import type { Command } from 'commander';
import { durationArgument, withCommonOptions } from '../options.ts';
import { errLine, guarded, type ProgramIo } from '../program-io.ts';
import type { WhatIfOptions } from '../whatif.ts';
import { coresArgument, gogcArgument, gomemlimitArgument, memoryArgument, procsArgument } from '../whatif-options.ts';

/** Adds `cgopher whatif`: its flags, and what they start. */
export function addWhatIf(cgopher: Command, io: ProgramIo): void {
  withCommonOptions(cgopher.command('whatif'))
    .description(
      'look once and predict what other settings would do: the share of CPU that collecting takes, and the stalls by the CPU limit',
    )
    .option('--namespace <name>', 'Go processes of this namespace')
    .option('--pod <name>', 'of this pod')
    .option('--container <name>', 'of this container, or unit')
    .option('--process <name>', 'of this name, module or pid')
    .option('--gomemlimit <size>', 'GOMEMLIMIT, such as 512MiB, or off', gomemlimitArgument)
    .option('--gogc <percent>', 'GOGC, or off', gogcArgument)
    .option('--memory-limit <size>', 'memory limit; GOMEMLIMIT follows as the rules set it', memoryArgument)
    .option('--gomaxprocs <number>', 'GOMAXPROCS', procsArgument)
    .option('--cpu-limit <cores>', 'CPU limit, such as 2 or 500m, or none', coresArgument)
    .option('--json', 'print one JSON object')
    .option(
      '--interval <duration>',
      'time between the two samples: some collections must fit in',
      durationArgument,
      10_000,
    )
    .action(async (options: WhatIfOptions) => {
      await guarded(io, async () => {
        const { whatIfCommand } = await import('../whatif.ts');
        io.exit(
          await whatIfCommand(options, { stopped: io.stopped, out: io.out, progress: errLine(io), style: io.terminal }),
        );
      });
    });
}
