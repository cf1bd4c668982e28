import { describe, expect, it } from 'vitest';
import { parseTcpInUse } from '../../../src/kernel/proc/sockstat.ts';
import { parseIn } from './shared-buffer.ts';

const SOCKSTAT = `sockets: used 14
TCP: inuse 2 orphan 0 tw 21 alloc 2 mem 0
UDP: inuse 7 mem 0
`;
const SOCKSTAT6 = 'TCP6: inuse 0\nUDP6: inuse 3\n';

describe('parseTcpInUse', () => {
  it('reads the TCP line of either family', () => {
    expect(parseIn(parseTcpInUse, SOCKSTAT)).toBe(2);
    expect(parseIn(parseTcpInUse, SOCKSTAT6)).toBe(0);
  });

  it.each([
    ['empty', ''],
    ['no TCP line', 'sockets: used 14\nUDP: inuse 7 mem 0\n'],
    ['no number', 'TCP: inuse x\n'],
    ['negative', 'TCP: inuse -1 orphan 0\n'],
    ['cut', 'TCP: inuse '],
    ['beyond 2^53', 'TCP: inuse 9007199254740993 orphan 0\n'],
    ['another line of that name', 'XTCP: inuse 4\n'],
  ])('undefined: %s', (_, file) => {
    expect(parseIn(parseTcpInUse, file)).toBeUndefined();
  });
});
