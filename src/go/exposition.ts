import { type Labels, parseLabels, unescapeQuoted } from './exposition-labels.ts';

const NEWLINE = 0x0a;
const SPACE = 0x20;
const TAB = 0x09;
const HASH = 0x23;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const MAX_LINE = 64 * 1024;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Metric names looked for, indexed so that most lines are dismissed without making a string. */
export class WantedNames {
  readonly #byLength = new Map<number, { readonly name: string; readonly bytes: Buffer }[]>();

  constructor(names: Iterable<string>) {
    for (const name of names) {
      const bytes = Buffer.from(name);
      const sameLength = this.#byLength.get(bytes.length) ?? [];
      sameLength.push({ name, bytes });
      this.#byLength.set(bytes.length, sameLength);
    }
  }

  /** The wanted name equal to bytes[start..end), or undefined. */
  find(bytes: Buffer, start: number, end: number): string | undefined {
    return this.#byLength.get(end - start)?.find((candidate) => candidate.bytes.compare(bytes, start, end) === 0)?.name;
  }
}

/** How many samples with a wanted name were handed over, and how many of their lines could not be read. */
export interface ExpositionCounts {
  readonly samples: number;
  readonly malformed: number;
}

/**
 * Goes through an exposition text (Prometheus 0.0.4 and 1.0.0, OpenMetrics 1.0) and hands over each sample whose name is wanted.
 * `labels` is read only when called and gives undefined when the labels are broken. Values may be NaN or infinite. Timestamps and
 * exemplars are passed over; `# EOF` ends the text. Lines over 64 KiB and lines that are no sample are left out.
 * Source: prometheus/common expfmt text_parse.go, the OpenMetrics 1.0 specification.
 */
export function parseExposition(
  body: Uint8Array,
  wanted: WantedNames,
  onSample: (name: string, labels: () => Labels | undefined, value: number) => void,
): ExpositionCounts {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  let [samples, malformed] = [0, 0];
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline;
    const first = skipBlanks(bytes, start, end);
    if (bytes[first] === HASH) {
      if (bytes.toString('latin1', first, Math.min(end, first + 6)).trimEnd() === '# EOF') break;
    } else if (first < end && end - first <= MAX_LINE) {
      const outcome = readSample(bytes, first, end, wanted, onSample);
      if (outcome === true) samples += 1;
      else if (outcome === false) malformed += 1;
    }
    start = end + 1;
  }
  return { samples, malformed };
}

/** true: handed over; false: wanted and broken; undefined: not wanted. */
function readSample(
  bytes: Buffer,
  start: number,
  end: number,
  wanted: WantedNames,
  onSample: Parameters<typeof parseExposition>[2],
): boolean | undefined {
  const nameEnd = endOfName(bytes, start, end);
  let name = wanted.find(bytes, start, nameEnd);
  const quotedName = nameEnd === start && bytes[start] === OPEN;
  if (name === undefined && !quotedName) return undefined;
  let at = skipBlanks(bytes, nameEnd, end);
  let labels = (): Labels | undefined => new Map();
  if (bytes[at] === OPEN) {
    let open = at + 1;
    const close = endOfLabels(bytes, open, end);
    if (quotedName) {
      open = skipBlanks(bytes, open, end);
      const nameClose = endOfQuoted(bytes, open, end);
      if (nameClose < 0) return undefined;
      const text = Buffer.from(unescapeQuoted(bytes.toString('utf8', open + 1, nameClose)));
      name = wanted.find(text, 0, text.length);
      open = nameClose + 1;
    }
    if (name === undefined) return undefined;
    if (close < 0) return false;
    labels = () => parseLabels(bytes.toString('utf8', open, close));
    at = skipBlanks(bytes, close + 1, end);
  }
  if (name === undefined) return undefined;
  let valueEnd = at;
  while (valueEnd < end && bytes[valueEnd] !== SPACE && bytes[valueEnd] !== TAB) valueEnd += 1;
  const value = numberOf(bytes.toString('latin1', at, Math.min(valueEnd, at + 64)).trimEnd());
  if (value === undefined) return false;
  onSample(name, labels, value);
  return true;
}

function numberOf(text: string): number | undefined {
  if (NUMBER.test(text)) return Number(text);
  switch (text.toLowerCase()) {
    case 'nan':
      return Number.NaN;
    case 'inf':
    case '+inf':
      return Number.POSITIVE_INFINITY;
    case '-inf':
      return Number.NEGATIVE_INFINITY;
    default:
      return undefined;
  }
}

function endOfName(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== OPEN && bytes[at] !== SPACE && bytes[at] !== TAB) at += 1;
  return at;
}

/** The closing brace that is not inside a quoted value, or -1. */
function endOfLabels(bytes: Buffer, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    if (bytes[at] === CLOSE) return at;
    if (bytes[at] === QUOTE) {
      at = endOfQuoted(bytes, at, end);
      if (at < 0) return -1;
    }
  }
  return -1;
}

/** The quote that closes the one at `start`, or -1. */
function endOfQuoted(bytes: Buffer, start: number, end: number): number {
  if (bytes[start] !== QUOTE) return -1;
  for (let at = start + 1; at < end; at++) {
    if (bytes[at] === BACKSLASH) at += 1;
    else if (bytes[at] === QUOTE) return at;
  }
  return -1;
}

function skipBlanks(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at += 1;
  return at;
}
