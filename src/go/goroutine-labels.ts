import type { TextTable } from './pprof-text.ts';
import { idsOf } from './profile-frames.ts';

const MAX_KEY = 64;
const MAX_VALUE = 128;

/** Labels of a sample, kept as string indexes, as text cut to 64 and 128 characters. Names such as `__proto__` are names like others. */
export function labelsOf(indexes: string, text: TextTable): Readonly<Record<string, string>> {
  const ids = idsOf(indexes);
  const labels: [string, string][] = [];
  for (let at = 0; at + 1 < ids.length; at += 2)
    labels.push([text.at(ids[at] ?? 0).slice(0, MAX_KEY), text.at(ids[at + 1] ?? 0).slice(0, MAX_VALUE)]);
  return Object.fromEntries(labels);
}
