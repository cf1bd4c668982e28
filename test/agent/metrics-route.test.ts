import { expect, test } from 'vitest';
import { chosenCollectors } from '../../src/agent/metrics-route.ts';
import { COLLECTOR_NAMES } from '../../src/export/collectors.ts';

const all = new Set(COLLECTOR_NAMES);
const asked = (query: string, enabled: ReadonlySet<string> = all): readonly string[] | string => {
  const chosen = chosenCollectors(new URL(`http://a/metrics${query}`).searchParams, enabled);
  return typeof chosen === 'string' ? chosen : [...chosen];
};

test('a scrape without a choice gets what is on', () => {
  expect(asked('')).toEqual(COLLECTOR_NAMES);
  expect(asked('?other=1', new Set(['cpu']))).toEqual(['cpu']);
});

test('collect[] and exclude[] choose', () => {
  expect(asked('?collect[]=go&collect%5B%5D=cpu&collect[]=go')).toEqual(['go', 'cpu']);
  expect(asked('?exclude[]=io')).toEqual(COLLECTOR_NAMES.filter((name) => name !== 'io'));
  expect(asked(`?${COLLECTOR_NAMES.map((name) => `exclude[]=${name}`).join('&')}`)).toEqual([]);
  // What is off anyway may be left out once more.
  expect(asked('?exclude[]=io', new Set(['cpu']))).toEqual(['cpu']);
});

test.each([
  ['?collect[]=cpu&exclude[]=io', 'collect[] and exclude[] cannot be combined'],
  ['?collect[]=io', 'the collector io is switched off'],
])('%s is refused', (query, message) => {
  expect(asked(query, new Set(['cpu']))).toBe(message);
});

test.each(['collect[]=cpus', 'exclude[]=cpus', 'collect[]='])('an unknown name is refused: %s', (query) => {
  expect(asked(`?${query}`)).toMatch(/^there is no collector "(cpus)?"; known: findings, node, /);
});

test('a long name is not sent back whole', () => {
  expect(asked(`?collect[]=${'x'.repeat(10_000)}`).length).toBeLessThan(300);
});
