import type { Limit } from '../../base/limit.ts';
import { deviceEnd, deviceName, isUnknownDevice, keyAt, valueAt } from './io-words.ts';
import { limitIn } from './limit.ts';
import { ascii, decimal, LF, NO_NUMBER, type Parse, printableEnd, spacesEnd, startsWith, wordEnd } from './scan.ts';
import type { IoDeviceMax, IoDeviceStat, IoWeight } from './types.ts';

/** Devices taken from one file. A node has tens; a file with more than this is not one the kernel wrote. */
const MAX_DEVICES = 4096;
const STAT_KEYS = ['rbytes', 'wbytes', 'rios', 'wios', 'dbytes', 'dios', 'cost.usage', 'cost.wait'].map(ascii);
const MAX_KEYS = ['rbps', 'wbps', 'riops', 'wiops'].map(ascii);
const DEFAULT = ascii('default');
const BROKEN = -1;

/**
 * io.stat: `MAJ:MIN key=value ...` a line. Keys are found by name; others (`cost.vrate=100.00`, iolatency's) are ignored.
 * Three oddities of real kernels are taken as they are meant: a device without pairs (`8:0 `), which some 5.x and 6.x kernels
 * also leave without a line end, so that the next device follows on the same line or the file ends there; and `(unknown)` for
 * a hidden multipath device, which is left out.
 * Source: blkcg_print_one_stat in block/blk-cgroup.c, Linux 6.12.
 */
export function ioStatParser(): Parse<readonly IoDeviceStat[]> {
  const values = new Float64Array(STAT_KEYS.length);
  return (bytes, length) => {
    const devices: IoDeviceStat[] = [];
    let at = 0;
    while (at < length) {
      const nameAt = at;
      const nameEnd = deviceEnd(bytes, at, length);
      if (nameEnd === at || devices.length === MAX_DEVICES) return undefined;
      for (let slot = 0; slot < values.length; slot++) values[slot] = NO_NUMBER;
      at = pairs(bytes, nameEnd, length, values);
      if (at === BROKEN) return undefined;
      if (!isUnknownDevice(bytes, nameAt, nameEnd))
        devices.push(deviceStat(deviceName(bytes, nameAt, nameEnd), values));
    }
    return devices;
  };
}

/**
 * io.max: a line for each device with a limit, bytes or operations a second. No lines = no limits = an empty list.
 * Source: tg_prfill_limit in block/blk-throttle.c, Linux 6.12.
 */
export function parseIoMax(bytes: Uint8Array, length: number): readonly IoDeviceMax[] | undefined {
  const devices: IoDeviceMax[] = [];
  let at = 0;
  while (at < length) {
    const lineEnd = printableEnd(bytes, at, length);
    const nameEnd = deviceEnd(bytes, at, lineEnd);
    if (lineEnd === length || bytes[lineEnd] !== LF || nameEnd === at || devices.length === MAX_DEVICES)
      return undefined;
    const limits: (Limit | undefined)[] = [undefined, undefined, undefined, undefined];
    for (let pair = spacesEnd(bytes, nameEnd, lineEnd); pair < lineEnd; ) {
      const stop = wordEnd(bytes, pair, lineEnd);
      const slot = keyAt(bytes, pair, stop, MAX_KEYS, 0);
      if (slot >= 0) limits[slot] = limitIn(bytes, valueAt(pair, slot, MAX_KEYS), stop);
      pair = spacesEnd(bytes, stop, lineEnd);
    }
    const [rbps, wbps, riops, wiops] = limits;
    if (rbps === undefined || wbps === undefined || riops === undefined || wiops === undefined) return undefined;
    if (!isUnknownDevice(bytes, at, nameEnd))
      devices.push({ device: deviceName(bytes, at, nameEnd), rbps, wbps, riops, wiops });
    at = lineEnd + 1;
  }
  return devices;
}

/**
 * io.weight or io.bfq.weight: `default WEIGHT` and `MAJ:MIN WEIGHT` lines.
 * Source: ioc_weight_show in block/blk-iocost.c and bfq_io_show_weight in block/bfq-cgroup.c, Linux 6.12.
 */
export function parseIoWeight(bytes: Uint8Array, length: number): IoWeight | undefined {
  let defaultWeight: number | undefined;
  const byDevice = new Map<string, number>();
  if (length === 0) return undefined;
  let at = 0;
  while (at < length) {
    const lineEnd = printableEnd(bytes, at, length);
    if (lineEnd === length || bytes[lineEnd] !== LF || byDevice.size === MAX_DEVICES) return undefined;
    const nameEnd = wordEnd(bytes, at, lineEnd);
    const weight = decimal(bytes, nameEnd + 1, lineEnd);
    if (weight === NO_NUMBER) return undefined;
    if (nameEnd - at === DEFAULT.length && startsWith(bytes, at, nameEnd, DEFAULT)) {
      if (defaultWeight !== undefined) return undefined;
      defaultWeight = weight;
    } else if (deviceEnd(bytes, at, lineEnd) === nameEnd && nameEnd > at) {
      if (!isUnknownDevice(bytes, at, nameEnd)) byDevice.set(deviceName(bytes, at, nameEnd), weight);
    } else return undefined;
    at = lineEnd + 1;
  }
  return { defaultWeight, byDevice };
}

/** Reads pairs up to the next device, which may be on the same line. Gives its position, or {@link BROKEN}. */
function pairs(bytes: Uint8Array, start: number, length: number, values: Float64Array): number {
  let expected = 0;
  let at = start;
  for (;;) {
    const wordAt = spacesEnd(bytes, at, length);
    // A file may end without a line end behind `8:0 ` only. Anything else that ends so was cut.
    if (wordAt === length) return at === start && wordAt > at ? length : BROKEN;
    if (bytes[wordAt] === LF) return wordAt + 1;
    if (at === start && deviceEnd(bytes, wordAt, length) !== wordAt) return wordAt;
    const stop = wordEnd(bytes, wordAt, length);
    if (stop === wordAt) return BROKEN;
    const slot = keyAt(bytes, wordAt, stop, STAT_KEYS, expected);
    if (slot >= 0) {
      const value = decimal(bytes, valueAt(wordAt, slot, STAT_KEYS), stop);
      if (value === NO_NUMBER) return BROKEN;
      values[slot] = value;
      expected = slot + 1;
    }
    at = stop;
  }
}

function deviceStat(device: string, values: Float64Array): IoDeviceStat {
  return {
    device,
    rbytes: known(values[0]),
    wbytes: known(values[1]),
    rios: known(values[2]),
    wios: known(values[3]),
    dbytes: known(values[4]),
    dios: known(values[5]),
    costUsageUsec: known(values[6]),
    costWaitUsec: known(values[7]),
  };
}

function known(value: number | undefined): number | undefined {
  return value === NO_NUMBER ? undefined : value;
}
