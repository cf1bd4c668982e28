import { createGunzip, gunzip, gunzipSync } from 'node:zlib';
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

/**
 * Inflates gzip data on the thread pool and hands it over piece by piece, so that the whole never exists as one buffer. A piece is
 * valid during the call only. `take` ends the inflating by returning false. Never rejects, unless `take` throws.
 *
 * Gives true when all was taken, false when `take` ended it. Misses as {@link gunzipCapped}: pieces before the miss were handed over.
 */
export function gunzipPieces(
  bytes: Uint8Array,
  maxBytes: number,
  take: (piece: Uint8Array) => boolean,
  reader = 'gunzip',
  source = '',
): Promise<Reading<boolean>> {
  return new Promise((resolve, reject) => {
    const stream = createGunzip({ chunkSize: CHUNK_SIZE });
    let taken = 0;
    const finish = (outcome: Reading<boolean>): void => {
      resolve(outcome);
      stream.destroy();
    };
    stream.on('data', (piece: Buffer) => {
      // The stream may hold pieces that were ready when it was told to stop.
      if (stream.destroyed) return;
      taken += piece.length;
      try {
        if (taken > maxBytes) finish(missed('failed', reader, source, `inflates to over ${maxBytes} bytes`));
        else if (!take(piece)) finish(found(false));
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
        stream.destroy();
      }
    });
    stream.on('end', () => {
      finish(found(true));
    });
    stream.on('error', (error) => {
      finish(gunzipMiss(error, maxBytes, reader, source));
    });
    stream.end(bytes);
  });
}

function gunzipMiss(error: unknown, maxBytes: number, reader: string, source: string): Reading<never> {
  const code = errorCode(error);
  if (code === 'ERR_BUFFER_TOO_LARGE') return missed('failed', reader, source, `inflates to over ${maxBytes} bytes`);
  return missed('malformed', reader, source, `not complete gzip data: ${code}`);
}
