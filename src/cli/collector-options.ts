import { type Command, Option } from 'commander';
import { COLLECTORS } from '../export/collectors.ts';

/** What the flags of collectors leave, as commander names them: `collector.cpu` is undefined when neither flag was given. */
export interface CollectorOptions {
  readonly 'collector.disableDefaults'?: boolean;
  readonly [collector: `collector.${string}`]: boolean | undefined;
}

/** Adds `--collector.NAME` and `--no-collector.NAME` of each collector, and `--collector.disable-defaults`. */
export function withCollectorOptions(command: Command): Command {
  command.option('--collector.disable-defaults', 'serve only collectors switched on by --collector.NAME');
  for (const { name, about } of COLLECTORS) {
    // Without the first, commander would take the second as the default.
    command.addOption(new Option(`--collector.${name}`, `serve: ${about}`).hideHelp());
    command.option(`--no-collector.${name}`, `leave out: ${about}`);
  }
  return command;
}

/** Names of the collectors that are on: all, or none with `--collector.disable-defaults`, and then what each flag says. */
export function enabledCollectors(options: CollectorOptions): ReadonlySet<string> {
  const usual = options['collector.disableDefaults'] !== true;
  return new Set(COLLECTORS.map(({ name }) => name).filter((name) => options[`collector.${name}`] ?? usual));
}
