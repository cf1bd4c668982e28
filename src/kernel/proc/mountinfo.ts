import { utf8 } from './text.ts';
import type { MountInfo } from './types.ts';

/** The kernel's own default limit of mounts in a namespace is 100000 (fs.mount-max); a container has some dozens. */
const MAX_MOUNTS = 16_384;

/**
 * Parses /proc/PID/mountinfo in file order, with the octal escapes of blanks, newlines, `\` and `#` resolved. Lines that are not of
 * the form are left out, since one odd file system must not hide the rest; undefined when no line is of the form.
 * Source: Documentation/filesystems/proc.rst section 3.5, fs/proc_namespace.c show_mountinfo, Linux 6.12.
 */
export function parseMountInfo(bytes: Uint8Array, length: number): MountInfo[] | undefined {
  const mounts: MountInfo[] = [];
  for (const line of utf8(bytes, 0, length).split('\n', MAX_MOUNTS)) {
    const mount = parseLine(line);
    if (mount !== undefined) mounts.push(mount);
  }
  return mounts.length === 0 && length > 0 ? undefined : mounts;
}

function parseLine(line: string): MountInfo | undefined {
  const fields = line.split(' ');
  // Optional fields such as `shared:1` stand between the sixth field and a lone dash.
  const dash = fields.indexOf('-', 6);
  const [mountId, parentId, device, root, mountPoint, options] = fields;
  if (dash < 0 || mountId === undefined || parentId === undefined || device === undefined) return undefined;
  if (root === undefined || mountPoint === undefined || options === undefined) return undefined;
  if (!/^\d{1,10}$/.test(mountId) || !/^\d{1,10}$/.test(parentId) || !/^\d+:\d+$/.test(device)) return undefined;
  const [fsType, source, superOptions] = fields.slice(dash + 1);
  if (fsType === undefined || source === undefined || superOptions === undefined) return undefined;
  return {
    mountId: Number(mountId),
    parentId: Number(parentId),
    device,
    root: unescape(root),
    mountPoint: unescape(mountPoint),
    options: options.split(','),
    fsType: unescape(fsType),
    source: unescape(source),
    superOptions: superOptions.split(',').map(unescape),
  };
}

function unescape(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\([0-3][0-7]{2})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
