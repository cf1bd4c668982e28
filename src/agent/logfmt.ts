/**
 * One record as logfmt: `time=... level=info msg="..." key=value`, fields in their own order after these three. Values with
 * blanks, quotes, `=` or anything outside printable ASCII are quoted and escaped, so no text of a pod can start a line.
 */
export function logfmtLine(record: Readonly<Record<string, unknown>>): string {
  const { time, level, msg, ...fields } = record;
  let line = '';
  for (const [key, value] of Object.entries({ time, level, msg, ...fields })) {
    if (value === undefined) continue;
    line += `${line === '' ? '' : ' '}${key.replace(/[^A-Za-z0-9_./-]/g, '_')}=${valueText(value)}`;
  }
  return line;
}

function valueText(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (/^[!#-<>-[\]-~]+$/.test(text)) return text;
  const quoted = JSON.stringify(text);
  return quoted.replace(/[\u007f-\u{10ffff}]/gu, (letter) => (isPlainLetter(letter) ? letter : escaped(letter)));
}

function isPlainLetter(letter: string): boolean {
  return /[\p{L}\p{N}\p{P}\p{S}\p{M}]/u.test(letter);
}

function escaped(letter: string): string {
  return Array.from({ length: letter.length }, (_, index) => {
    return `\\u${letter.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }).join('');
}
