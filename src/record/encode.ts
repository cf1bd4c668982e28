import { found, missed, type Reading } from '../base/reading.ts';

/** Data of these kinds can be written: what the sampler makes, and no instance of a class of its own. */
type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Deeper than any sample; what is deeper is no data but a mistake. */
export const MAX_DEPTH = 48;
/** Keys a reader would have to be careful with: an object that has one is written as a list of pairs. */
export const UNSAFE_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

export interface EncodeOptions {
  /** Called for each field of an object; what it gives is written in the field's place. Default: the value itself. */
  readonly replace?: (key: string, value: unknown) => unknown;
  /** Characters after which the walk is given up, about: the line is never made in full only to be found too long. Default: none. */
  readonly maxLength?: number;
}

class NotData extends Error {}

/**
 * Plain data as one line of JSON without a line feed. What JSON has no form for is tagged (docs/recording.md): Map, Set, bigint,
 * undefined, and the numbers NaN, Infinity, -Infinity and -0. Misses (`unsupported`): functions, symbols, instances of classes,
 * and data that is nested deeper than {@link MAX_DEPTH} or contains itself. `source` of the miss is the path to it.
 */
export function encodeLine(value: unknown, options: EncodeOptions = {}): Reading<string> {
  const path: string[] = [];
  const replace = options.replace ?? ((_key: string, field: unknown) => field);
  try {
    return found(
      JSON.stringify(new Encoder(replace, path, options.maxLength ?? Number.POSITIVE_INFINITY).value(value)),
    );
  } catch (error) {
    if (!(error instanceof NotData)) throw error;
    return missed('unsupported', 'recording', path.join('.'), error.message);
  }
}

class Encoder {
  readonly #replace: (key: string, value: unknown) => unknown;
  /** Where the walk is; left as it stood when it failed. */
  readonly #path: string[];
  #left: number;

  constructor(replace: (key: string, value: unknown) => unknown, path: string[], maxLength: number) {
    this.#replace = replace;
    this.#path = path;
    this.#left = maxLength;
  }

  value(value: unknown): Json {
    this.#spend(typeof value === 'string' ? value.length : 1);
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value;
      case 'number':
        return Number.isFinite(value) && !Object.is(value, -0)
          ? value
          : { $v: Object.is(value, -0) ? '-0' : `${value}` };
      case 'undefined':
        return { $v: 'undefined' };
      case 'bigint':
        return { $b: value.toString() };
      case 'object':
        return value === null ? null : this.#compound(value);
      default:
        throw new NotData(`a ${typeof value} is no data`);
    }
  }

  #spend(characters: number): void {
    this.#left -= characters;
    if (this.#left < 0) throw new NotData('too long');
  }

  #compound(value: object): Json {
    if (this.#path.length >= MAX_DEPTH) throw new NotData(`nested deeper than ${MAX_DEPTH}`);
    if (Array.isArray(value)) return this.#list(value);
    if (value instanceof Map) return { $m: this.#pairs(value) };
    if (value instanceof Set) return { $s: this.#list([...(value as Set<unknown>)]) };
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) throw new NotData('an instance of a class is no data');
    return this.#object(value as Readonly<Record<string, unknown>>);
  }

  #list(list: readonly unknown[]): Json[] {
    const result: Json[] = [];
    for (let index = 0; index < list.length; index += 1) {
      const item = list[index];
      // Histograms are long lists of these.
      if (typeof item === 'number' && Number.isFinite(item) && item !== 0) {
        this.#spend(1);
        result.push(item);
        continue;
      }
      this.#path.push(String(index));
      result.push(this.value(item));
      this.#path.pop();
    }
    return result;
  }

  #pairs(map: ReadonlyMap<unknown, unknown>): Json[] {
    const result: Json[] = [];
    for (const [key, value] of map) {
      if (typeof key !== 'string' && typeof key !== 'number')
        throw new NotData(`a Map with a key of type ${typeof key}`);
      this.#path.push(String(key));
      result.push([this.value(key), this.value(value)]);
      this.#path.pop();
    }
    return result;
  }

  #object(object: Readonly<Record<string, unknown>>): Json {
    const result: Record<string, Json> = {};
    const undefinedKeys: string[] = [];
    for (const key of Object.keys(object)) {
      if (UNSAFE_KEYS.has(key)) return { $o: this.#pairs(new Map(Object.entries(object))) };
      const value = this.#replace(key, object[key]);
      if (value === undefined) {
        undefinedKeys.push(key);
        continue;
      }
      this.#path.push(key);
      result[key.startsWith('$') ? `$${key}` : key] = this.value(value);
      this.#path.pop();
    }
    // One list, because most fields of a cgroup that has not all controllers are such.
    if (undefinedKeys.length > 0) result['$u'] = undefinedKeys;
    return result;
  }
}
