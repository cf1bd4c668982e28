import { memStatsFrom } from './mem-stats.ts';
import type { MemStats } from './types.ts';

const KEY = Buffer.from('"memstats"');
const MAX_TRIES = 16;
const MAX_OBJECT = 256 * 1024;

/**
 * Reads the `memstats` variable of /debug/vars without parsing the rest, which is the program's own, may be large, may hold
 * secrets (`cmdline`) and need not be JSON. Numbers above 2^53 are read from their digits.
 * Returns undefined when there is no such object or it is not closed. Source: Go expvar (1.19 to 1.27), runtime.MemStats.
 */
export function parseExpvarMemStats(body: Uint8Array): MemStats | undefined {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  let from = 0;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const key = bytes.indexOf(KEY, from);
    if (key < 0) return undefined;
    from = key + KEY.length;
    const text = bytes.toString('latin1', from, Math.min(bytes.length, from + MAX_OBJECT));
    const opening = /^\s{0,64}:\s{0,64}\{/.exec(text);
    const fields = opening === null ? undefined : topLevelValues(text, opening[0].length);
    // A user's variable may have the same name inside it; the real one always has these.
    if (fields?.has('HeapAlloc') !== true || !fields.has('NumGC')) continue;
    return memStatsFrom((name) => fields.get(name), listOf(fields.get('PauseNs')), listOf(fields.get('PauseEnd')));
  }
  return undefined;
}

/** The raw values of an object whose opening brace is just before `start`; nested objects are passed over. */
function topLevelValues(text: string, start: number): Map<string, string> | undefined {
  const values = new Map<string, string>();
  let depth = 1;
  let key: string | undefined;
  let valueStart = -1;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      const end = endOfString(text, at);
      if (end < 0) return undefined;
      if (depth === 1 && key === undefined) key = text.slice(at + 1, end);
      at = end;
    } else if (character === '[' || character === '{') {
      depth += 1;
    } else if (character === ':' && depth === 1 && valueStart < 0) {
      valueStart = at + 1;
    } else if (depth === 1 && (character === ',' || character === '}')) {
      if (key !== undefined && valueStart >= 0) values.set(key, text.slice(valueStart, at).trim());
      if (character === '}') return values;
      key = undefined;
      valueStart = -1;
    } else if (character === ']' || character === '}') {
      depth -= 1;
      if (depth < 1) return undefined;
    }
  }
  return undefined;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at;
  }
  return -1;
}

function listOf(text: string | undefined): string[] {
  return text?.startsWith('[') === true && text.endsWith(']')
    ? text
        .slice(1, -1)
        .split(',', 257)
        .map((item) => item.trim())
    : [];
}
