import { InvalidArgumentError } from 'commander';
import { DEFAULT_GROWTH_OPTIONS, type GrowthOptions } from '../rules/growth/options.ts';

/** Unix seconds, from such or from a date as RFC 3339 has it. */
export function timeArgument(text: string): number {
  const seconds = /^\d{1,11}(?:\.\d+)?$/.test(text) ? Number(text) : rfc3339(text);
  if (seconds === undefined)
    throw new InvalidArgumentError('Expected Unix seconds or a time such as 2026-01-31T08:00:00Z.');
  return seconds;
}

function rfc3339(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(text)) return undefined;
  const milliseconds = Date.parse(text);
  return Number.isFinite(milliseconds) ? milliseconds / 1000 : undefined;
}

/** `name=number`, repeatable: commander hands over what came before. */
export function thresholdArgument(text: string, before: Partial<GrowthOptions> | undefined): Partial<GrowthOptions> {
  const [name = '', value = ''] = text.split('=', 2);
  if (!Object.hasOwn(DEFAULT_GROWTH_OPTIONS, name))
    throw new InvalidArgumentError(
      `Expected name=number; the names are ${Object.keys(DEFAULT_GROWTH_OPTIONS).join(', ')}.`,
    );
  if (!/^\d{1,15}(?:\.\d{1,9})?$/.test(value)) throw new InvalidArgumentError(`Expected a number for ${name}.`);
  return { ...before, [name]: Number(value) };
}
