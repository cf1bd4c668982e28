import { type Command, InvalidArgumentError, Option } from 'commander';
import { LOG_FORMATS, LOG_LEVELS, type LogFormat, type LogLevel } from '../agent/log-options.ts';
import type { NodePaths } from '../agent/paths.ts';
import { durationProblem, parseDuration } from '../config/durations.ts';

/** Options every command that looks at a node takes, as commander names them. */
export interface CommonOptions {
  readonly 'path.cgroupfs': string;
  readonly 'path.procfs': string;
  readonly 'path.sysfs': string;
  readonly 'path.podlogs': string;
  readonly 'config.file'?: string;
  readonly 'log.level': LogLevel;
  readonly 'log.format': LogFormat;
}

/** Adds the common options, by the names exporters use. */
export function withCommonOptions(command: Command): Command {
  return command
    .option('--path.cgroupfs <directory>', 'where the cgroup2 file system is mounted', '/sys/fs/cgroup')
    .option('--path.procfs <directory>', 'where /proc of the host is', '/proc')
    .option('--path.sysfs <directory>', 'where /sys is', '/sys')
    .option(
      '--path.podlogs <directory>',
      'the log directory of the kubelet; pod names are read from it',
      '/var/log/pods',
    )
    .option('--config.file <file>', 'configuration, YAML; without it the defaults')
    .addOption(new Option('--log.level <level>', 'least severe messages to log').choices(LOG_LEVELS).default('info'))
    .addOption(new Option('--log.format <format>', 'form of log lines').choices(LOG_FORMATS).default('logfmt'));
}

/** commander turns `--path.cgroupfs` into the key `path.cgroupfs`. */
export function pathsOf(options: CommonOptions): NodePaths {
  const clean = (path: string): string => (path.length > 1 ? path.replace(/\/+$/, '') : path);
  return {
    cgroupfs: clean(options['path.cgroupfs']),
    procfs: clean(options['path.procfs']),
    sysfs: clean(options['path.sysfs']),
    podlogs: clean(options['path.podlogs']),
  };
}

/** A whole number, zero included. */
export function countArgument(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Expected a whole number.');
  return Number(text);
}

/** A path of a URL. */
export function pathArgument(text: string): string {
  if (!/^\/[!-~]*$/.test(text) || /[?#]/.test(text))
    throw new InvalidArgumentError('Expected a path that starts with a slash, such as /metrics.');
  return text;
}

/** A duration argument in milliseconds. */
export function durationArgument(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined) throw new InvalidArgumentError(durationProblem(text));
  return milliseconds;
}

/** A process id; commander hands over what came before of a list. */
export function pidArgument(text: string, before: readonly number[] | undefined): readonly number[] {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Expected a process id.');
  return [...(before ?? []), Number(text)];
}
