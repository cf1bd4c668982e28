import { type Command, Option } from 'commander';
import type { DemoOptions } from '../demo.ts';
import { listenAddress } from '../listen-option.ts';
import { guarded, type ProgramIo } from '../program-io.ts';

/** Adds `cgopher demo`: its flags, and what they start. */
export function addDemo(cgopher: Command, io: ProgramIo): void {
  cgopher
    .command('demo')
    .description('run the agent on a simulated node that changes over time')
    .addOption(listenAddress('127.0.0.1:10119'))
    .addOption(new Option('--log.level <level>').choices(['debug', 'info', 'warn', 'error']).default('warn'))
    .addOption(new Option('--log.format <format>').choices(['logfmt', 'json']).default('logfmt'))
    .action(async (options: DemoOptions) => {
      await guarded(io, async () => {
        const { demoCommand } = await import('../demo.ts');
        await demoCommand(options, io.stopped, (text) => {
          io.out(`${text}\n`);
        });
      });
    });
}
