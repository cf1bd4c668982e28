import { expect, test } from 'vitest';
import { MissLog } from '../../src/agent/miss-log.ts';
import type { Logger } from '../../src/base/logger.ts';
import type { Miss, MissKind } from '../../src/base/reading.ts';

type Line = readonly [level: string, message: string, fields: Readonly<Record<string, unknown>>];

function recording(): { readonly lines: Line[]; readonly log: MissLog } {
  const lines: Line[] = [];
  const at = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) => {
    lines.push([level, message, fields]);
  };
  const logger: Logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  return { lines, log: new MissLog(logger) };
}

function miss(source: string, kind: MissKind = 'failed', reader = 'metrics'): Miss {
  return { kind, reader, source, detail: 'EIO' };
}

function many(count: number, kind: MissKind = 'failed'): Miss[] {
  return Array.from({ length: count }, (_, index) => miss(`/s/${index}`, kind));
}

test('a miss is told when it starts, changes its kind, and ends; not in between', () => {
  const { lines, log } = recording();
  log.note([miss('/a')]);
  log.note([miss('/a')]);
  log.note([miss('/a', 'denied')]);
  log.note([]);
  log.note([]);
  log.note([miss('/a')]);
  expect(lines).toEqual([
    ['warn', 'cannot be read', { reader: 'metrics', kind: 'failed', source: '/a', detail: 'EIO' }],
    ['warn', 'cannot be read', { reader: 'metrics', kind: 'denied', source: '/a', detail: 'EIO' }],
    ['info', 'read again, or gone', { reader: 'metrics', kind: 'denied', source: '/a' }],
    ['warn', 'cannot be read', { reader: 'metrics', kind: 'failed', source: '/a', detail: 'EIO' }],
  ]);
});

test('absent and unsupported are normal, and end a trouble', () => {
  const { lines, log } = recording();
  log.note([miss('/a', 'absent'), miss('/b', 'unsupported')]);
  expect(lines).toEqual([]);
  log.note([miss('/a', 'malformed')]);
  log.note([miss('/a', 'absent')]);
  expect(lines.map(([level]) => level)).toEqual(['warn', 'info']);
});

test('the same source under two readers is two, twice in one cycle is one', () => {
  const { lines, log } = recording();
  log.note([miss('/a'), miss('/a'), miss('/a', 'failed', 'expvar')]);
  expect(lines).toHaveLength(2);
});

test('20 changes are 20 lines, 21 are one', () => {
  const few = recording();
  few.log.note(many(20));
  few.log.note([]);
  expect(few.lines).toHaveLength(40);
  const crowd = recording();
  crowd.log.note([...many(21), miss('/x', 'denied', 'expvar')]);
  crowd.log.note([]);
  const fields = { sources: 22, groups: 'metrics failed: 21, expvar denied: 1', example: '/s/0 (EIO)' };
  expect(crowd.lines).toEqual([
    ['warn', 'many sources cannot be read', fields],
    ['info', 'many sources are read again, or gone', fields],
  ]);
});

test('4096 sources are remembered; the overflow is told once and again after it went away', () => {
  const { lines, log } = recording();
  const told = () => lines.filter(([, message]) => message.startsWith('too many')).map(([, , fields]) => fields);
  log.note(many(5000));
  log.note(many(5000));
  // 5000 - 4096
  expect(told()).toEqual([{ untracked: 904, remembered: 4096 }]);
  // First lines: the summary of 4096 and the overflow; the second cycle changed nothing.
  expect(lines).toHaveLength(2);
  log.note(many(4096));
  log.note(many(4097));
  expect(told()).toHaveLength(2);
});

test('a summary names at most ten groups', () => {
  const { lines, log } = recording();
  log.note(Array.from({ length: 25 }, (_, index) => miss('/a', 'failed', `reader${index}`)));
  expect(String(lines[0]?.[2]['groups'])).toMatch(/, and 15 more$/);
});
