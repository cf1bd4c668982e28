import * as z from 'zod';
import { DURATION_PATTERN, durationProblem, formatDuration, parseDuration } from './durations.ts';
import { parseSize, SIZE_PATTERN } from './sizes.ts';

/** A Prometheus duration within bounds; milliseconds after parsing. */
export function duration(description: string, bounds: { readonly minMs: number; readonly maxMs: number }) {
  return z
    .string({
      error: ({ input }) =>
        typeof input === 'number' ? durationProblem(String(input)) : 'expected a duration such as 15s or 1m30s',
    })
    .meta({ description, pattern: DURATION_PATTERN })
    .transform((text, context) => {
      const ms = parseDuration(text);
      if (ms === undefined) context.addIssue(durationProblem(text));
      else if (ms < bounds.minMs) context.addIssue(`must be at least ${formatDuration(bounds.minMs)}, got ${text}`);
      else if (ms > bounds.maxMs) context.addIssue(`must be at most ${formatDuration(bounds.maxMs)}, got ${text}`);
      return ms ?? z.NEVER;
    });
}

/** A number of bytes, plain or as `16MiB`, within bounds; bytes after parsing. */
export function size(description: string, bounds: { readonly min: string; readonly max: string }) {
  return z
    .union([z.number(), z.string().meta({ pattern: SIZE_PATTERN })], {
      error: 'expected a size such as 16MiB, or a whole number of bytes',
    })
    .meta({ description })
    .transform((value, context) => {
      const bytes = parseSize(String(value));
      if (bytes === undefined)
        context.addIssue(`expected a size such as 16MiB or 512KiB, got ${JSON.stringify(value)}`);
      else if (bytes < (parseSize(bounds.min) ?? 0)) context.addIssue(`must be at least ${bounds.min}`);
      else if (bytes > (parseSize(bounds.max) ?? 0)) context.addIssue(`must be at most ${bounds.max}`);
      return bytes ?? z.NEVER;
    });
}

/** A share of a whole, 0 to 1. */
export function ratio(fallback: number, description: string) {
  return z.number().min(0).max(1).default(fallback).meta({ description });
}

/** A whole number of things, at least 1. */
export function count(fallback: number, max: number, description: string) {
  return z.int().min(1).max(max).default(fallback).meta({ description });
}

/** Seconds, above 0. */
export function seconds(fallback: number, max: number, description: string) {
  return z.number().min(0.000001).max(max).default(fallback).meta({ description });
}
