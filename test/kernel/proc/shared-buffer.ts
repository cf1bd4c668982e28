/** A parser of kernel text. */
export type Parser<T> = (bytes: Uint8Array, length: number) => T | undefined;

const STALE = '\n9999999999 kB\nVmRSS:\t1 kB\n0::/stale\nGOGC=stale\0GOGC=stale\0 0A ) (';

/** Runs a parser as a reader does: the file lies at the start of a larger buffer that still holds the end of an earlier file. */
export function parseIn<T>(parser: Parser<T>, file: string | Uint8Array): T | undefined {
  const content = typeof file === 'string' ? Buffer.from(file) : Buffer.from(file);
  const bytes = Buffer.concat([content, Buffer.from(STALE)]);
  const value = parser(bytes, content.length);
  // What a parser returns must not be a view into the buffer, so overwriting it changes nothing.
  const before = show(value);
  bytes.fill(0x5a);
  if (show(value) !== before) throw new Error('the parsed value is a view into the shared buffer');
  return value;
}

function show(value: unknown): string | undefined {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? part.toString() : part));
}
