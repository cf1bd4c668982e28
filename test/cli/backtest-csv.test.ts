import { describe, expect, it } from 'vitest';
import { type Columns, columnsOf, csvFields, rowOf } from '../../src/cli/backtest-csv.ts';

function columns(line: string): Columns {
  const found = columnsOf(line);
  if (typeof found === 'string') throw new Error(found);
  return found;
}

describe('fields', () => {
  it.each([
    ['a,b,,c', ['a', 'b', '', 'c']],
    ['"a,b",c', ['a,b', 'c']],
    ['"he said ""no""",', ['he said "no"', '']],
    ['', ['']],
  ])('%j', (line, fields) => {
    expect(csvFields(line)).toEqual(fields);
  });

  it('refuses a quote that is not closed, and more fields than any history has', () => {
    expect(csvFields('"a,b')).toBeUndefined();
    expect(csvFields(','.repeat(64))).toBeUndefined();
    expect(csvFields(`"",${','.repeat(64)}`)).toBeUndefined();
    expect(csvFields(','.repeat(63))).toHaveLength(64);
  });
});

describe('the first line', () => {
  it('names columns in any order, with others between and a byte order mark before', () => {
    expect([...columns('\uFEFFgoroutines, host ,time')]).toEqual([
      ['goroutines', 0],
      ['time', 2],
    ]);
  });

  it.each([
    ['time,count', 'the first line has no column goroutines'],
    ['1790000000,5', 'the first line has no column time and no column goroutines'],
    ['time,goroutines,time', 'column time is there twice'],
    ['"time', 'the first line is no list of columns'],
  ])('%j: %s', (line, problem) => {
    expect(columnsOf(line)).toBe(problem);
  });
});

describe('a row', () => {
  const all = columns('time,goroutines,subject,memory_current_bytes,memory_max_bytes,stack_inuse_bytes,uptime_seconds');

  it('has what is there, and nothing made up for what is not', () => {
    expect(rowOf('1790000000.5,12,shop/web,1048576,2097152,24576,60', all)).toEqual({
      subject: 'shop/web',
      sample: {
        atSeconds: 1_790_000_000.5,
        goroutines: 12,
        memoryCurrentBytes: 1_048_576,
        memoryLimitBytes: 2_097_152,
        stackInuseBytes: 24_576,
        uptimeSeconds: 60,
      },
    });
    expect(rowOf('1.79e9, 12 ,,,,,', all)).toEqual({
      subject: '',
      sample: { atSeconds: 1_790_000_000, goroutines: 12 },
    });
    expect(rowOf('1790000000,12', all)).toEqual({ subject: '', sample: { atSeconds: 1_790_000_000, goroutines: 12 } });
  });

  it.each(['max', '0', '9223372036854771712'])('a limit of %s is none', (limit) => {
    expect(rowOf(`1790000000,12,,5,${limit}`, all)).toEqual({
      subject: '',
      sample: { atSeconds: 1_790_000_000, goroutines: 12, memoryCurrentBytes: 5 },
    });
  });

  it.each([
    ['x,12', 'time is no number'],
    ['1790000000000,12', 'time is not in seconds'],
    ['-5,12', 'time is no number'],
    ['1790000000,', 'goroutines is no whole number'],
    ['1790000000,1.5', 'goroutines is no whole number'],
    ['1790000000,NaN', 'goroutines is no whole number'],
    ['1790000000,99999999999999999', 'goroutines is no whole number'],
    ['1790000000,5,,lots', 'memory_current_bytes is no number'],
    ['1790000000,0x10', 'goroutines is no whole number'],
    ['"1790000000,5', 'a quote is not closed, or too many fields'],
  ])('%j: %s', (line, problem) => {
    expect(rowOf(line, all)).toBe(problem);
  });
});
