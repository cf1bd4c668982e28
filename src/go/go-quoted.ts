const SIMPLE: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
  "'": 39,
  '"': 34,
};

/** A Go string literal at the start of a text. */
export interface GoQuoted {
  readonly value: string;
  /** Characters of the text it took, quotes included. */
  readonly length: number;
}

/**
 * Reads the Go string literal (`"..."` or `` `...` ``) that `text` starts with. Bytes that are not UTF-8 become U+FFFD.
 * Returns undefined when there is none or it is broken. Source: Go strconv.QuotedPrefix and strconv.Unquote.
 */
export function readGoQuoted(text: string): GoQuoted | undefined {
  if (text.startsWith('`')) {
    const end = text.indexOf('`', 1);
    return end < 0 ? undefined : { value: text.slice(1, end).replaceAll('\r', ''), length: end + 1 };
  }
  if (!text.startsWith('"')) return undefined;
  const parts: Buffer[] = [];
  let plain = 1;
  for (let at = 1; at < text.length; ) {
    const character = text[at];
    if (character === '\n') return undefined;
    if (character === '"') {
      parts.push(Buffer.from(text.slice(plain, at)));
      return { value: Buffer.concat(parts).toString('utf8'), length: at + 1 };
    }
    if (character !== '\\') {
      at += 1;
      continue;
    }
    const escape = readEscape(text, at + 1);
    if (escape === undefined) return undefined;
    parts.push(Buffer.from(text.slice(plain, at)), escape.bytes);
    at += 1 + escape.length;
    plain = at;
  }
  return undefined;
}

function readEscape(text: string, at: number): { readonly bytes: Buffer; readonly length: number } | undefined {
  const kind = text[at] ?? '';
  const simple = SIMPLE[kind];
  if (simple !== undefined) return { bytes: Buffer.of(simple), length: 1 };
  if (kind >= '0' && kind <= '7') {
    const code = /^[0-7]{3}$/.test(text.slice(at, at + 3)) ? Number.parseInt(text.slice(at, at + 3), 8) : 256;
    return code > 255 ? undefined : { bytes: Buffer.of(code), length: 3 };
  }
  const digits = kind === 'x' ? 2 : kind === 'u' ? 4 : kind === 'U' ? 8 : 0;
  const hex = text.slice(at + 1, at + 1 + digits);
  if (digits === 0 || hex.length !== digits || !/^[0-9a-fA-F]+$/.test(hex)) return undefined;
  const code = Number.parseInt(hex, 16);
  if (kind === 'x') return { bytes: Buffer.of(code), length: 3 };
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined;
  return { bytes: Buffer.from(String.fromCodePoint(code)), length: 1 + digits };
}
