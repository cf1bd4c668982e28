/**
 * Share of the memory limit that the heap of JavaScript may take. Of 256 MiB that is 115; the thread that searches executables has up to 64 + 4, Node itself
 * about 40, and 33 are left for buffers. Below 200 MiB these no longer fit.
 */
export const HEAP_SHARE = 0.45;

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
};

/** `--max-old-space-size` for a memory limit such as `256Mi`, in MiB, rounded down. Throws on what is no such quantity. */
export function heapMebibytes(limit: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(limit) ?? [];
  const factor = UNITS[unit];
  if (number === '' || factor === undefined) throw new Error(`not a memory limit: ${limit}`);
  return Math.floor((Number(number) * factor * HEAP_SHARE) / 2 ** 20);
}
