import { describe, expect, it } from 'vitest';
import { cellsOf, fit, folded, shown } from '../../../src/export/top/cell-text.ts';

const UTF8 = { unicode: true };

describe('text in cells', () => {
  it('holds nothing a terminal would obey, whoever named it', () => {
    expect(shown('a\u001b[2Jb\r\n\u009bc\u202ed', UTF8)).toBe('a?[2Jb???c?d');
    expect(shown('žluť 夜', UTF8)).toBe('žluť 夜');
    expect(shown('žluť 夜', { unicode: false })).toBe('?lu? ?');
    // Twenty accents on one letter: two stay, the first of them within the letter.
    expect(shown(`e${'\u0301'.repeat(20)}`, UTF8)).toBe('é\u0301\u0301');
    expect(shown('x'.repeat(1_000_000), UTF8)).toHaveLength(4000);
  });

  it('counts wide characters twice and marks not at all', () => {
    expect(cellsOf('abc')).toBe(3);
    expect(cellsOf('夜間')).toBe(4);
    expect(cellsOf('한국')).toBe(4);
    expect(cellsOf('ｶﾅ')).toBe(2);
    expect(cellsOf('🦫')).toBe(2);
    expect(cellsOf('e\u0301')).toBe(1);
    expect(cellsOf('█▒┃')).toBe(3);
  });

  it('is cut and filled to the cell', () => {
    expect(fit('abc', 5)).toBe('abc  ');
    expect(fit('abc', 5, 'right')).toBe('  abc');
    expect(fit('abcdefgh', 7)).toBe('abcde..');
    expect(fit('abcdefgh', 4)).toBe('abcd');
    // 3 wide ones are 6 cells; two and the dots would be 6, one blank is left of the 7.
    expect(fit('夜夜夜夜', 7)).toBe('夜夜.. ');
    expect(fit('夜', 1)).toBe(' ');
    expect(fit('abc', 0)).toBe('');
  });

  it('is folded at blanks, and within words that are too long', () => {
    expect(folded('one two three', 8)).toEqual(['one two', 'three']);
    expect(folded('  - one two three', 9, 4)).toEqual(['  - one', '    two', '    three']);
    expect(folded('abcdefgh', 3)).toEqual(['abc', 'def', 'gh']);
    expect(folded('夜夜夜', 4)).toEqual(['夜夜', '夜']);
    expect(folded('夜夜', 1)).toEqual(['夜', '夜']);
    expect(folded('', 10)).toEqual(['']);
  });
});
