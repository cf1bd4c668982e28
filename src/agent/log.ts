import { destination as fileDescriptor, type Logger as PinoLogger, pino, stdTimeFunctions } from 'pino';
import type { Logger } from '../base/logger.ts';
import type { LogFormat, LogLevel } from './log-options.ts';
import { logfmtLine } from './logfmt.ts';

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Takes whole lines, each with its line feed. Default: standard error. */
  readonly destination?: { write(line: string): unknown };
}

/** A pino logger without worker threads: those need files of their own, which a bundle has not. */
export function createLogger(options: LoggerOptions): Logger {
  const destination = options.destination ?? fileDescriptor(2);
  const json = {
    write: (line: string): void => {
      destination.write(line);
    },
  };
  const logfmt = {
    write: (line: string): void => {
      destination.write(`${logfmtLine(JSON.parse(line) as Record<string, unknown>)}\n`);
    },
  };
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    options.format === 'json' ? json : logfmt,
  );
  return adapted(logger);
}

function adapted(logger: PinoLogger): Logger {
  return {
    debug: (fields, message) => {
      logger.debug(fields, message);
    },
    info: (fields, message) => {
      logger.info(fields, message);
    },
    warn: (fields, message) => {
      logger.warn(fields, message);
    },
    error: (fields, message) => {
      logger.error(fields, message);
    },
  };
}
