import type { Command } from 'commander';
import type { CheckOptions } from '../check.ts';
import { durationArgument, withCommonOptions } from '../options.ts';
import { errLine, guarded, type ProgramIo } from '../program-io.ts';

/** Adds `cgopher check`: its flags, and what they start. */
export function addCheck(cgopher: Command, io: ProgramIo): void {
  withCommonOptions(cgopher.command('check'))
    .description(
      'look once: take two samples, print Go workloads and findings; exit 0 nothing at warning or above, 1 findings, 2 could not look',
    )
    .option('--json', 'print one JSON object (schema: docs/check.schema.json)')
    .option('--once', 'take one sample: no rates, no throttling')
    .option('--interval <duration>', 'time between the two samples', durationArgument, 5000)
    .action(async (options: CheckOptions) => {
      await guarded(io, async () => {
        const { check } = await import('../check.ts');
        io.exit(await check(options, { stopped: io.stopped, out: io.out, progress: errLine(io), style: io.terminal }));
      });
    });
}
