import fc from 'fast-check';
import { expect, test } from 'vitest';
import { alternativeNames } from '../../src/io/tls-client.ts';

// The forms are those of node:crypto, X509Certificate.subjectAltName.
test.each([
  [
    'DNS:a.example, IP Address:10.0.0.1, email:me@a.example, URI:https://a.example/b',
    ['a.example', '10.0.0.1', 'me@a.example', 'https://a.example/b'],
  ],
  ['DNS:*.a.example', ['*.a.example']],
  ['IP Address:0:0:0:0:0:0:0:1, IP Address:2001:DB8:0:0:0:0:0:1', ['::1', '2001:db8::1']],
  ['DNS:"a, DNS:evil.example"', ['a, DNS:evil.example']],
  ['DNS:"a\\", DNS:evil.example"', ['a", DNS:evil.example']],
  ['URI:"http://a/, DNS:evil.example", DNS:b', ['http://a/, DNS:evil.example', 'b']],
  ['DirName:"CN = x, DNS:evil.example", DNS:b', ['b']],
  ['Registered ID:1.2.3, othername:<unsupported>, DNS:b', ['b']],
  ['', []],
  ['nonsense', []],
  // Not a form Node writes: nothing of it is believed.
  ['DNS:"a, DNS:evil.example', []],
  ['DNS:a"b, DNS:evil.example', []],
])('names of %j', (text, expected) => {
  expect(alternativeNames(text)).toEqual(expected);
});

test('a quoted name never becomes two', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (name) => {
      expect(alternativeNames(`DNS:${JSON.stringify(name)}`)).toEqual([name]);
    }),
  );
});
