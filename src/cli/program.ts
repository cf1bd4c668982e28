import { Command, Option } from 'commander';
import type { AgentCommandOptions } from './agent.ts';
import type { BacktestOptions } from './backtest.ts';
import { thresholdArgument, timeArgument } from './backtest-options.ts';
import { build } from './build.ts';
import type { CheckOptions } from './check.ts';
import { withCollectorOptions } from './collector-options.ts';
import { ConfigRefused } from './config.ts';
import type { DemoOptions } from './demo.ts';
import type { GoOptions } from './go.ts';
import { countArgument, durationArgument, pathArgument, pidArgument, withCommonOptions } from './options.ts';
import type { RecordOptions } from './record.ts';
import type { ReplayOptions } from './replay.ts';
import { sizeArgument } from './size-argument.ts';
import type { TopOptions } from './top.ts';
import type { WhatIfOptions } from './whatif.ts';
import { coresArgument, gogcArgument, gomemlimitArgument, memoryArgument, procsArgument } from './whatif-options.ts';
import type { WhyOptions } from './why.ts';

/** The world outside, so that the program can be run by a test. */
export interface ProgramIo {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly terminal: { readonly columns: number; readonly color: boolean };
  /** Settles with the signal's name when the process is told to stop. */
  readonly stopped: Promise<string>;
  readonly exit: (status: number) => void;
}

const collect = (value: string, earlier: string[] | undefined): string[] => [...(earlier ?? []), value];
const listenAddress = (usual: string): Option =>
  new Option('--web.listen-address <address>', `where to listen, repeatable (default: "${usual}")`).argParser(collect);

/** The command line. Exit status: 0, or what the command says; 2 when it could not do its work. */
export function program(io: ProgramIo): Command {
  const cgopher = new Command('cgopher')
    .description('Says where the Go runtime and the cgroup around it disagree, what that costs, and what to change.')
    .version(build.version, '--version', 'print the version')
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .showHelpAfterError('(see cgopher --help)')
    .exitOverride();

  withCollectorOptions(withCommonOptions(cgopher.command('agent')))
    .description('run as a daemon: metrics, findings, a page')
    .addOption(listenAddress(':10119'))
    .option('--web.telemetry-path <path>', 'where metrics are served', pathArgument, '/metrics')
    .option('--web.config.file <file>', 'TLS and users, in the format of the exporter toolkit (docs/web.md)')
    .option('--web.disable-exporter-metrics', 'leave out process_* and nodejs_* of the agent itself')
    .option('--web.max-requests <number>', 'requests answered at once; 0 for no bound', countArgument, 40)
    .action(async (options: AgentCommandOptions) => {
      await guarded(io, async () => {
        const { agentCommand } = await import('./agent.ts');
        await agentCommand(options, io.stopped);
      });
    });

  withCommonOptions(cgopher.command('check'))
    .description(
      'look once: take two samples, print Go workloads and findings; exit 0 nothing at warning or above, 1 findings, 2 could not look',
    )
    .option('--json', 'print one JSON object (schema: docs/check.schema.json)')
    .option('--once', 'take one sample: no rates, no throttling')
    .option('--interval <duration>', 'time between the two samples', durationArgument, 5000)
    .action(async (options: CheckOptions) => {
      await guarded(io, async () => {
        const { check } = await import('./check.ts');
        io.exit(
          await check(options, {
            stopped: io.stopped,
            out: io.out,
            progress: (text) => {
              io.err(`${text}\n`);
            },
            style: io.terminal,
          }),
        );
      });
    });

  withCommonOptions(cgopher.command('top'))
    .description('show Go workloads and findings live in a terminal; elsewhere one table each interval')
    .option('--url <url>', 'show what a running agent sees, such as http://127.0.0.1:10119')
    .option('--once', 'print one table and end')
    .option('--interval <duration>', 'time between two looks', durationArgument, 5000)
    .action(async (options: TopOptions) => {
      await guarded(io, async () => {
        const { top } = await import('./top.ts');
        io.exit(
          await top(options, {
            input: process.stdin,
            output: process.stdout,
            out: io.out,
            progress: (text) => {
              io.err(`${text}\n`);
            },
            terminal: io.terminal,
            environment: process.env,
            stopped: io.stopped,
          }),
        );
      });
    });

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
        const { why } = await import('./why.ts');
        io.exit(
          await why(options, {
            stopped: io.stopped,
            out: io.out,
            progress: (text) => {
              io.err(`${text}\n`);
            },
            style: io.terminal,
          }),
        );
      });
    });

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
        const { whatIfCommand } = await import('./whatif.ts');
        io.exit(
          await whatIfCommand(options, {
            stopped: io.stopped,
            out: io.out,
            progress: (text) => {
              io.err(`${text}\n`);
            },
            style: io.terminal,
          }),
        );
      });
    });

  cgopher
    .command('explain')
    .description('say what a rule means, when it fires and what to change; without a rule, list all')
    .argument('[rule]', 'id of a rule')
    .action(async (rule: string | undefined) => {
      await guarded(io, async () => {
        const { explain } = await import('./explain.ts');
        io.out(explain(rule, io.terminal));
      });
    });

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
        const { goCommand } = await import('./go.ts');
        io.exit(
          await goCommand(pids, options, {
            stopped: io.stopped,
            out: io.out,
            style: io.terminal,
            error: (text) => {
              io.err(`${text}\n`);
            },
          }),
        );
      });
    });

  withCommonOptions(cgopher.command('record'))
    .description('write what the agent samples to a directory, for replay')
    .requiredOption('--out <directory>', 'where to; empty, or made')
    .option('--for <duration>', 'how long', durationArgument, 600_000)
    .option('--interval <duration>', 'time between samples; without it as configured', durationArgument)
    .option('--max-bytes <size>', 'bound on the whole; the oldest part is removed', sizeArgument, 256 * 1024 * 1024)
    .option('--with-labels', 'keep labels of goroutines, which hold what the programs put there')
    .action(async (options: RecordOptions) => {
      await guarded(io, async () => {
        const { recordCommand } = await import('./record.ts');
        await recordCommand(options, {
          stopped: io.stopped,
          progress: (text) => {
            io.err(`${text}\n`);
          },
        });
      });
    });

  cgopher
    .command('replay')
    .description('run model and rules over a recording, and print what fired when')
    .argument('<directory>', 'what record wrote')
    .option('--json', 'print one JSON object: events, and the report of the last cycle')
    .action(async (directory: string, options: ReplayOptions) => {
      await guarded(io, async () => {
        const { replayCommand } = await import('./replay.ts');
        await replayCommand(directory, options, { out: io.out, style: io.terminal });
      });
    });

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
        const { backtest } = await import('./backtest.ts');
        const error = (text: string): void => {
          io.err(`${text}\n`);
        };
        io.exit(await backtest(options, { stopped: io.stopped, out: io.out, style: io.terminal, error }));
      });
    });

  cgopher
    .command('demo')
    .description('run the agent on a simulated node that changes over time')
    .addOption(listenAddress('127.0.0.1:10119'))
    .addOption(new Option('--log.level <level>').choices(['debug', 'info', 'warn', 'error']).default('warn'))
    .addOption(new Option('--log.format <format>').choices(['logfmt', 'json']).default('logfmt'))
    .action(async (options: DemoOptions) => {
      await guarded(io, async () => {
        const { demoCommand } = await import('./demo.ts');
        await demoCommand(options, io.stopped, (text) => {
          io.out(`${text}\n`);
        });
      });
    });

  cgopher
    .command('version')
    .description('print version, revision and Node version')
    .action(() => {
      io.out(`cgopher ${build.version} (revision ${build.revision}, node ${process.version})\n`);
    });
  return cgopher;
}

/** A failure is one clear line and status 2, never a stack trace. */
async function guarded(io: ProgramIo, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    io.err(
      error instanceof ConfigRefused
        ? `${error.message}\n`
        : `cgopher: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    io.exit(2);
  }
}
