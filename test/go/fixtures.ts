import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const ROOT = new URL('../../fixtures-cgroupfs/go-endpoints/', import.meta.url);

/** A recorded answer, gunzipped when it is stored so. */
export function endpoint(path: string): Buffer {
  const bytes = readFileSync(new URL(path, ROOT));
  return path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}
