import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMountInfo } from '../../../src/kernel/proc/mountinfo.ts';
import { parseIn } from './shared-buffer.ts';

const RECORDED = readFileSync(new URL('../../../fixtures-cgroupfs/proc-recording/242/mountinfo', import.meta.url));

describe('parseMountInfo', () => {
  it('reads every line of a recorded process', () => {
    const mounts = parseIn(parseMountInfo, RECORDED);
    expect(mounts?.length).toBe(18);
    expect(mounts?.find((mount) => mount.fsType === 'cgroup2')).toEqual({
      mountId: 97,
      parentId: 96,
      device: '0:35',
      root: '/',
      mountPoint: '/sys/fs/cgroup',
      options: ['rw', 'relatime'],
      fsType: 'cgroup2',
      source: 'cgroup2',
      superOptions: ['rw', 'nsdelegate', 'memory_recursiveprot'],
    });
  });

  it('skips any number of optional fields', () => {
    for (const optional of ['', 'shared:1 ', 'shared:1 master:2 propagate_from:3 ', 'unbindable ']) {
      const mounts = parseIn(
        parseMountInfo,
        `36 35 98:0 /mnt1 /mnt2 rw ${optional}- ext3 /dev/root rw,errors=continue\n`,
      );
      expect(mounts).toMatchObject([{ root: '/mnt1', mountPoint: '/mnt2', fsType: 'ext3', source: '/dev/root' }]);
    }
  });

  it('resolves octal escapes', () => {
    const file = '1 2 0:1 /a\\040b /c\\011d\\012e\\134040 rw - ext4 dev\\043 rw\n';
    expect(parseIn(parseMountInfo, file)).toMatchObject([
      { root: '/a b', mountPoint: '/c\td\ne\\040', source: 'dev#' },
    ]);
  });

  it('keeps an empty source', () => {
    expect(parseIn(parseMountInfo, '1 2 0:1 / / rw - tmpfs  rw\n')).toMatchObject([{ fsType: 'tmpfs', source: '' }]);
  });

  it('leaves out a line it cannot read and keeps the rest', () => {
    const file =
      'garbage\n1 2 0:1 / / rw - tmpfs tmpfs rw\n1 x 0:1 / / rw - tmpfs tmpfs rw\n1 2 0:1 / / rw tmpfs tmpfs rw\n';
    expect(parseIn(parseMountInfo, file)?.length).toBe(1);
  });

  it('no readable line at all is malformed; an empty file has no mounts', () => {
    expect(parseIn(parseMountInfo, 'garbage\nmore - garbage\n')).toBeUndefined();
    expect(parseIn(parseMountInfo, '1 2 0:1 / /\n')).toBeUndefined();
    expect(parseIn(parseMountInfo, '')).toEqual([]);
  });

  it('is bounded', () => {
    expect(parseIn(parseMountInfo, '1 2 0:1 / / rw - tmpfs tmpfs rw\n'.repeat(20_000))?.length).toBe(16_384);
  });

  it('gives back any path, escaped as the kernel escapes', () => {
    const escape = (path: string): string =>
      path.replace(/[ \t\n\\#]/g, (letter) => `\\${letter.charCodeAt(0).toString(8).padStart(3, '0')}`);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (root, point) => {
        const file = `1 2 0:1 /${escape(root)} /${escape(point)} rw - tmpfs tmpfs rw\n`;
        expect(parseIn(parseMountInfo, file)).toMatchObject([{ root: `/${root}`, mountPoint: `/${point}` }]);
      }),
    );
  });
});
