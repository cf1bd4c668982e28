import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseProcCgroup } from '../../../src/kernel/proc/cgroup.ts';
import { parseIn } from './shared-buffer.ts';

const RECORDED = readFileSync(new URL('../../../fixtures-cgroupfs/proc-recording/275/cgroup', import.meta.url));

describe('parseProcCgroup', () => {
  it('reads a recorded process of a best-effort pod', () => {
    const pod = 'kubepods-besteffort-podc4a86d13_7f2e_4b95_a0c8_e1937b5d0f62.slice';
    const id = '509a5999e37566cfeb876ccbe601b805c05a18e27b955d0a15bbc0aeff68370a';
    expect(parseIn(parseProcCgroup, RECORDED)).toEqual({
      unifiedPath: `/kubepods.slice/kubepods-besteffort.slice/${pod}/cri-containerd-${id}.scope`,
      deleted: false,
      v1Controllers: [],
    });
  });

  it('cuts off the mark of a removed cgroup', () => {
    expect(parseIn(parseProcCgroup, '0::/a/b (deleted)\n')).toEqual({
      unifiedPath: '/a/b',
      deleted: true,
      v1Controllers: [],
    });
  });

  it('keeps colons and blanks of the path', () => {
    const path = '/system.slice/containerd.service/kubepods-besteffort-podx.slice:cri-containerd:1f (deleted) x';
    expect(parseIn(parseProcCgroup, `0::${path}\n`)).toMatchObject({ unifiedPath: path, deleted: false });
  });

  it('names the controllers of v1 hierarchies, not the named hierarchies', () => {
    const file = '12:cpu,cpuacct:/a\n5:memory:/b\n1:name=systemd:/c\n0::/d\n';
    expect(parseIn(parseProcCgroup, file)).toEqual({
      unifiedPath: '/d',
      deleted: false,
      v1Controllers: ['cpu', 'cpuacct', 'memory'],
    });
  });

  it('without a v2 line the path is undefined', () => {
    expect(parseIn(parseProcCgroup, '5:memory:/b\n')).toMatchObject({
      unifiedPath: undefined,
      v1Controllers: ['memory'],
    });
    expect(parseIn(parseProcCgroup, '')).toMatchObject({ unifiedPath: undefined, v1Controllers: [] });
  });

  it('keeps the leading dots of a path outside the reader’s cgroup namespace', () => {
    expect(parseIn(parseProcCgroup, '0::/../../b\n')?.unifiedPath).toBe('/../../b');
  });

  it.each(['0:/\n', 'x::/a\n', '0::a\n', 'text\n', '::\n'])('malformed: %j', (file) => {
    expect(parseIn(parseProcCgroup, file)).toBeUndefined();
  });

  it('gives back any path', () => {
    const path = fc.string({ maxLength: 80 }).filter((text) => !text.includes('\n') && !text.endsWith(' (deleted)'));
    fc.assert(
      fc.property(path, fc.boolean(), (text, deleted) => {
        const file = `0::/${text}${deleted ? ' (deleted)' : ''}\n`;
        expect(parseIn(parseProcCgroup, file)).toMatchObject({
          unifiedPath: Buffer.from(`/${text}`).toString(),
          deleted,
        });
      }),
    );
  });
});
