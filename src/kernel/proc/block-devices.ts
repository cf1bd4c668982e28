import { entries } from '../../io/directory.ts';
import type { FileReader } from '../../io/file-reader.ts';
import { parseLineFile } from './sysctl.ts';

/** A disk, as io.stat names it, and who puts its requests in order. */
export interface BlockDevice {
  /** `MAJ:MIN`. */
  readonly device: string;
  /** `sda`, `nvme0n1`. */
  readonly name: string;
  /** `none`, `mq-deadline`, `kyber`, `bfq`; undefined: the device has no queue of its own, or it could not be read. */
  readonly scheduler: string | undefined;
}

/** More disks than any node has; the listing is the kernel's, but may be a wrong directory. */
const MAX_DEVICES = 128;
const NO_DISK = /^(?:loop|ram|zram|fd|sr)\d/;
const DEVICE = /^\d{1,9}:\d{1,9}$/;

/**
 * The disks of /sys/block with their schedulers (Documentation/ABI/stable/sysfs-block: `dev`, `queue/scheduler`, Linux 6.12). Undefined when
 * there is no such directory, as in a tree without /sys.
 */
export function readBlockDevices(sysRoot: string, files: FileReader): BlockDevice[] | undefined {
  const names = entries(`${sysRoot}/block`, 'block');
  if (!names.ok) return undefined;
  const line = (path: string): string | undefined => {
    const length = files.read(path);
    return length < 0 ? undefined : parseLineFile(files.bytes, length);
  };
  const devices: BlockDevice[] = [];
  for (const name of names.value.slice(0, MAX_DEVICES)) {
    if (NO_DISK.test(name)) continue;
    const device = line(`${sysRoot}/block/${name}/dev`);
    if (device === undefined || !DEVICE.test(device)) continue;
    devices.push({ device, name, scheduler: chosen(line(`${sysRoot}/block/${name}/queue/scheduler`)) });
  }
  return devices;
}

/** `mq-deadline [bfq] none`: the word in brackets; a device with no choice says `none` without them. */
function chosen(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  return /\[([a-z0-9_-]+)\]/.exec(text)?.[1] ?? (/^[a-z0-9_-]+$/.test(text.trim()) ? text.trim() : undefined);
}
