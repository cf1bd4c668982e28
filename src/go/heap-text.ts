import { memStatsFrom } from './mem-stats.ts';
import type { MemStats } from './types.ts';

const TITLE = '\n# runtime.MemStats\n';
const MAX_BLOCK = 64 * 1024;
/** Lines with two numbers apart by a slash, and the fields they stand for. */
const PAIRS: Readonly<Record<string, readonly [string, string]>> = {
  Stack: ['StackInuse', 'StackSys'],
  MSpan: ['MSpanInuse', 'MSpanSys'],
  MCache: ['MCacheInuse', 'MCacheSys'],
};

/**
 * Reads runtime.MemStats from the end of a heap?debug=1 body. A missing or unreadable line is an undefined field.
 * Returns undefined when there is no such block (cut-off body, debug=0, another page). Source: Go runtime/pprof/pprof.go
 * writeHeapInternal; same text from 1.16 to 1.27. The text has no EnableGC and no PauseTotalNs.
 */
export function parseHeapMemStats(body: Uint8Array): MemStats | undefined {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const title = bytes.lastIndexOf(TITLE, undefined, 'latin1');
  if (title < 0) return undefined;
  const start = title + TITLE.length;
  const fields = new Map<string, string>();
  const lines = bytes.toString('latin1', start, Math.min(bytes.length, start + MAX_BLOCK)).split('\n');
  // A line without its newline may be cut off in the middle of a number.
  lines.pop();
  for (const line of lines) {
    const equals = line.indexOf(' = ');
    if (!line.startsWith('# ') || equals < 0) continue;
    const [name, value] = [line.slice(2, equals), line.slice(equals + 3)];
    const pair = Object.hasOwn(PAIRS, name) ? PAIRS[name] : undefined;
    if (pair === undefined) {
      fields.set(name, value);
      continue;
    }
    const [inuse, sys] = value.split(' / ', 2);
    if (inuse !== undefined) fields.set(pair[0], inuse);
    if (sys !== undefined) fields.set(pair[1], sys);
  }
  if (!fields.has('NumGC')) return undefined;
  return memStatsFrom((name) => fields.get(name), listOf(fields.get('PauseNs')), listOf(fields.get('PauseEnd')));
}

function listOf(text: string | undefined): string[] {
  return text?.startsWith('[') === true && text.endsWith(']') ? text.slice(1, -1).split(' ', 257) : [];
}
