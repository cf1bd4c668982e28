import { Command } from 'commander';
import { build } from './build.ts';
import { addAgent } from './commands/agent.ts';
import { addBacktest } from './commands/backtest.ts';
import { addCheck } from './commands/check.ts';
import { addDemo } from './commands/demo.ts';
import { addExplain } from './commands/explain.ts';
import { addGo } from './commands/go.ts';
import { addRecord } from './commands/record.ts';
import { addReplay } from './commands/replay.ts';
import { addTop } from './commands/top.ts';
import { addWhatIf } from './commands/whatif.ts';
import { addWhy } from './commands/why.ts';
import type { ProgramIo } from './program-io.ts';

/** In the order of the help. What a command does is loaded when it is run, so that the others start without it. */
const COMMANDS = [
  addAgent,
  addCheck,
  addTop,
  addWhy,
  addWhatIf,
  addExplain,
  addGo,
  addRecord,
  addReplay,
  addBacktest,
  addDemo,
  addVersion,
];

/** The command line. Exit status: 0, or what the command says; 2 when it could not do its work. */
export function program(io: ProgramIo): Command {
  const cgopher = new Command('cgopher')
    .description('Says where the Go runtime and the cgroup around it disagree, what that costs, and what to change.')
    .version(build.version, '--version', 'print the version')
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .showHelpAfterError('(see cgopher --help)')
    .exitOverride();
  for (const add of COMMANDS) add(cgopher, io);
  return cgopher;
}

function addVersion(cgopher: Command, io: ProgramIo): void {
  cgopher
    .command('version')
    .description('print version, revision and Node version')
    .action(() => {
      io.out(`cgopher ${build.version} (revision ${build.revision}, node ${process.version})\n`);
    });
}
