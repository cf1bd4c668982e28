import { describe, expect, it } from 'vitest';
import type { Miss } from '../../../src/base/reading.ts';
import { plainCandidate } from '../../../src/sample/endpoints/discover-place.ts';
import { PlaceMemory } from '../../../src/sample/endpoints/place-memory.ts';

const place = plainCandidate('10.0.0.7', 8080, '0.0.0.0:8080', true);
const miss = (kind: Miss['kind'], detail: string): Miss => ({ kind, reader: 'metrics', source: '', detail });

describe('PlaceMemory', () => {
  it('leaves a place alone that speaks something else, and no other', () => {
    const places = new PlaceMemory();
    places.note(place, miss('unsupported', 'gRPC or HTTP/2 only'));
    expect(places.leftAlone(place)).toBe('gRPC or HTTP/2 only');
    expect(places.leftAlone({ ...place, port: 8081 })).toBeUndefined();
    // Configured as https it is another place.
    expect(places.leftAlone({ ...place, tls: true })).toBeUndefined();
  });

  it('leaves a place alone that hung up three times', () => {
    const places = new PlaceMemory();
    for (let count = 0; count < 2; count++) places.note(place, miss('failed', 'ECONNRESET'));
    expect(places.leftAlone(place)).toBeUndefined();
    places.note(place, miss('failed', 'ECONNRESET'));
    expect(places.leftAlone(place)).toBe('hung up 3 times: not HTTP/1');
  });

  it('gives no place up for silence or a missing path', () => {
    const places = new PlaceMemory();
    for (let count = 0; count < 9; count++) {
      places.note(place, miss('failed', 'no complete answer within 400 ms'));
      places.note(place, miss('absent', '404'));
    }
    expect(places.leftAlone(place)).toBeUndefined();
  });
});

it('counts only hang-ups in a row', () => {
  const places = new PlaceMemory();
  for (let count = 0; count < 5; count++) {
    places.note(place, miss('failed', 'ECONNRESET'));
    places.note(place, miss('failed', 'ECONNRESET'));
    places.answered(place);
  }
  expect(places.leftAlone(place)).toBeUndefined();
});
