import { expect, test } from 'vitest';
import { suggestionFor } from '../../src/config/suggest.ts';

const KEYS = ['interval', 'endpoints', 'thresholds', 'rules', 'profileInterval', 'port'];

test.each([
  ['intervl', 'interval'],
  ['Interval', 'interval'],
  ['profile_interval', 'profileInterval'],
  ['endpoint', 'endpoints'],
  ['treshold', 'thresholds'],
  ['prt', 'port'],
  ['rule', 'rules'],
  ['logging', undefined],
  ['', undefined],
  ['x'.repeat(100_000), undefined],
])('%s was meant as %s', (word, expected) => {
  expect(suggestionFor(word, KEYS)).toBe(expected);
});
