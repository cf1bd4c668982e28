import { describe, expect, it } from 'vitest';
import { parseUnixListenSockets } from '../../../src/kernel/proc/unix-sockets.ts';
import { parseIn } from './shared-buffer.ts';

const HEADING = 'Num       RefCount Protocol Flags    Type St Inode Path\n';
const row = (inode: string, path: string, columns = '00010000 0001 01'): string =>
  `00000000ab638b66: 00000002 00000000 ${columns} ${inode} ${path}\n`;

describe('parseUnixListenSockets', () => {
  it('reads paths with blanks, abstract and relative names, and narrow inodes', () => {
    const file =
      HEADING +
      row('149688', '/run/a b.sock') +
      row('  342', '@abs') +
      row('1234567890', 'rel.sock') +
      'ab638b66: 00000002 00000000 00010000 0001 01    77 /run/32-bit.sock\n';
    expect(parseIn(parseUnixListenSockets, file)).toEqual([
      { path: '/run/a b.sock', inode: 149_688 },
      { path: '@abs', inode: 342 },
      { path: 'rel.sock', inode: 1_234_567_890 },
      { path: '/run/32-bit.sock', inode: 77 },
    ]);
  });

  it('leaves out what does not listen, is no stream, or has no name', () => {
    const file =
      HEADING +
      row(' 1515', '', '00000000 0001 03') +
      row(' 1516', '/run/connected', '00000000 0001 03') +
      row(' 1517', '/run/datagram', '00000000 0002 01') +
      row(' 1518', '/run/seqpacket', '00010000 0005 01') +
      '00000000ab638b66: 00000002 00000000 00010000 0001 01  1519\n';
    expect(parseIn(parseUnixListenSockets, file)).toEqual([]);
  });

  it('passes over rows that a name with a line feed broke, and keeps the others', () => {
    const file = `${HEADING}${row(' 11', '/run/a\nx: y\n\n00: 0')}${row(' 12', '/run/b')}`;
    expect(parseIn(parseUnixListenSockets, file)).toEqual([
      { path: '/run/a', inode: 11 },
      { path: '/run/b', inode: 12 },
    ]);
  });

  it('passes over names longer than any can be, and inodes that are no numbers', () => {
    const file = `${HEADING}${row('11', `/${'x'.repeat(108)}`)}${row('x', '/run/b')}${row('12', `/${'x'.repeat(107)}`)}`;
    expect(parseIn(parseUnixListenSockets, file)).toEqual([{ path: `/${'x'.repeat(107)}`, inode: 12 }]);
  });

  it('a file cut in a row gives the rows before it', () => {
    const file = HEADING + row('11', '/run/a') + row('12', '/run/b').slice(0, 45);
    expect(parseIn(parseUnixListenSockets, file)).toEqual([{ path: '/run/a', inode: 11 }]);
  });

  it('another file is malformed', () => {
    expect(parseIn(parseUnixListenSockets, '')).toBeUndefined();
    expect(parseIn(parseUnixListenSockets, '  sl  local_address\n')).toBeUndefined();
  });

  it('keeps 1024 sockets at most', () => {
    expect(parseIn(parseUnixListenSockets, HEADING + row('11', '/run/a').repeat(1100))).toHaveLength(1024);
  });
});
