import type { Command } from 'commander';
import type { AgentCommandOptions } from '../agent.ts';
import { withCollectorOptions } from '../collector-options.ts';
import { listenAddress } from '../listen-option.ts';
import { countArgument, pathArgument, withCommonOptions } from '../options.ts';
import { guarded, type ProgramIo } from '../program-io.ts';

/** Adds `cgopher agent`: its flags, and what they start. */
export function addAgent(cgopher: Command, io: ProgramIo): void {
  withCollectorOptions(withCommonOptions(cgopher.command('agent')))
    .description('run as a daemon: metrics, findings, a page')
    .addOption(listenAddress(':10119'))
    .option('--web.telemetry-path <path>', 'where metrics are served', pathArgument, '/metrics')
    .option('--web.config.file <file>', 'TLS and users, in the format of the exporter toolkit (docs/web.md)')
    .option('--web.disable-exporter-metrics', 'leave out process_* and nodejs_* of the agent itself')
    .option('--web.max-requests <number>', 'requests answered at once; 0 for no bound', countArgument, 40)
    .action(async (options: AgentCommandOptions) => {
      await guarded(io, async () => {
        const { agentCommand } = await import('../agent.ts');
        await agentCommand(options, io.stopped);
      });
    });
}
