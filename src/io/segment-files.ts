import { createReadStream } from 'node:fs';
import { appendFile, mkdir, readdir, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { found, missed, type Reading } from '../base/reading.ts';
import { errorCode, missKindOf } from './errno.ts';
import { gzipText } from './gzip.ts';

const READER = 'recording';
const CHUNK_SIZE = 64 * 1024;
const LINE_FEED = 10;

/** Only the owner: what is written names everything that runs on a node. */
const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;

async function attempt<T>(source: string, work: () => Promise<T>): Promise<Reading<T>> {
  try {
    return found(await work());
  } catch (error) {
    return missed(missKindOf(error), READER, source, errorCode(error));
  }
}

/** Makes the directory, and those above it. Misses `failed` (`not empty`) when it is there and holds anything. */
export async function makeEmptyDirectory(path: string): Promise<Reading<undefined>> {
  const names = await attempt(path, async () => {
    await mkdir(path, { recursive: true, mode: DIRECTORY_MODE });
    return readdir(path);
  });
  if (!names.ok) return names;
  return names.value.length === 0 ? found(undefined) : missed('failed', READER, path, 'not empty');
}

/** Names of the regular files in `path`, links left out, in no order. */
export function regularFiles(path: string): Promise<Reading<string[]>> {
  return attempt(path, async () => {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  });
}

/** Compresses `text` on the thread pool and adds it to the file as a gzip member of its own; gives the bytes added. */
export function appendMember(path: string, text: string): Promise<Reading<number>> {
  return attempt(path, async () => {
    // A member that is whole stays readable whatever becomes of the next one.
    const bytes = await gzipText(text);
    await appendFile(path, bytes, { mode: FILE_MODE });
    return bytes.length;
  });
}

/** Puts a file in place as a whole: readers see the old one or the new one. */
export function replaceFile(directory: string, name: string, text: string): Promise<Reading<undefined>> {
  return attempt(join(directory, name), async () => {
    const partial = join(directory, `${name}.partial`);
    await writeFile(partial, text, { mode: FILE_MODE });
    await rename(partial, join(directory, name));
    return undefined;
  });
}

export function removeFile(path: string): Promise<Reading<undefined>> {
  return attempt(path, async () => {
    await unlink(path);
    return undefined;
  });
}

/** A small text file. Misses `failed` when it is larger than `maxBytes`. */
export async function readWhole(path: string, maxBytes: number): Promise<Reading<string>> {
  const size = await attempt(path, async () => (await stat(path)).size);
  if (!size.ok) return size;
  if (size.value > maxBytes) return missed('failed', READER, path, `over ${maxBytes} bytes`);
  return attempt(path, () => readFile(path, 'utf8'));
}

export interface LineLimits {
  readonly maxLineBytes: number;
  /** Of the whole file, inflated. */
  readonly maxBytes: number;
}

/**
 * The lines of a gzip file of one or more members, one at a time; the whole is never in memory. A miss ends it: `failed` when the file
 * is cut short or over a limit, `malformed` when it is no gzip. Lines before the trouble were given; text after the last line feed is none.
 */
export async function* gzipLines(path: string, limits: LineLimits): AsyncGenerator<Reading<string>, void, undefined> {
  const gunzip = createGunzip({ chunkSize: CHUNK_SIZE });
  pipeline(createReadStream(path), gunzip, () => undefined);
  const failed = (detail: string): Reading<never> => missed('failed', READER, path, detail);
  let parts: Buffer[] = [];
  let length = 0;
  let total = 0;
  try {
    for await (const piece of gunzip as AsyncIterable<Buffer>) {
      total += piece.length;
      if (total > limits.maxBytes) return yield failed(`inflates to over ${limits.maxBytes} bytes`);
      let start = 0;
      for (let end = piece.indexOf(LINE_FEED); end >= 0; end = piece.indexOf(LINE_FEED, start)) {
        if (length + end - start > limits.maxLineBytes)
          return yield failed(`a line of over ${limits.maxLineBytes} bytes`);
        yield found(Buffer.concat([...parts, piece.subarray(start, end)]).toString('utf8'));
        parts = [];
        length = 0;
        start = end + 1;
      }
      parts.push(piece.subarray(start));
      length += piece.length - start;
      if (length > limits.maxLineBytes) return yield failed(`a line of over ${limits.maxLineBytes} bytes`);
    }
  } catch (error) {
    const code = errorCode(error);
    // zlib's word for input that ends within a member.
    if (code === 'Z_BUF_ERROR') return yield failed('cut short');
    return yield missed(code.startsWith('Z_') ? 'malformed' : missKindOf(error), READER, path, code);
  }
  if (length > 0) yield failed('cut short');
}
