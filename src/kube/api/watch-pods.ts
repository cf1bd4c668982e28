import type { Pod } from 'kubernetes-types/core/v1.js';
import type { ObjectMeta, Status, WatchEvent } from 'kubernetes-types/meta/v1.js';
import type { Miss } from '../../base/reading.ts';
import { EventLines } from './event-lines.ts';
import { count, field, text } from './fields.ts';
import { parsed } from './list-pods.ts';
import type { PodBook } from './pod-book.ts';
import { MAX_OBJECT_BYTES, type PodSourceOptions } from './pod-source.ts';
import { podFacts } from './project.ts';

/** How a watch ended, and from where the next one goes on. */
export interface Watched {
  /** `expired`: the server no longer has the changes since {@link resourceVersion}. `refused`: it ended the watch with another error. */
  readonly how: 'ended' | 'expired' | 'refused' | 'missed';
  readonly resourceVersion: string;
  /** A change or a bookmark was heard, so the watch worked. */
  readonly heard: boolean;
  readonly miss: Miss | undefined;
  readonly retryAfterMs: number;
}

export interface WatchRequest {
  readonly path: string;
  readonly reader: string;
  readonly resourceVersion: string;
  readonly timeoutSeconds: number;
}

/** Events come now and then and bookmarks once a minute: after three minutes of silence the connection is taken for dead. */
const SILENCE_MS = 180_000;
/** The server ends the watch itself; this is for one that does not. */
const GRACE_MS = 15_000;
/** An event comes in one piece or a few. One that takes longer is fed drop by drop. */
const EVENT_MS = 30_000;
const MAX_BYTES = 256 << 20;
const MAX_VERSION = 256;

/** One watch, from its request to its end. Each change goes into the book as it comes. */
export async function watchPods(
  options: Pick<PodSourceOptions, 'stream' | 'server' | 'clock' | 'nodeName'>,
  request: WatchRequest,
  book: PodBook,
  signal: AbortSignal,
  onOpen: () => void,
): Promise<Watched> {
  const { reader, path } = request;
  let { resourceVersion } = request;
  let heard = false;
  let wrong: Pick<Watched, 'how' | 'miss'> | undefined;
  const miss = (kind: Miss['kind'], detail: string): Miss => ({ kind, reader, source: path, detail });
  const credentials = options.server.credentials(reader);
  if (!credentials.ok) return { how: 'missed', resourceVersion, heard, miss: credentials.miss, retryAfterMs: 0 };

  const onEvent = (event: unknown): void => {
    const type = field<WatchEvent>(event, 'type');
    const object = field<WatchEvent>(event, 'object');
    if (type === 'ERROR') {
      const code = count(field<Status>(object, 'code'));
      const reason = text(field<Status>(object, 'reason'), 64) ?? '';
      wrong =
        code === 410
          ? { how: 'expired', miss: undefined }
          : {
              how: 'refused',
              miss: miss('failed', `the watch ended with ${code ?? 'an error'} ${plain(reason)}`.trim()),
            };
      return;
    }
    const version = text(field<ObjectMeta>(field<Pod>(object, 'metadata'), 'resourceVersion'), MAX_VERSION);
    if (typeof type !== 'string' || version === undefined) {
      wrong = { how: 'missed', miss: miss('malformed', 'not a watch event') };
      return;
    }
    resourceVersion = version;
    heard = true;
    const pod = type === 'BOOKMARK' ? undefined : podFacts(object);
    if (pod === undefined) return;
    // The server chose by node already; what it sends of another is gone from this one.
    const own = podFacts(object, options.nodeName) !== undefined;
    if (type === 'DELETED' || !own) book.delete(pod);
    else book.set(pod);
  };
  const lines = new EventLines(MAX_OBJECT_BYTES, (json) => {
    if (wrong === undefined) onEvent(parsed(json));
  });
  let begunMs: number | undefined;
  const now = (): number => options.clock.now().monotonicMs;
  const end = await options.stream(
    {
      ...credentials.value,
      path,
      reader,
      deadlineMs: request.timeoutSeconds * 1000 + GRACE_MS,
      silenceMs: SILENCE_MS,
      maxBytes: MAX_BYTES,
    },
    {
      onOpen,
      take: (piece) => {
        if (!lines.take(piece))
          wrong = { how: 'missed', miss: miss('failed', `an object of over ${MAX_OBJECT_BYTES} bytes`) };
        begunMs = lines.partial ? (begunMs ?? now()) : undefined;
        if (begunMs !== undefined && now() - begunMs > EVENT_MS)
          wrong ??= { how: 'missed', miss: miss('failed', `an event was not whole after ${EVENT_MS} ms`) };
        return wrong === undefined;
      },
    },
    signal,
  );
  const told = { resourceVersion, heard };
  if (wrong !== undefined) return { ...told, ...wrong, retryAfterMs: 0 };
  if (end.how !== 'missed') return { ...told, how: 'ended', miss: undefined, retryAfterMs: 0 };
  if (end.status === 410) return { ...told, how: 'expired', miss: undefined, retryAfterMs: 0 };
  return { ...told, how: 'missed', miss: end.miss, retryAfterMs: (end.retryAfterSeconds ?? 0) * 1000 };
}

function plain(reason: string): string {
  return reason.replaceAll(/[^A-Za-z0-9 ]/g, '');
}
