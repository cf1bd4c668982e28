import { ADDRESS_TAKEN, LOADED, STORED } from './code-sink.ts';
import type { Use } from './receiver-votes.ts';

/* Variables that no call names, from how single functions use them. Each list is candidates in the order of likelihood. */

const MAX_CANDIDATES = 16;
type Uses = ReadonlyMap<number, Use>;

/** Loaded as 32 bits and its address taken or written: the runtime sets it atomically. */
export function gomaxprocsCandidates(uses: Uses): number[] {
  const loaded = [...uses].filter(([, use]) => use.size === 4 && (use.uses & LOADED) !== 0);
  const set = loaded.filter(([, use]) => (use.uses & (ADDRESS_TAKEN | STORED)) !== 0);
  return (set.length > 0 ? set : loaded).map(([address]) => address).slice(0, MAX_CANDIDATES);
}

/** Three words side by side, or else two, are what a slice looks like; those used most come first. */
export function sliceCandidates(uses: Uses): number[] {
  const isWord = (address: number): boolean => uses.get(address)?.size === 8;
  const timesAt = (address: number): number =>
    (uses.get(address)?.times ?? 0) + (uses.get(address + 8)?.times ?? 0) + (uses.get(address + 16)?.times ?? 0);
  return [...uses.keys()]
    .filter((address) => address % 8 === 0 && isWord(address) && isWord(address + 8))
    .map((address) => ({ address, rank: timesAt(address) + (isWord(address + 16) ? 1000 : 0) }))
    .sort((a, b) => b.rank - a.rank)
    .map(({ address }) => address)
    .slice(0, MAX_CANDIDATES);
}

/** Words written, or whose address is taken, outside the three words at `slice`. */
export function writtenWords(uses: Uses, slice: number | undefined): number[] {
  return [...uses]
    .filter(([, use]) => (use.size === 8 ? (use.uses & STORED) !== 0 : use.size === 0))
    .map(([address]) => address)
    .filter((address) => address % 8 === 0 && (slice === undefined || address < slice || address >= slice + 24))
    .slice(0, MAX_CANDIDATES);
}

/** The first 32 bits written. */
export function firstStored(uses: Uses): number[] {
  return [...uses]
    .filter(([, use]) => use.size === 4 && (use.uses & STORED) !== 0)
    .map(([address]) => address)
    .slice(0, 1);
}

/** Words loaded, and behind them words whose address is taken. */
export function loadedWords(uses: Uses): number[] {
  const loaded = [...uses].filter(([, use]) => use.size === 8 && (use.uses & LOADED) !== 0);
  const taken = [...uses].filter(([, use]) => use.size === 0);
  return [...loaded, ...taken]
    .map(([address]) => address)
    .filter((each) => each % 8 === 0)
    .slice(0, MAX_CANDIDATES);
}
