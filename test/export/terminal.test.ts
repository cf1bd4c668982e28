import { describe, expect, it } from 'vitest';
import { cellName, columns, paint, plain, wrap } from '../../src/export/terminal.ts';

describe('text for a terminal', () => {
  it('holds no character a terminal would obey', () => {
    expect(plain('a\u001b[31mb\nc\td\u0007\u007f\u009b')).toBe('a?[31mb?c?d???');
    // Right-to-left override, zero width space, line separator, half a surrogate pair.
    expect(plain('\u202ex\u200by\u2028z\ud800')).toBe('?x?y?z?');
    expect(plain('žluť 夜 🦫')).toBe('žluť 夜 🦫');
  });

  it('cuts a name that no table can hold', () => {
    expect(cellName('abc', 3)).toBe('abc');
    expect(cellName('abcdef', 5)).toBe('ab...');
    expect(cellName('\u001babc', 8)).toBe('?abc');
  });

  it('has colours only when the terminal has', () => {
    expect(paint('x', 'red', { columns: 80, color: true })).toBe('\u001b[31mx\u001b[0m');
    expect(paint('x', 'red', { columns: 80, color: false })).toBe('x');
  });

  it('sets columns two blanks apart, numbers to the right, without blanks at the end', () => {
    const rows = [
      ['NAME', 'N', 'END'],
      ['a', '100', ''],
      ['longer', '1', 'x'],
    ];
    expect(columns(rows, new Set([1]))).toEqual(['NAME      N  END', 'a       100', 'longer    1  x']);
    expect(columns([], new Set())).toEqual([]);
  });

  it('breaks lines at blanks and indents all but the first', () => {
    expect(wrap('one two three four five six seven', 24, 4)).toBe('one two three four\n    five six seven');
    expect(wrap('x'.repeat(50), 24, 4)).toBe('x'.repeat(50));
  });
});
