import { plain } from '../terminal.ts';

/** What a terminal can show. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
  readonly color: boolean;
  /** false: the locale is not UTF-8, so that only ASCII is written. */
  readonly unicode: boolean;
}

/** Other people's text has no bound; no screen shows more of one than this. */
const MAX_CHARACTERS = 4000;
const NO_CELL = /[\p{Mn}\p{Me}\u1160-\u11ff]/u;
// East Asian Width W and F, as near as Unicode scripts tell it, and pictures. Halfwidth forms take one cell.
const TWO_CELLS =
  /[\p{sc=Han}\p{sc=Hangul}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Bopomofo}\p{sc=Yi}\p{sc=Tangut}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const HALF_WIDTH = /[\uff61-\uffdc]/u;

/** Text as it may go to this terminal: nothing it would obey, at most two marks on a letter, ASCII where the locale asks for it. */
export function shown(text: string, { unicode }: Pick<Screen, 'unicode'>): string {
  const safe = plain(text.slice(0, MAX_CHARACTERS).normalize('NFC'))
    .replaceAll('\ufe0f', '')
    .replace(/(\p{M}{2})\p{M}+/gu, '$1');
  return unicode ? safe : safe.replace(/[^ -~]/gu, '?');
}

/** Cells a terminal needs for text that {@link shown} has been through. */
export function cellsOf(text: string): number {
  let cells = 0;
  for (const character of text) cells += cellsOfCharacter(character);
  return cells;
}

/** Exactly `width` cells: cut, with `..` at the end to say so, or filled up with blanks on the right or the left. */
export function fit(text: string, width: number, side: 'left' | 'right' = 'left'): string {
  const cells = cellsOf(text);
  if (cells > width) {
    const dots = width >= 6 ? '..' : '';
    const cut = head(text, width - dots.length) + dots;
    return cut + ' '.repeat(width - cellsOf(cut));
  }
  const blanks = ' '.repeat(width - cells);
  return side === 'left' ? text + blanks : blanks + text;
}

/** Lines of at most `width` cells, broken at blanks, within a word where it is longer; all but the first `indent` blanks in. */
export function folded(text: string, width: number, indent = 0): string[] {
  const lines: string[] = [];
  const blanks = (count: number): string => ' '.repeat(Math.min(count, width - 1));
  let margin = blanks(/^ */.exec(text)?.[0].length ?? 0);
  let line = '';
  const room = (): number => Math.max(1, width - margin.length);
  const end = (): void => {
    lines.push((margin + line).trimEnd());
    margin = blanks(indent);
    line = '';
  };
  for (let word of text.trimStart().split(' ')) {
    if (line !== '' && cellsOf(line) + 1 + cellsOf(word) > room()) end();
    while (cellsOf(word) > room()) {
      // At least one character a line, also where it is wider than the line.
      line = head(word, room()) || String.fromCodePoint(word.codePointAt(0) ?? 0);
      word = word.slice(line.length);
      end();
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  if (line !== '' || lines.length === 0) end();
  return lines;
}

/** As many characters from the start as fit. */
function head(text: string, width: number): string {
  let cells = 0;
  let length = 0;
  for (const character of text) {
    cells += cellsOfCharacter(character);
    if (cells > width) break;
    length += character.length;
  }
  return text.slice(0, length);
}

function cellsOfCharacter(character: string): number {
  if (character >= ' ' && character <= '~') return 1;
  if (NO_CELL.test(character)) return 0;
  return TWO_CELLS.test(character) && !HALF_WIDTH.test(character) ? 2 : 1;
}
