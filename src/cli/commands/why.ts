import type { Command } from 'commander';
import { durationArgument, withCommonOptions } from '../options.ts';
import { errLine, guarded, type ProgramIo } from '../program-io.ts';
import type { WhyOptions } from '../why.ts';

/** Adds `cgopher why`: its flags, and what they start. */
export function addWhy(cgopher: Command, io: ProgramIo): void {
  withCommonOptions(cgopher.command('why'))
    .description(
      'look once and tell what every rule says of a workload, and from which inputs: why it fires, and why not',
    )
    .option('--namespace <name>', 'workloads of this namespace')
    .option('--pod <name>', 'of this pod')
    .option('--container <name>', 'of this container, or unit')
    .option('--process <name>', 'of this program (name, module or pid), with the container and pod it is in')
    .option('--rule <rule>', 'this rule only')
    .option('--json', 'print one JSON object')
    .option('--once', 'take one sample: no rates, no throttling')
    .option('--interval <duration>', 'time between the two samples', durationArgument, 5000)
    .action(async (options: WhyOptions) => {
      await guarded(io, async () => {
        const { why } = await import('../why.ts');
        io.exit(await why(options, { stopped: io.stopped, out: io.out, progress: errLine(io), style: io.terminal }));
      });
    });
}
