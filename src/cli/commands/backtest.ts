import { type Command, Option } from 'commander';
import type { BacktestOptions } from '../backtest.ts';
import { thresholdArgument, timeArgument } from '../backtest-options.ts';
import { durationArgument } from '../options.ts';
import { errLine, guarded, type ProgramIo } from '../program-io.ts';

/** Adds `cgopher backtest`: its flags, and what they start. */
export function addBacktest(cgopher: Command, io: ProgramIo): void {
  cgopher
    .command('backtest')
    .description('run the goroutine growth detector over a history; exit 0 no alarm, 1 alarms, 2 could not read it')
    .addOption(new Option('--signal <signal>', 'what the history is of').choices(['goroutines']).default('goroutines'))
    .option('--csv <file>', 'a history with columns time (Unix seconds), goroutines, and optionally more')
    .option('--prometheus <url>', 'read the history from this server instead')
    .option('--query <promql>', 'what to read, such as go_goroutines{job="shop"}')
    .option('--start <time>', 'begin of the history, Unix seconds or RFC 3339', timeArgument)
    .option('--end <time>', 'end of the history', timeArgument)
    .option('--step <duration>', 'time between samples', durationArgument, 60_000)
    .option(
      '--hold <duration>',
      'an alarm is resolved when no growth was seen for so long',
      durationArgument,
      1_800_000,
    )
    .option('--threshold <name=number>', 'try another threshold, repeatable', thresholdArgument)
    .option('--json', 'print one JSON object')
    .action(async (options: BacktestOptions) => {
      await guarded(io, async () => {
        const { backtest } = await import('../backtest.ts');
        io.exit(await backtest(options, { stopped: io.stopped, out: io.out, style: io.terminal, error: errLine(io) }));
      });
    });
}
