import { ascii, decimal, EQUALS, LF, NO_NUMBER, printableEnd, SPACE, startsWith, wordEnd } from './scan.ts';
import type { NumaBytes } from './types.ts';

const ANON = ascii('anon ');
const NODE = 0x4e;
/** CONFIG_NODES_SHIFT is at most 10. */
const MAX_NODES = 1024;

/**
 * The `anon` line of memory.numa_stat: `anon N0=BYTES N1=BYTES`. Other lines are passed over. Undefined when there is no such line, it
 * comes twice, names a node twice, or the file was cut. Source: memory_numa_stat_show in mm/memcontrol.c, Linux 6.12.
 */
export function parseNumaAnon(bytes: Uint8Array, length: number): readonly NumaBytes[] | undefined {
  let anon: readonly NumaBytes[] | undefined;
  let at = 0;
  while (at < length) {
    const lineEnd = printableEnd(bytes, at, length);
    if (lineEnd === length || bytes[lineEnd] !== LF) return undefined;
    if (startsWith(bytes, at, lineEnd, ANON)) {
      if (anon !== undefined) return undefined;
      anon = nodesOf(bytes, at + ANON.length, lineEnd);
      if (anon === undefined) return undefined;
    }
    at = lineEnd + 1;
  }
  return anon;
}

function nodesOf(bytes: Uint8Array, start: number, end: number): readonly NumaBytes[] | undefined {
  const nodes: NumaBytes[] = [];
  const seen = new Set<number>();
  let at = start;
  while (at < end) {
    const stop = wordEnd(bytes, at, end);
    const equals = bytes.indexOf(EQUALS, at);
    if (bytes[at] !== NODE || equals < 0 || equals > stop || nodes.length === MAX_NODES) return undefined;
    const node = decimal(bytes, at + 1, equals);
    const held = decimal(bytes, equals + 1, stop);
    if (node === NO_NUMBER || held === NO_NUMBER || seen.has(node)) return undefined;
    seen.add(node);
    nodes.push({ node, bytes: held });
    at = stop < end && bytes[stop] === SPACE ? stop + 1 : stop;
  }
  return nodes.length === 0 ? undefined : nodes;
}
