import { InvalidArgumentError } from 'commander';
import { parseSize } from '../config/sizes.ts';

/** GOGC: a percentage or off. */
export function gogcArgument(text: string): number | 'off' {
  if (text === 'off') return text;
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError('Expected a percentage such as 100, or off.');
  return Number(text);
}

/** GOMEMLIMIT: a size in its own grammar, or off. */
export function gomemlimitArgument(text: string): number | 'off' {
  return text === 'off' ? text : memoryArgument(text);
}

/** A memory size of 1 MiB or more. */
export function memoryArgument(text: string): number {
  const bytes = parseSize(text);
  if (bytes === undefined || bytes < 1 << 20)
    throw new InvalidArgumentError('Expected a size of 1MiB or more, such as 512MiB or 2GiB.');
  return bytes;
}

/** GOMAXPROCS. */
export function procsArgument(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('Expected a whole number from 1 to 9999.');
  return Number(text);
}

/** A CPU limit as Kubernetes writes it, in cores, or none. */
export function coresArgument(text: string): number | 'max' {
  if (text === 'none' || text === 'max') return 'max';
  const match = /^(\d{1,6}(?:\.\d{1,3})?)(m?)$/.exec(text);
  const cores = Number(match?.[1]) / (match?.[2] === 'm' ? 1000 : 1);
  if (!(cores >= 0.01)) throw new InvalidArgumentError('Expected cores such as 2, 0.5 or 500m, or none.');
  return cores;
}
