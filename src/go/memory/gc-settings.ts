import type { Gogc, Gomemlimit } from '../types.ts';
import type { Layout } from './layout.ts';
import { DEFAULT_HEAP_MINIMUM } from './pacer.ts';
import { counter, uint64 } from './words.ts';

/** GOGC, `off` for any negative number. */
export function gogcOf(gcController: Buffer, layout: Layout): Gogc {
  const percent = gcController.readInt32LE(layout.offsets.gcController.gcPercent[0]);
  return percent < 0 ? 'off' : percent;
}

/** GOMEMLIMIT in bytes: the nearest double above 2^53, `off` for math.MaxInt64. */
export function gomemlimitOf(gcController: Buffer, layout: Layout): Gomemlimit | undefined {
  const field = layout.offsets.gcController.memoryLimit;
  if (field === undefined) return undefined;
  const isOff = gcController.readInt32LE(field[0] + 4) === 0x7fff_ffff && gcController.readInt32LE(field[0]) === -1;
  const limit = counter(gcController, field[0]);
  return isOff ? 'off' : limit < 0 ? undefined : limit;
}

/**
 * Whether `heapMinimum` is what `gcPercent` makes it: 4 MiB x GOGC / 100, in the runtime's own 64-bit arithmetic, where GOGC=off wraps
 * around. It holds at every moment but the one in which GOGC is set. Source: runtime/mgcpacer.go setGCPercent, Go 1.17 to 1.27.
 */
export function heapMinimumHolds(gcController: Buffer, layout: Layout): boolean {
  const { gcPercent, heapMinimum } = layout.offsets.gcController;
  const percent = gcController.readInt32LE(gcPercent[0]);
  if (percent >= 0) return uint64(gcController, heapMinimum[0]) === Math.floor((DEFAULT_HEAP_MINIMUM * percent) / 100);
  const wrapped = BigInt.asUintN(64, BigInt(DEFAULT_HEAP_MINIMUM) * BigInt(percent)) / 100n;
  return gcController.readBigUInt64LE(heapMinimum[0]) === wrapped;
}
