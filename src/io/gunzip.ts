import { gunzip, gunzipSync } from 'node:zlib';
import { found, missed, type Reading } from '../base/reading.ts';
import { errorCode } from './errno.ts';

// The default of 16 KiB costs one trip to the thread pool per 16 KiB of output.
const CHUNK_SIZE = 64 * 1024;

/**
 * Inflates gzip data on the calling thread. For bodies known to be small: 16 MiB of output takes tens of milliseconds.
 *
 * Misses: `failed` when the output would go over `maxBytes` (inflating stops there), `malformed` when the data is not gzip, is
 * cut short, or its checksum is wrong. Concatenated members are inflated one after another (RFC 1952 section 2.2).
 */
export function gunzipCapped(bytes: Uint8Array, maxBytes: number, reader = 'gunzip', source = ''): Reading<Buffer> {
  try {
    return found(gunzipSync(bytes, { maxOutputLength: maxBytes, chunkSize: CHUNK_SIZE }));
  } catch (error) {
    return gunzipMiss(error, maxBytes, reader, source);
  }
}

/** As {@link gunzipCapped}, on the thread pool, so a large profile does not hold up the loop. Never rejects. */
export function gunzipCappedAsync(
  bytes: Uint8Array,
  maxBytes: number,
  reader = 'gunzip',
  source = '',
): Promise<Reading<Buffer>> {
  return new Promise((resolve) => {
    gunzip(bytes, { maxOutputLength: maxBytes, chunkSize: CHUNK_SIZE }, (error, result) => {
      resolve(error === null ? found(result) : gunzipMiss(error, maxBytes, reader, source));
    });
  });
}

function gunzipMiss(error: unknown, maxBytes: number, reader: string, source: string): Reading<never> {
  const code = errorCode(error);
  if (code === 'ERR_BUFFER_TOO_LARGE') return missed('failed', reader, source, `inflates to over ${maxBytes} bytes`);
  return missed('malformed', reader, source, `not complete gzip data: ${code}`);
}
