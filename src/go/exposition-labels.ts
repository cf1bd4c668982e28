/** Label names and values of one sample. */
export type Labels = ReadonlyMap<string, string>;

const LABEL =
  /[\t ,]*(?:([a-zA-Z_:][a-zA-Z0-9_:]*)|"([^"\\]*(?:\\.[^"\\]*)*)")[\t ]*=[\t ]*"([^"\\]*(?:\\.[^"\\]*)*)"[\t ]*(?=,|$)/y;

/**
 * Reads the text between a sample's braces, after its quoted metric name if it has one. Label names may be quoted (UTF-8 names).
 * Returns undefined when it is not a list of labels. Of a name given twice the later one holds.
 */
export function parseLabels(text: string): Labels | undefined {
  const labels = new Map<string, string>();
  const end = text.replace(/[\t ,]{1,64}$/, '').length;
  const pattern = new RegExp(LABEL);
  while (pattern.lastIndex < end) {
    const match = pattern.exec(text);
    if (match?.[3] === undefined) return undefined;
    labels.set(match[1] ?? unescapeQuoted(match[2] ?? ''), unescapeQuoted(match[3]));
  }
  return labels;
}

/** Undoes the three escapes of the format: backslash, quote and newline. Any other backslash stays. */
export function unescapeQuoted(text: string): string {
  return text.includes('\\')
    ? text.replace(/\\([\\"n])/g, (_, escaped) => (escaped === 'n' ? '\n' : String(escaped)))
    : text;
}
