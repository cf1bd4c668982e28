import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ListenerRows, parseListenSockets } from '../../../src/kernel/proc/net.ts';
import { socketInode } from '../../../src/kernel/proc/socket-link.ts';
import { parseIn } from './shared-buffer.ts';

const HEADING = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';

function row(local: string, state: string, inode: number | string, sl = 0): string {
  const remote = `${'0'.repeat(local.indexOf(':'))}:0000`;
  return `${String(sl).padStart(4)}: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 00000000c546c9ca 100 0 0 10 0\n`;
}

function recording(name: string): Buffer {
  return readFileSync(new URL(`../../../fixtures-cgroupfs/proc-recording/242/net/${name}`, import.meta.url));
}

describe('parseListenSockets', () => {
  it('reads the listeners of a recorded Prometheus: dual-stack sockets in tcp6, none in tcp', () => {
    expect(parseIn(parseListenSockets, recording('tcp'))).toEqual([]);
    expect(parseIn(parseListenSockets, recording('tcp6'))).toEqual([
      { address: '::', port: 9090, family: 6, inode: 342 },
      { address: '::', port: 9093, family: 6, inode: 11241 },
    ]);
  });

  it.each([
    ['0100007F:17AC', '127.0.0.1', 6060, 4],
    ['00000000:1F90', '0.0.0.0', 8080, 4],
    ['0500F4FF:0050', '255.244.0.5', 80, 4],
    ['00000000000000000000000001000000:17AC', '::1', 6060, 6],
    ['000080FE00000000FF005450B6AC23FE:0016', 'fe80::5054:ff:fe23:acb6', 22, 6],
    ['B80D0120000000000100000002000000:01BB', '2001:db8::1:0:2', 443, 6],
    ['0000000000000000FFFF00000100007F:2385', '127.0.0.1', 9093, 4],
  ])('reads %s as %s port %i', (local, address, port, family) => {
    expect(parseIn(parseListenSockets, HEADING + row(local, '0A', 5))).toEqual([{ address, port, family, inode: 5 }]);
  });

  it('leaves out sockets that do not listen, well formed or not', () => {
    const file = HEADING + row('0100007F:17AC', '01', 5) + row('0100007F:17AC', '06', 6) + 'x\n\n   \n0: zz zz 0\n';
    expect(parseIn(parseListenSockets, file)).toEqual([]);
  });

  it('reads rows padded with blanks', () => {
    const padded = row('0100007F:0050', '0A', 5).replace('\n', '          \n');
    expect(parseIn(parseListenSockets, HEADING + padded)).toHaveLength(1);
  });

  it.each([
    ['empty', ''],
    ['another file', 'Inter-|   Receive\n'],
    ['a listener with a broken address', HEADING + row('0100007:17AC', '0A', 5)],
    ['a listener with a broken inode', HEADING + row('0100007F:17AC', '0A', 'x')],
    ['cut within a listener', HEADING + row('0100007F:17AC', '0A', 5).slice(0, 60)],
  ])('malformed: %s', (_, file) => {
    expect(parseIn(parseListenSockets, file)).toBeUndefined();
  });

  it('keeps 4096 sockets at most', () => {
    expect(parseIn(parseListenSockets, HEADING + row('0100007F:17AC', '0A', 5).repeat(5000))).toHaveLength(4096);
  });

  it('gives back any IPv4 address, port and inode', () => {
    const byte = fc.nat({ max: 255 });
    fc.assert(
      fc.property(fc.tuple(byte, byte, byte, byte), fc.nat({ max: 65_535 }), fc.nat(), (address, port, inode) => {
        const hex = (value: number, width: number): string => value.toString(16).toUpperCase().padStart(width, '0');
        const local = `${address
          .toReversed()
          .map((part) => hex(part, 2))
          .join('')}:${hex(port, 4)}`;
        const file = HEADING + row(local, '0A', inode);
        expect(parseIn(parseListenSockets, file)).toEqual([{ address: address.join('.'), port, family: 4, inode }]);
      }),
    );
  });
});

describe('ListenerRows', () => {
  const LISTENS = row('0100007F:17AC', '0A', 5);
  const CONNECTED = row('0100007F:17AC', '01', 6);

  /** Hands the file over in slices, and says how much was wanted and how much of it holds listeners. */
  function sliced(file: string, sliceBytes: number): { read: number; end: number; all: boolean } {
    const bytes = Buffer.from(file);
    const rows = new ListenerRows();
    for (let length = sliceBytes; length < bytes.length + sliceBytes; length += sliceBytes) {
      const read = Math.min(length, bytes.length);
      if (rows.seenAll(bytes, read)) return { read, end: rows.end, all: true };
    }
    return { read: bytes.length, end: rows.end, all: false };
  }

  it('has seen all at the first row that does not listen', () => {
    const listeners = HEADING + LISTENS + LISTENS;
    const file = listeners + CONNECTED.repeat(50);
    for (const sliceBytes of [1, 7, 150, 512, 100_000])
      expect(sliced(file, sliceBytes)).toMatchObject({ end: listeners.length, all: true });
    // The heading and three rows of 150 bytes or so begin in the second slice of 512 bytes at the latest.
    expect(sliced(file, 512).read).toBeLessThanOrEqual(1024);
  });

  it('cannot tell by listeners alone', () => {
    const file = HEADING + LISTENS + LISTENS;
    expect(sliced(file, 10)).toEqual({ read: file.length, end: file.length, all: false });
  });

  it('does not count a row of which the end is missing', () => {
    expect(sliced((HEADING + LISTENS).slice(0, -1), 10)).toMatchObject({ end: HEADING.length, all: false });
  });

  it('stops at what no reader would keep', () => {
    const file = HEADING + LISTENS.repeat(5000);
    expect(sliced(file, 512)).toMatchObject({ end: HEADING.length + 4096 * LISTENS.length, all: true });
  });
});

describe('socketInode', () => {
  it('reads socket links and nothing else', () => {
    expect(socketInode('socket:[342]')).toBe(342);
    for (const target of ['pipe:[342]', '/dev/null', 'socket:[]', 'socket:[1]x', '/a/socket:[1]', '']) {
      expect(socketInode(target)).toBeUndefined();
    }
  });
});
