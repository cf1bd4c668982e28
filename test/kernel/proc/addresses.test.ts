import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFibTrie, parseIfInet6 } from '../../../src/kernel/proc/addresses.ts';
import { ipv6Text } from '../../../src/kernel/proc/ip-address.ts';
import { parseIn } from './shared-buffer.ts';

const TRIE = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 10.244.1.0/24 2 0 2
        |-- 10.244.1.0
           /24 link UNICAST
        |-- 10.244.1.17
           /32 host LOCAL
        |-- 10.244.1.255
           /32 link BROADCAST
     +-- 127.0.0.0/8 2 0 2
        |-- 127.0.0.0
           /8 host LOCAL
        |-- 127.0.0.1
           /32 host LOCAL
`;

describe('parseFibTrie', () => {
  it('finds the pod address once, without loopback, networks and broadcasts', () => {
    expect(parseIn(parseFibTrie, TRIE + TRIE.replace('Main', 'Local'))).toEqual(['10.244.1.17']);
  });

  it('keeps several addresses in order', () => {
    const file =
      'Local:\n  |-- 10.0.0.9\n     /32 host LOCAL\n  |-- 10.0.0.3\n     /32 link UNICAST\n     /32 host LOCAL\n';
    expect(parseIn(parseFibTrie, file)).toEqual(['10.0.0.9', '10.0.0.3']);
  });

  it('a namespace without routes has none; a file without a leaf is malformed', () => {
    expect(parseIn(parseFibTrie, '')).toEqual([]);
    expect(parseIn(parseFibTrie, 'text\n')).toBeUndefined();
  });

  it('does not take a leaf that is no address, nor the one before it', () => {
    expect(parseIn(parseFibTrie, '|-- 10.0.0.1\n|-- nonsense\n/32 host LOCAL\n')).toEqual([]);
  });

  it('keeps 1024 addresses at most', () => {
    const leaf = (index: number): string => `|-- 10.0.${index >> 8}.${index & 255}\n /32 host LOCAL\n`;
    const file = Array.from({ length: 3000 }, (_, index) => leaf(index)).join('');
    expect(parseIn(parseFibTrie, file)).toHaveLength(1024);
  });
});

describe('parseIfInet6', () => {
  it('keeps global addresses and leaves out loopback and link-local ones', () => {
    const file =
      '00000000000000000000000000000001 01 80 10 80       lo\n' +
      'fd000000000000000000000000000002 04 40 00 82     eth0\n' +
      'fe8000000000000000fc00fffe000001 04 40 20 80     eth0\n';
    expect(parseIn(parseIfInet6, file)).toEqual(['fd00::2']);
    expect(parseIn(parseIfInet6, '')).toEqual([]);
  });

  it.each(['nonsense\n', 'fd00 04 40 00 82 eth0\n', `${'f'.repeat(32)} 04 40\n`])('malformed: %j', (file) => {
    expect(parseIn(parseIfInet6, file)).toBeUndefined();
  });
});

describe('ipv6Text', () => {
  it.each([
    [[0, 0, 0, 0, 0, 0, 0, 0], '::'],
    [[1, 0, 0, 0, 0, 0, 0, 0], '1::'],
    [[0, 0, 0, 0, 0, 0, 0, 1], '::1'],
    [[0x2001, 0xdb8, 0, 1, 1, 1, 1, 1], '2001:db8:0:1:1:1:1:1'],
    [[0x2001, 0xdb8, 0, 0, 1, 0, 0, 1], '2001:db8::1:0:0:1'],
    [[0x2001, 0, 0, 1, 0, 0, 0, 1], '2001:0:0:1::1'],
  ])('%j is %s', (groups, text) => {
    expect(ipv6Text(groups)).toBe(text);
  });

  it('writes what the platform reads back as the same address', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constant(0), fc.nat({ max: 0xffff })), { minLength: 8, maxLength: 8 }),
        (groups) => {
          fc.pre(!(groups.slice(0, 5).every((group) => group === 0) && (groups[5] === 0 || groups[5] === 0xffff)));
          expect(new URL(`http://[${ipv6Text(groups)}]/`).hostname).toBe(`[${ipv6Text(groups)}]`);
        },
      ),
    );
  });
});
