import type { ListMeta } from 'kubernetes-types/meta/v1.js';
import type { Miss } from '../../base/reading.ts';
import { field, text } from './fields.ts';
import { ListItems } from './list-items.ts';
import { LIST_BOUNDS, MAX_OBJECT_BYTES, type PodSourceOptions } from './pod-source.ts';
import { podFacts } from './project.ts';
import type { PodFacts } from './types.ts';

/** What a request for pods gave. */
export type Listed =
  | {
      readonly ok: true;
      readonly pods: readonly PodFacts[];
      /** Items that were no pods of this node, or too many. */
      readonly refused: number;
      readonly resourceVersion: string | undefined;
      /** There are more: ask with this. */
      readonly more: string | undefined;
    }
  | { readonly ok: false; readonly status: number | undefined; readonly retryAfterMs: number; readonly miss: Miss };

const MAX_TOKEN = 4096;

/** One GET of a PodList, decoded as it comes, one pod in memory at a time. `node`: pods of others are refused. `most`: pods that are taken. */
export async function listPods(
  options: Pick<PodSourceOptions, 'stream' | 'server'>,
  request: { readonly path: string; readonly reader: string; readonly node: string | undefined; readonly most: number },
  signal: AbortSignal,
): Promise<Listed> {
  const { path, reader, node, most } = request;
  const credentials = options.server.credentials(reader);
  if (!credentials.ok) return { ok: false, status: undefined, retryAfterMs: 0, miss: credentials.miss };
  const failed = (kind: Miss['kind'], detail: string): Listed => ({
    ok: false,
    status: undefined,
    retryAfterMs: 0,
    miss: { kind, reader, source: path, detail },
  });
  const pods: PodFacts[] = [];
  let refused = 0;
  const items = new ListItems({
    maxItemBytes: MAX_OBJECT_BYTES,
    onItem: (json) => {
      const pod = podFacts(parsed(json), node);
      if (pod === undefined || pods.length >= most) refused += 1;
      else pods.push(pod);
    },
  });
  const end = await options.stream(
    { ...credentials.value, ...LIST_BOUNDS, path, reader },
    { take: (piece) => items.take(piece) },
    signal,
  );
  if (end.how === 'missed')
    return { ok: false, status: end.status, retryAfterMs: (end.retryAfterSeconds ?? 0) * 1000, miss: end.miss };
  if (end.how === 'stopped')
    return signal.aborted
      ? failed('failed', 'stopped')
      : failed('failed', `an object of over ${MAX_OBJECT_BYTES} bytes`);
  if (!items.complete) return failed('malformed', 'not a list');
  const metadata: unknown = items.metadata === undefined ? undefined : parsed(items.metadata);
  return {
    ok: true,
    pods,
    refused,
    resourceVersion: text(field<ListMeta>(metadata, 'resourceVersion'), MAX_TOKEN),
    more: text(field<ListMeta>(metadata, 'continue'), MAX_TOKEN),
  };
}

/** The data of JSON text; undefined: it is none. */
export function parsed(json: Buffer): unknown {
  try {
    return JSON.parse(json.toString('utf8'));
  } catch {
    return undefined;
  }
}
