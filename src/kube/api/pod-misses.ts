import type { Miss } from '../../base/reading.ts';

/** What is told of items and pods that are not taken; nothing when all are. */
export function leftOutMisses(reader: string, source: string, items: number, contested: number): Miss[] {
  const miss = (detail: string): Miss => ({ kind: 'malformed', reader, source, detail });
  return [
    ...(items === 0 ? [] : [miss(`${items} items of the list are left out`)]),
    ...(contested === 0 ? [] : [miss(`${contested} pods claim the cgroup of another and are left out`)]),
  ];
}

/** What was thrown on the way. No answer of a server may end the agent, not even one that should have been refused. */
export function thrownMiss(reader: string, source: string, error: unknown): Miss {
  return { kind: 'failed', reader, source, detail: error instanceof Error ? error.message : String(error) };
}
