import { parseCpuList } from '../cgroup/cpuset.ts';
import { ascii } from '../cgroup/scan.ts';
import { ColonFields } from './colon-fields.ts';
import { utf8 } from './text.ts';
import type { ProcStatus } from './types.ts';

/**
 * Parses /proc/PID/status; kB become bytes. A key that is not there is undefined (a kernel thread has no Vm* lines);
 * the whole is undefined when it does not start with `Name:` or a used value is not of its form.
 * Source: Documentation/filesystems/proc.rst table 1-2, fs/proc/array.c, Linux 6.12.
 */
export function parseProcStatus(bytes: Uint8Array, length: number): ProcStatus | undefined {
  const text = utf8(bytes, 0, length);
  if (!text.startsWith('Name:')) return undefined;
  const fields = new ColonFields(text);
  const uids = numbers(fields.text('Uid'));
  const nsPids = numbers(fields.text('NSpid'));
  const cpuList = fields.text('Cpus_allowed_list');
  const cpusAllowed = cpuList === undefined ? undefined : parseCpuList(ascii(`${cpuList}\n`), cpuList.length + 1);
  const status: ProcStatus = {
    name: fields.text('Name')?.replace(/\\([n\\])/g, (_, letter) => (letter === 'n' ? '\n' : '\\')),
    uid: uids?.[0],
    nsPids: nsPids ?? [],
    vmRss: fields.kiloBytes('VmRSS'),
    rssAnon: fields.kiloBytes('RssAnon'),
    rssFile: fields.kiloBytes('RssFile'),
    rssShmem: fields.kiloBytes('RssShmem'),
    vmSwap: fields.kiloBytes('VmSwap'),
    vmHwm: fields.kiloBytes('VmHWM'),
    threads: fields.count('Threads'),
    cpusAllowed,
    capEff: fields.mask('CapEff'),
    sigCgt: fields.mask('SigCgt'),
    sigBlk: fields.mask('SigBlk'),
  };
  if (fields.malformed || uids === undefined || nsPids === undefined) return undefined;
  return cpuList !== undefined && cpusAllowed === undefined ? undefined : status;
}

/** Whole numbers between blanks; none for a key that is not there; undefined when one of them is no number. */
function numbers(text: string | undefined): number[] | undefined {
  if (text === undefined || text === '') return [];
  const values: number[] = [];
  // 32 levels is the kernel's MAX_PID_NS_LEVEL, and an Uid line has four numbers.
  for (const part of text.split(/\s+/, 40)) {
    if (!/^\d{1,10}$/.test(part)) return undefined;
    values.push(Number(part));
  }
  return values;
}
