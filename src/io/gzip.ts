import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const gzipAsync = promisify(gzip);

/** Compresses text on the thread pool, as one gzip member. */
export function gzipText(text: string): Promise<Buffer> {
  return gzipAsync(text);
}
