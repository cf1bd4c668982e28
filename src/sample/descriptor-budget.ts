import { FileReader } from '../io/file-reader.ts';
import { parseProcLimits } from '../kernel/proc/limits.ts';

/** Descriptors kept at most: 2,400 x 4.8 KB of kernel memory are 11.5 MB. */
const MAX_KEPT_DESCRIPTORS = 2400;

/** Half of what this process may open, so that sockets, watches and passing reads have room; no more than the budget. */
export function keepable(): number {
  const reader = new FileReader({ maxBytes: 64 * 1024, maxKept: 0 });
  const length = reader.read('/proc/self/limits');
  const soft = length < 0 ? undefined : parseProcLimits(reader.bytes, length)?.openFiles?.soft;
  return typeof soft === 'number'
    ? Math.max(0, Math.min(MAX_KEPT_DESCRIPTORS, Math.floor(soft / 2) - 64))
    : MAX_KEPT_DESCRIPTORS;
}
