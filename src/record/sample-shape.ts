import type { NodeSample } from '../sample/types.ts';
import { isObject, isTime } from './manifest.ts';

const MAPS = ['cgroups', 'roles', 'levels', 'identities', 'go'] as const;
const LISTS = ['unseen', 'misses', 'collectors'] as const;
const OBJECTS = ['hierarchy', 'facts', 'privileges'] as const;

/**
 * Whether data that was read back has the outline of a sample. What is within is not checked: a field may be newer or older than this
 * reader, and one that is wrong shows when the model is made.
 */
export function isSampleShaped(value: unknown): value is NodeSample {
  if (!isObject(value) || !isObject(value['at'])) return false;
  const { wallMs, monotonicMs } = value['at'];
  return (
    isTime(wallMs) &&
    isTime(monotonicMs) &&
    MAPS.every((key) => value[key] instanceof Map) &&
    LISTS.every((key) => Array.isArray(value[key])) &&
    OBJECTS.every((key) => isObject(value[key]))
  );
}
