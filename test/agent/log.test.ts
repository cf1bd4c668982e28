import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLogger } from '../../src/agent/log.ts';
import type { LogFormat, LogLevel } from '../../src/agent/log-options.ts';
import { logfmtLine } from '../../src/agent/logfmt.ts';

function logged(
  format: LogFormat,
  level: LogLevel,
): { readonly lines: string[]; readonly logger: ReturnType<typeof createLogger> } {
  const lines: string[] = [];
  return { lines, logger: createLogger({ format, level, destination: { write: (line) => lines.push(line) } }) };
}

test('json lines carry ISO time, the level by name, the message and the fields, and nothing else', () => {
  const { lines, logger } = logged('json', 'info');
  logger.warn({ reader: 'cpu.stat', count: 3, gone: undefined }, 'cannot be read');
  expect(lines).toHaveLength(1);
  const { time, ...rest } = JSON.parse(lines[0]!) as Record<string, unknown>;
  expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(rest).toEqual({ level: 'warn', reader: 'cpu.stat', count: 3, msg: 'cannot be read' });
});

test('logfmt lines have time, level and message first', () => {
  const { lines, logger } = logged('logfmt', 'debug');
  logger.debug({ path: '/proc/1/stat', pid: 1 }, 'cannot be read');
  expect(lines[0]).toMatch(/^time=\S+Z level=debug msg="cannot be read" path=\/proc\/1\/stat pid=1\n$/);
});

test.each<[LogLevel, string[]]>([
  ['debug', ['debug', 'info', 'warn', 'error']],
  ['info', ['info', 'warn', 'error']],
  ['warn', ['warn', 'error']],
  ['error', ['error']],
])('level %s', (level, expected) => {
  const { lines, logger } = logged('json', level);
  logger.debug({}, 'm');
  logger.info({}, 'm');
  logger.warn({}, 'm');
  logger.error({}, 'm');
  expect(lines.map((line) => (JSON.parse(line) as { level: string }).level)).toEqual(expected);
});

test.each<[unknown, string]>([
  ['plain', 'plain'],
  ['', '""'],
  ['a b', '"a b"'],
  ['a=b', '"a=b"'],
  ['say "x"', '"say \\"x\\""'],
  ['back\\slash', '"back\\\\slash"'],
  ['line\nlevel=error', '"line\\nlevel=error"'],
  ['\u001b[31m', '"\\u001b[31m"'],
  ['\u007f\u0085\u2028', '"\\u007f\\u0085\\u2028"'],
  ['\u202eabc', '"\\u202eabc"'],
  ['caf\u00e9', '"caf\u00e9"'],
  [12.5, '12.5'],
  [true, 'true'],
  [null, 'null'],
  [{ a: [1, 2] }, '"{\\"a\\":[1,2]}"'],
])('logfmt value %j', (value, expected) => {
  expect(logfmtLine({ key: value })).toBe(`key=${expected}`);
});

test('a key with odd letters cannot make a second key', () => {
  expect(logfmtLine({ 'a b="': 1 })).toBe('a_b__=1');
});

test('whatever the fields, one record is one line of printable text', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue())), (record) => {
      expect(logfmtLine(record)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
  );
});
