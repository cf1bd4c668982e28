import { humanBytes, percent, round } from '../rules/quantity.ts';
import type { Evidence } from '../rules/types.ts';
import { plain } from './terminal.ts';

/** One number of a verdict with its unit, for a person. */
export function evidenceQuantity(value: number | string, unit: Evidence['unit']): string {
  if (typeof value === 'string') return plain(value);
  switch (unit) {
    case 'bytes':
      return humanBytes(value);
    case 'ratio':
      return percent(value);
    case 'percent':
      return `${round(value, 1)} %`;
    case 'seconds':
      return value < 1 ? `${round(value * 1000, 1)} ms` : `${round(value, 1)} s`;
    case 'cores':
      return `${round(value, 3)} cores`;
    default:
      return String(round(value, 3));
  }
}

/** The last part of a cgroup path names it, and twelve digits a container. JSON keeps the whole. */
export function shortSource(source: string): string {
  return plain(source)
    .replace(/\/\S*\/(?=[^/\s])/g, '.../')
    .replace(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, '$1..');
}
