import { humanSeconds } from '../rules/quantity.ts';
import type { Rule } from '../rules/types.ts';

/** When a finding of the rule fires and how long it is kept, where that is not as with all others. */
export function timing({ forSeconds, keepSeconds }: Rule): string[] {
  return [
    ...(forSeconds === undefined ? [] : [`fires after it has held for ${humanSeconds(forSeconds)}`]),
    ...(keepSeconds === undefined
      ? []
      : [`an event: fires at once, and is kept for ${humanSeconds(keepSeconds)} after the last one`]),
  ];
}
