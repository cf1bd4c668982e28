import type { PushMetrics } from '../../../src/agent/alert-push/alert-push.ts';

interface Counts {
  sent: number;
  errors: number;
  dropped: number;
  waiting: number;
}

/** Metrics of pushed alerts as plain numbers: by the beginning of the address, and all together. */
export function countingMetrics(): PushMetrics & {
  readonly known: string[];
  readonly counts: Counts;
  of(address: string): Counts;
} {
  const none = (): Counts => ({ sent: 0, errors: 0, dropped: 0, waiting: 0 });
  const by = new Map<string, Counts>();
  const counts = none();
  const at = (address: string): Counts => {
    const known = by.get(address) ?? none();
    by.set(address, known);
    return known;
  };
  const known: string[] = [];
  const add = (name: keyof Counts) => (address: string, alerts: number) => {
    at(address)[name] += alerts;
    counts[name] += alerts;
  };
  return {
    known,
    counts,
    of: (address) => [...by].find(([key]) => key.startsWith(`${address}/`) || key === address)?.[1] ?? none(),
    begin: (address) => void known.push(address),
    end: (address) => void known.splice(known.indexOf(address), 1),
    sent: add('sent'),
    failed: add('errors'),
    dropped: add('dropped'),
    waiting: (address, alerts) => {
      at(address).waiting = alerts;
    },
  };
}
