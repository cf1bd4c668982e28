import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseNumaAnon } from '../../../src/kernel/cgroup/numa-stat.ts';

const of = (text: string) => {
  const bytes = Buffer.from(text, 'latin1');
  return parseNumaAnon(bytes, bytes.length);
};

/** As memory_numa_stat_show writes it on two nodes. */
const TWO = 'anon N0=4096 N1=8192\nfile N0=0 N1=12288\nkernel_stack N0=16384 N1=0\n';

describe('memory.numa_stat', () => {
  it('tells anonymous memory by node', () => {
    expect(of(TWO)).toEqual([
      { node: 0, bytes: 4096 },
      { node: 1, bytes: 8192 },
    ]);
    // Nodes need not be in a row, nor the line the first.
    expect(of('file N0=1\nanon N2=5 N10=0\n')).toEqual([
      { node: 2, bytes: 5 },
      { node: 10, bytes: 0 },
    ]);
  });

  it.each([
    ['empty', ''],
    ['without the line', 'file N0=1\n'],
    ['cut in the line', 'anon N0=4096 N1=81'],
    ['cut after the line', 'anon N0=1\nfile N0='],
    ['without nodes', 'anon \n'],
    ['without a number', 'anon N0=\n'],
    ['with a negative number', 'anon N0=-1\n'],
    ['with another word', 'anon N0=1 all=2\n'],
    ['with a node twice', 'anon N0=1 N0=2\n'],
    ['with the line twice', 'anon N0=1\nanon N0=1\n'],
    ['with two spaces', 'anon N0=1  N1=2\n'],
    ['beyond whole numbers', 'anon N0=99999999999999999999\n'],
    ['with a byte that is no text', 'anon N0=1\u0000\n'],
    ['with the equals sign of another line', 'anon N0\nfile N0=1\n'],
    [
      'with more nodes than there can be',
      `anon ${Array.from({ length: 1025 }, (_, node) => `N${node}=1`).join(' ')}\n`,
    ],
  ])('is malformed when it is %s', (_, text) => {
    expect(of(text)).toBeUndefined();
  });

  it('reads no byte behind its end', () => {
    const bytes = Buffer.from(`${TWO}anon N7=7\n`, 'latin1');
    expect(parseNumaAnon(bytes, TWO.length)).toHaveLength(2);
  });

  it('never throws, and gives whole numbers or nothing', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ -~\n]{0,80}$/), (text) => {
        for (const { node, bytes } of of(`anon N0=1${text}`) ?? [])
          expect([Number.isSafeInteger(node), Number.isSafeInteger(bytes)]).toEqual([true, true]);
      }),
    );
  });
});
