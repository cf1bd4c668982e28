import { type ElfFile, locate } from '../elf.ts';
import type { Sweep } from './code-sink.ts';
import type { ReceiverVotes } from './receiver-votes.ts';
import type { RuntimeFunctions } from './runtime-functions.ts';

const SLICE_BYTES = 64 * 1024;
const MAX_CODE_BYTES = 16 * 1024 * 1024;

/** Sweeps the code of package runtime, function by function, into `votes`. Yields after each slice. */
export function* sweepRuntime(
  elf: ElfFile,
  functions: RuntimeFunctions,
  sweep: Sweep,
  votes: ReceiverVotes,
): Generator<undefined, void, undefined> {
  let budget = MAX_CODE_BYTES;
  for (let first = 0; first < functions.count; ) {
    const start = functions.starts[first] ?? 0;
    let last = first;
    while (last < functions.count && endOf(functions, last) - start <= SLICE_BYTES && endOf(functions, last) >= start)
      last += 1;
    // A function that is larger than a slice is none of the runtime's.
    if (last === first) {
      first += 1;
      continue;
    }
    const length = Math.max(endOf(functions, last - 1), endOf(functions, first)) - start;
    const place = locate(elf, start);
    const code = place === undefined || length > place.available ? undefined : elf.read(place.offset, length);
    budget -= length;
    if (budget < 0) return;
    for (let index = first; code !== undefined && index < last; index++) {
      const at = (functions.starts[index] ?? 0) - start;
      const end = endOf(functions, index) - start;
      if (at < 0 || end <= at || end > length) continue;
      votes.enter(functions.names[index] ?? '');
      sweep(code, at, end, start + at, votes);
    }
    first = last;
    yield undefined;
  }
}

function endOf(functions: RuntimeFunctions, index: number): number {
  return functions.ends[index] ?? 0;
}
