import { expect, test } from 'vitest';
import { outcomeOf } from '../../../src/agent/alert-push/outcome.ts';
import { found, missed } from '../../../src/base/reading.ts';

const answer = (status: number, text = '') => outcomeOf(found({ status, text, latencyMs: 250 }));

test('2xx is accepted', () => {
  expect(answer(200)).toEqual({ kind: 'accepted', latencySeconds: 0.25 });
  expect(answer(204).kind).toBe('accepted');
});

test.each([400, 413, 422])('HTTP %i is no use to send again', (status) => {
  expect(answer(status, '"start time must be before end time"\n')).toEqual({
    kind: 'refused',
    detail: `HTTP ${status}: "start time must be before end time"`,
  });
});

test.each([401, 403, 404, 408, 429, 500, 502, 503])('HTTP %i may be better later', (status) => {
  expect(answer(status)).toEqual({ kind: 'failed', detail: `HTTP ${status}` });
});

test('a redirect says that it is not followed', () => {
  expect(answer(302)).toEqual({ kind: 'failed', detail: 'HTTP 302, redirects are not followed' });
});

test('the text of a server is one line of bounded length', () => {
  const { detail } = answer(500, `a\u001b[31m\r\n\u2028b${'x'.repeat(1000)}`) as { detail: string };
  expect(detail).toHaveLength(300);
  expect(detail).toMatch(/^HTTP 500: a \[31m bx+$/);
});

test('no answer may be better later', () => {
  expect(outcomeOf(missed('failed', 'alertmanager', 'http://am', 'ECONNREFUSED'))).toEqual({
    kind: 'failed',
    detail: 'http://am: ECONNREFUSED',
  });
});
