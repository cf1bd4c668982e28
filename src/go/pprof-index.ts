import type { PprofIndex } from './types.ts';

const MAX_TEXT = 256 * 1024;
const MAX_PROFILES = 256;
const ROW = /<tr><td>(\d{1,15})<\/td><td><a href='[^'<>\n]{0,512}'>([^<\n]{1,256})<\/a><\/td><\/tr>/g;
const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&#34;': '"',
  '&#39;': "'",
};

/**
 * Reads the HTML of /debug/pprof/. The goroutine row is runtime.NumGoroutine(), the threadcreate row counts the runtime's threads;
 * a runtime that has goroutineleak shows its row. Serving the page stops nothing in the program.
 * Returns undefined when it is not that page (no row at all). Only the first 256 KiB and 256 rows are looked at.
 * Source: Go net/http/pprof indexTmplExecute; rows unchanged from 1.16 to 1.27.
 */
export function parsePprofIndex(text: string): PprofIndex | undefined {
  const profiles = new Map<string, number>();
  for (const [, count, name] of text.slice(0, MAX_TEXT).matchAll(ROW)) {
    if (count === undefined || name === undefined) continue;
    profiles.set(
      name.replace(/&(?:amp|lt|gt|#34|#39);/g, (entity) => ENTITIES[entity] ?? entity),
      Number(count),
    );
    if (profiles.size >= MAX_PROFILES) break;
  }
  if (profiles.size === 0) return undefined;
  return { goroutines: profiles.get('goroutine'), threads: profiles.get('threadcreate'), profiles };
}
