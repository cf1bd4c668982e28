import { InvalidArgumentError } from 'commander';
import { parseSize } from '../config/sizes.ts';

/** Less holds no useful recording of a node. */
const MIN_BYTES = 1024 * 1024;

/** A bound on a recording, in bytes. */
export function sizeArgument(text: string): number {
  const bytes = parseSize(text);
  if (bytes === undefined || bytes < MIN_BYTES)
    throw new InvalidArgumentError('Expected a size of 1MiB or more, such as 256MiB or 1GiB.');
  return bytes;
}
