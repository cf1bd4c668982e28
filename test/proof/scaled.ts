const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** Lines that say how long something is waited for, in rule files of Prometheus and in the configuration of Alertmanager. */
const WAIT = /^( *)((?:for|keep_firing_for|interval|group_wait|group_interval|repeat_interval): )(\d+)([smh])$/gm;

/**
 * The same file with every such wait divided by `factor`, and not another character changed: minutes become seconds. Ranges and
 * offsets inside expressions stay.
 */
export function scaled(text: string, factor: number): string {
  return text.replace(WAIT, (_, indent: string, key: string, count: string, unit: string) => {
    const ms = (Number(count) * (UNIT_MS[unit] ?? Number.NaN)) / factor;
    return `${indent}${key}${Math.max(1, Math.round(ms))}ms`;
  });
}

/** How many waits there are. */
export function waits(text: string): number {
  return [...text.matchAll(WAIT)].length;
}

/** The text without its waits, so that two can be compared. */
export function withoutWaits(text: string): string {
  return text.replace(
    /^( *(?:for|keep_firing_for|interval|group_wait|group_interval|repeat_interval): )\d+(?:[smh]|ms)$/gm,
    '$1?',
  );
}
