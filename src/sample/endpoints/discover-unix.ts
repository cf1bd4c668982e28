import type { UnixListenSocket } from '../../kernel/proc/unix-sockets.ts';
import { type Candidate, plainCandidate } from './discover-place.ts';

/** Where unix sockets can be reached, and which cannot. */
export interface UnixPlaces {
  readonly candidates: readonly Candidate[];
  /** Abstract names, which belong to the network namespace, and paths that are relative or not plain text. */
  readonly unreachable: readonly string[];
}

/** Printable and absolute. What else is in a name came from somebody who plays with the list, or cannot be looked up. */
const PLAIN_PATH = /^\/[^\p{Cc}\p{Cs}\uFFFD]+$/u;

/** Finds the sockets of `pid` that have a path below its root directory. */
export function unixPlaces(sockets: readonly UnixListenSocket[], pid: number): UnixPlaces {
  const candidates = new Map<string, Candidate>();
  const unreachable = new Set<string>();
  for (const { path } of sockets) {
    if (PLAIN_PATH.test(path))
      candidates.set(path, plainCandidate('localhost', 0, `unix:${path}`, false, { kind: 'unix', pid, path }));
    else unreachable.add(`unix:${path.replaceAll(/[\p{Cc}\p{Cs}]/gu, '?')}`);
  }
  return {
    candidates: [...candidates.keys()].sort().flatMap((path) => candidates.get(path) ?? []),
    unreachable: [...unreachable],
  };
}
