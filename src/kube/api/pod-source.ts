import type { Clock } from '../../base/clock.ts';
import type { Miss } from '../../base/reading.ts';
import type { HttpsGet, StreamEnd, StreamTaker } from '../../io/https-stream.ts';
import type { ServerAccess } from './server-access.ts';
import type { PodsSample } from './types.ts';

/** The pods of this node, kept up to date in the background. */
export interface PodSource {
  /** As last told; what is old stays, with its age. */
  sample(): PodsSample;
  /** Why the last attempt to learn of them failed; empty while all is well. */
  misses(): readonly Miss[];
  /** Settles when the first attempt was made, well or not. */
  readonly first: Promise<void>;
  close(): void;
}

/** What both sources are given. Time, chance and network are arguments. */
export interface PodSourceOptions {
  readonly clock: Clock;
  /** 0 to 1. */
  readonly random: () => number;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly stream: (get: HttpsGet, taker: StreamTaker, signal: AbortSignal) => Promise<StreamEnd>;
  readonly server: ServerAccess;
  readonly nodeName: string;
  /** Longest wait before the first request: all nodes of a cluster may start at once. */
  readonly startJitterMs: number;
}

/** After the first failure up to 2 s, after the ninth up to 5 minutes. */
export const BACKOFF = { firstMs: 2000, maxMs: 300_000 } as const;

/** Bounds on lists: 250 pods are 2 to 6 MB. */
export const LIST_BOUNDS = { deadlineMs: 60_000, silenceMs: 20_000, maxBytes: 128 << 20 } as const;

/** One object. The API server takes none above 1.5 MiB (etcd's limit), and a kubelet may have filled it up to that. */
export const MAX_OBJECT_BYTES = 4 << 20;
