/* Fields of data that came from elsewhere: what is not of the type asked for is not there. */

/** A field of an object. The name is checked against the type that the API documents; the value is not. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the type is what the name is checked against
export function field<T>(object: unknown, key: keyof T & string): unknown {
  if (typeof object !== 'object' || object === null || Array.isArray(object)) return undefined;
  return Object.hasOwn(object, key) ? (object as Readonly<Record<string, unknown>>)[key] : undefined;
}

/** A text of 1 to `max` characters. */
export function text(value: unknown, max: number): string | undefined {
  return typeof value === 'string' && value.length > 0 && value.length <= max ? value : undefined;
}

/** A whole number, not negative. */
export function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** The first `max` of a list. */
export function list(value: unknown, max: number): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, max) : [];
}

/** The texts of an object whose names `keep` takes, at most `max` of them. */
export function texts(
  value: unknown,
  keep: (key: string) => boolean,
  max: { readonly entries: number; readonly characters: number },
): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  const kept: [string, string][] = [];
  for (const key in value) {
    if (kept.length >= max.entries) break;
    // A key that stands for a prototype is no annotation of anybody's.
    if (!Object.hasOwn(value, key) || key === '__proto__' || !keep(key)) continue;
    const own: unknown = (value as Readonly<Record<string, unknown>>)[key];
    if (typeof own === 'string' && own.length <= max.characters) kept.push([key, own]);
  }
  return Object.fromEntries(kept);
}
