import { latin1 } from './text.ts';

/**
 * Parses /proc/uptime: seconds since boot, in hundredths. A process that started at T clock ticks is this minus T / 100 old.
 * Undefined when malformed. Source: Documentation/filesystems/proc.rst "uptime", Linux 6.12.
 */
export function parseUptime(bytes: Uint8Array, length: number): number | undefined {
  const seconds = /^(\d{1,12}\.\d{1,2}) /.exec(latin1(bytes, 0, Math.min(length, 64)))?.[1];
  return seconds === undefined ? undefined : Number(seconds);
}
