/*
 * Goals in milliseconds were set on one machine. The same virtual machine is two or four times slower an hour later, so times are
 * divided by how much slower a fixed piece of work is now, measured beside them.
 */

/** Nanoseconds a byte of {@link scan} took where the goals come from (Node 20, Xeon 2.5 GHz, nothing else running). */
const REFERENCE_NS = 0.84;
/** Milliseconds from starting `node` to a bare web server that listens, in the same place. */
export const REFERENCE_START_MS = 47;
const ROUNDS = 1500;
const KEYS = 56;

const text = Buffer.from(
  Array.from(
    { length: KEYS },
    (_, index) => `workingset_key_${index} ${(index * 7919 * 7919) % 10 ** (1 + (index % 9))}\n`,
  ).join(''),
);
const values = new Float64Array(KEYS);

/** How many times slower this process computes now: processor time of a scan for digits. About a millisecond's work, twice. */
export function slowness(): number {
  const begin = process.cpuUsage();
  for (let round = 0; round < ROUNDS; round++) scan(text);
  const { user, system } = process.cpuUsage(begin);
  return ((user + system) * 1000) / (ROUNDS * text.length) / REFERENCE_NS;
}

function scan(bytes: Uint8Array): void {
  let at = 0;
  for (let line = 0; at < bytes.length; line++) {
    while (bytes[at] !== 0x20) at += 1;
    let value = 0;
    for (let byte = bytes[++at] ?? 0; byte >= 0x30 && byte <= 0x39; byte = bytes[++at] ?? 0)
      value = value * 10 + (byte - 0x30);
    values[line] = value;
    at += 1;
  }
}
