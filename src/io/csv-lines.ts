import { open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { found, missed, type Reading } from '../base/reading.ts';
import { errorCode, missKindOf } from './errno.ts';

/** Bounds of one file. */
export interface LineLimits {
  readonly maxBytes: number;
  readonly maxLines: number;
  /** A longer line is handed over as undefined and is not kept. */
  readonly maxLineLength: number;
}

const CHUNK_BYTES = 256 * 1024;

/**
 * Reads a text file line by line, holding one chunk at a time. `take` gets the number of the line, from 1, and its text without its
 * end; undefined for a line that is too long. A file over the limits is `failed`, after the lines up to there were taken.
 * Gives the number of lines. What `take` throws goes on to the caller.
 */
export async function readLines(
  path: string,
  limits: LineLimits,
  take: (number: number, text: string | undefined) => void,
): Promise<Reading<number>> {
  const reader = 'lines';
  let handle: Awaited<ReturnType<typeof open>> | undefined;
  try {
    handle = await open(path, 'r');
    const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    const decoder = new StringDecoder('utf8');
    let total = 0;
    let number = 0;
    let rest: string | undefined = '';
    for (;;) {
      const { bytesRead } = await handle.read(chunk, 0, CHUNK_BYTES, null);
      total += bytesRead;
      if (total > limits.maxBytes) return missed('failed', reader, path, `over ${limits.maxBytes} bytes`);
      const text = bytesRead === 0 ? decoder.end() : decoder.write(chunk.subarray(0, bytesRead));
      let from = 0;
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
        number += 1;
        if (number > limits.maxLines) return missed('failed', reader, path, `over ${limits.maxLines} lines`);
        take(number, lineOf(rest, text.slice(from, end), limits.maxLineLength));
        rest = '';
        from = end + 1;
      }
      const begun = text.slice(from);
      rest = rest === undefined || rest.length + begun.length > limits.maxLineLength ? undefined : rest + begun;
      if (bytesRead === 0) break;
    }
    if (rest === '') return found(number);
    take(number + 1, rest);
    return found(number + 1);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    return missed(missKindOf(error), reader, path, errorCode(error));
  } finally {
    await handle?.close();
  }
}

function lineOf(rest: string | undefined, text: string, maxLength: number): string | undefined {
  if (rest === undefined || rest.length + text.length > maxLength) return undefined;
  const line = rest + text;
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
