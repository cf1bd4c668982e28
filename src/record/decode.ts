import { found, missed, type Reading } from '../base/reading.ts';
import { MAX_DEPTH, UNSAFE_KEYS } from './encode.ts';

/** Bounds on what is read back. A recording may come from anybody. */
export interface DecodeLimits {
  /** Of one line, in UTF-16 units. */
  readonly maxLength: number;
  /** Numbers, texts, lists, objects, all told. */
  readonly maxValues: number;
}

export const DECODE_LIMITS: DecodeLimits = { maxLength: 64 * 1024 * 1024, maxValues: 8_000_000 };

const MAX_BIGINT_DIGITS = 80;
const SPECIAL: ReadonlyMap<unknown, unknown> = new Map<unknown, unknown>([
  ['undefined', undefined],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
]);

class Refused extends Error {}

/**
 * The data of a line of `encodeLine`. Misses: `malformed` for what no writer of this version makes: other tags, keys that stand for
 * a prototype, Maps with a key twice; `failed` for a line over the limits. The result's own shape is not checked.
 */
export function decodeLine(line: string, limits: DecodeLimits = DECODE_LIMITS): Reading<unknown> {
  if (line.length > limits.maxLength) return refused('failed', `a line of over ${limits.maxLength} characters`);
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return refused('malformed', 'a line that is not JSON');
  }
  try {
    return found(new Decoder(limits.maxValues).value(json, 0));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return refused('malformed', error.message);
  }
}

function refused(kind: 'failed' | 'malformed', detail: string): Reading<never> {
  return missed(kind, 'recording', '', detail);
}

class Decoder {
  #left: number;

  constructor(maxValues: number) {
    this.#left = maxValues;
  }

  value(json: unknown, depth: number): unknown {
    this.#spend(1);
    if (typeof json !== 'object' || json === null) return json;
    // A tag is a level of its own.
    if (depth > 2 * MAX_DEPTH) throw new Refused('a line that is nested too deep');
    if (Array.isArray(json)) return this.#list(json, depth);
    const object = json as Readonly<Record<string, unknown>>;
    const keys = Object.keys(object);
    const [key = ''] = keys;
    return keys.length === 1 && key.startsWith('$') && !key.startsWith('$$') && key !== '$u'
      ? this.#tagged(key, object[key], depth)
      : this.#object(keys, object, depth);
  }

  #spend(values: number): void {
    this.#left -= values;
    if (this.#left < 0) throw new Refused('a line with too many values');
  }

  #list(list: readonly unknown[], depth: number): unknown[] {
    return list.map((item) => this.value(item, depth + 1));
  }

  #tagged(tag: string, content: unknown, depth: number): unknown {
    if (tag === '$v' && SPECIAL.has(content)) return SPECIAL.get(content);
    if (tag === '$b' && typeof content === 'string' && content.length <= MAX_BIGINT_DIGITS && /^-?\d+$/.test(content))
      return BigInt(content);
    if (tag === '$m') return this.#map(content, depth);
    if (tag === '$s' && Array.isArray(content)) return new Set(this.#list(content, depth));
    if (tag === '$o') {
      const pairs = [...this.#map(content, depth)].map(([key, value]) => [String(key), value] as const);
      return Object.fromEntries(pairs);
    }
    throw new Refused(`an unknown or wrong tag ${JSON.stringify(tag.slice(0, 20))}`);
  }

  #map(content: unknown, depth: number): Map<string | number, unknown> {
    if (!Array.isArray(content)) throw new Refused('a Map that is no list');
    const map = new Map<string | number, unknown>();
    for (const pair of content as readonly unknown[]) {
      if (!Array.isArray(pair) || pair.length !== 2) throw new Refused('a Map whose entry is no pair');
      const key = this.value(pair[0], depth + 2);
      if ((typeof key !== 'string' && typeof key !== 'number') || map.has(key))
        throw new Refused('a Map with a key that is twice there, or neither text nor number');
      map.set(key, this.value(pair[1], depth + 2));
    }
    return map;
  }

  #object(keys: readonly string[], object: Readonly<Record<string, unknown>>, depth: number): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    for (const key of keys) {
      if (key === '$u') continue;
      const name = key.startsWith('$$') ? key.slice(1) : key;
      if (UNSAFE_KEYS.has(key) || (name === key && key.startsWith('$')))
        throw new Refused(`a key ${JSON.stringify(key.slice(0, 20))} that no writer makes`);
      result[name] = this.value(object[key], depth + 1);
    }
    for (const key of this.#undefinedKeys(object['$u'])) {
      if (Object.hasOwn(result, key) || UNSAFE_KEYS.has(key)) throw new Refused('a field that is there and undefined');
      result[key] = undefined;
    }
    return result;
  }

  #undefinedKeys(list: unknown): readonly string[] {
    if (list === undefined) return [];
    if (!Array.isArray(list)) throw new Refused('a wrong $u');
    this.#spend(list.length);
    return list.map((key) => {
      if (typeof key !== 'string') throw new Refused('a wrong $u');
      return key;
    });
  }
}
