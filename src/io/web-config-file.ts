import { readFileSync, statSync } from 'node:fs';
import { found, missed, type Reading } from '../base/reading.ts';
import { errorCode, missKindOf } from './errno.ts';
import type { WebConfigParser, WebSettings } from './web-settings.ts';

const READER = 'web config';
const MAX_BYTES = 1024 * 1024;

/**
 * A web configuration file, read again when it is not what it was: asking costs one `stat`, so it is asked at each connection and
 * request. A miss has all problems in its detail, one a line.
 */
export class WebConfigFile {
  readonly path: string;
  readonly #parse: WebConfigParser;
  #stamp: string | undefined;
  #settings: Reading<WebSettings> | undefined;

  constructor(path: string, parse: WebConfigParser) {
    this.path = path;
    this.#parse = parse;
  }

  /** What the file says now. The same object for as long as the file stays the same. */
  settings(): Reading<WebSettings> {
    const stamp = fileStamp(this.path);
    if (this.#settings === undefined || stamp !== this.#stamp) this.#settings = this.#read();
    this.#stamp = stamp;
    return this.#settings;
  }

  #read(): Reading<WebSettings> {
    const text = readWebFile(this.path);
    if (!text.ok) return missed(text.miss.kind, READER, this.path, `${this.path}: ${text.miss.detail}`);
    const parsed = this.#parse(text.value, this.path);
    return parsed.ok ? found(parsed.settings) : missed('malformed', READER, this.path, parsed.problems.join('\n'));
  }
}

/** Differs when the file was written, replaced, or a link to it swapped. A file that is not there has a stamp too. */
export function fileStamp(path: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`;
  } catch (error) {
    return errorCode(error);
  }
}

/** A regular file of at most 1 MiB of UTF-8. */
export function readWebFile(path: string): Reading<string> {
  try {
    const stat = statSync(path);
    if (!stat.isFile()) return missed('failed', READER, path, 'is not a regular file');
    if (stat.size > MAX_BYTES) return missed('failed', READER, path, 'is over 1 MiB');
    return found(new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path)));
  } catch (error) {
    if (error instanceof TypeError) return missed('malformed', READER, path, 'is not UTF-8 text');
    return missed(missKindOf(error), READER, path, `cannot be read: ${errorCode(error)}`);
  }
}
