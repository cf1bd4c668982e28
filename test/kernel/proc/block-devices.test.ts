import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileReader } from '../../../src/io/file-reader.ts';
import { readBlockDevices } from '../../../src/kernel/proc/block-devices.ts';

let root = '';
const files = new FileReader({ maxBytes: 65_536, maxKept: 0 });

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cgopher-block-'));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function disk(name: string, dev: string, scheduler?: string): void {
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  write(`block/${name}/dev`, dev);
  if (scheduler !== undefined) write(`block/${name}/queue/scheduler`, scheduler);
}

describe('readBlockDevices', () => {
  it('names each disk and the scheduler in brackets', () => {
    disk('sda', '8:0\n', 'none [mq-deadline] kyber bfq\n');
    disk('nvme0n1', '259:0\n', '[none] mq-deadline\n');
    disk('vda', '254:0\n', 'none\n');
    disk('dm-0', '253:0\n');
    disk('loop0', '7:0\n', '[none]\n');
    disk('zram0', '252:0\n');
    const devices = readBlockDevices(root, files)?.toSorted((a, b) => a.name.localeCompare(b.name));
    expect(devices).toEqual([
      { device: '253:0', name: 'dm-0', scheduler: undefined },
      { device: '259:0', name: 'nvme0n1', scheduler: 'none' },
      { device: '8:0', name: 'sda', scheduler: 'mq-deadline' },
      { device: '254:0', name: 'vda', scheduler: 'none' },
    ]);
  });

  it('is undefined without /sys/block, and leaves out what is no device', () => {
    expect(readBlockDevices(`${root}/none`, files)).toBeUndefined();
    disk('sda', 'eight\n', '[bfq]\n');
    disk('sdb', '8:16\n', '[b f q] \u0007\n');
    expect(readBlockDevices(root, files)).toEqual([{ device: '8:16', name: 'sdb', scheduler: undefined }]);
  });

  it('reads no more than 128', () => {
    for (let index = 0; index < 140; index++) disk(`sd${index}`, `8:${index}\n`);
    expect(readBlockDevices(root, files)).toHaveLength(128);
  });
});
