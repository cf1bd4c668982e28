import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAtLeast, parseGoVersion } from '../../src/go/version.ts';

describe('parseGoVersion', () => {
  it.each([
    ['go1.26.4', 26, 4, ''],
    ['go1.18', 18, undefined, ''],
    ['go1.27rc1', 27, undefined, 'rc1'],
    ['go1.9.2beta1', 9, 2, 'beta1'],
    ['go1.25.6 X:greenteagc', 25, 6, ' X:greenteagc'],
    ['go1.26.4-X:goroutineleakprofile', 26, 4, '-X:goroutineleakprofile'],
    ['go1.21.4 (Red Hat 1.21.4-1.el9)', 21, 4, ' (Red Hat 1.21.4-1.el9)'],
    ['go1.22.5-fips', 22, 5, '-fips'],
    ['devel go1.27-abc123 Tue Nov 3 10:00:00 2026 +0000', 27, undefined, '-abc123 Tue Nov 3 10:00:00 2026 +0000'],
  ])('reads %s', (text, minor, patch, suffix) => {
    expect(parseGoVersion(text)).toEqual({ text, major: 1, minor, patch, suffix });
  });

  it.each([
    '',
    'go',
    'go1',
    'devel +0a1b2c3',
    '1.25.1',
    'rustc 1.80',
    'go1.25\n',
    `go1.25 ${'x'.repeat(300)}`,
    'go1.99999',
  ])('finds no release in %j', (text) => {
    expect(parseGoVersion(text)).toBeUndefined();
  });

  it('takes a release candidate as its release', () => {
    const version = parseGoVersion('go1.25rc2')!;
    expect(isAtLeast(version, 1, 25)).toBe(true);
    expect(isAtLeast(version, 1, 26)).toBe(false);
    expect(isAtLeast(parseGoVersion('go2.0')!, 1, 25)).toBe(true);
  });

  it('gives back the numbers it was given, and never throws', () => {
    fc.assert(
      fc.property(fc.nat(999), fc.nat(9999), fc.nat(9999), (major, minor, patch) => {
        expect(parseGoVersion(`go${major}.${minor}.${patch}`)).toMatchObject({ major, minor, patch, suffix: '' });
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        const version = parseGoVersion(text);
        expect(version === undefined || version.text === text).toBe(true);
      }),
    );
  });
});
