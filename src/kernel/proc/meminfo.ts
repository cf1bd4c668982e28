import { ColonFields } from './colon-fields.ts';
import { latin1 } from './text.ts';
import type { MemInfo } from './types.ts';

/**
 * Parses /proc/meminfo; kB become bytes. A key that is not there is undefined; the whole is undefined when there is no MemTotal or a
 * used value is not of its form. Source: Documentation/filesystems/proc.rst "meminfo", Linux 6.12.
 */
export function parseMemInfo(bytes: Uint8Array, length: number): MemInfo | undefined {
  const fields = new ColonFields(latin1(bytes, 0, length));
  const info: MemInfo = {
    memTotal: fields.kiloBytes('MemTotal'),
    memFree: fields.kiloBytes('MemFree'),
    memAvailable: fields.kiloBytes('MemAvailable'),
    swapTotal: fields.kiloBytes('SwapTotal'),
    swapFree: fields.kiloBytes('SwapFree'),
    anonHugePages: fields.kiloBytes('AnonHugePages'),
  };
  return fields.malformed || info.memTotal === undefined ? undefined : info;
}
