import { type CST, Lexer, type LineCounter, Parser } from 'yaml';

/** Far above what a configuration needs, far below what exhausts the stack or a small container's memory. */
const MAX_DEPTH = 100;
const MAX_LEXEMES = 100_000;

/** Why a text is refused before it is composed, and where. */
export interface TokenRefusal {
  readonly offset: number;
  readonly message: string;
}

/**
 * The tokens of a YAML text. Composing them recurses, and a regular expression first compiled at the very end of the stack
 * ends the process, so depth and size are bounded here, where nothing recurses.
 */
export function yamlTokens(text: string, lines: LineCounter): CST.Token[] | TokenRefusal {
  const tokens: CST.Token[] = [];
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    lexemes += 1;
    if (lexemes > MAX_LEXEMES) return { offset: parser.offset, message: `has over ${MAX_LEXEMES} parts` };
    tokens.push(...parser.next(lexeme));
  }
  tokens.push(...parser.end());
  for (const token of tokens) {
    const deep = token.type === 'document' ? tooDeep(token.value) : undefined;
    if (deep !== undefined) return { offset: deep, message: `is nested over ${MAX_DEPTH} levels deep` };
  }
  return tokens;
}

/** Offset of a node nested too deep under `root`. */
function tooDeep(root: CST.Token | undefined): number | undefined {
  const pending = root === undefined ? [] : [{ token: root, depth: 1 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { token, depth } = next;
    if (depth > MAX_DEPTH) return token.offset;
    if (!('items' in token)) continue;
    for (const item of token.items) {
      if (item.key !== undefined && item.key !== null) pending.push({ token: item.key, depth: depth + 1 });
      if (item.value !== undefined) pending.push({ token: item.value, depth: depth + 1 });
    }
  }
  return undefined;
}
