const UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['KiB', 1024],
  ['MiB', 1024 ** 2],
  ['GiB', 1024 ** 3],
]);

/** The grammar as a regular expression source, for the JSON Schema. */
export const SIZE_PATTERN = '^\\d{1,15}(KiB|MiB|GiB)?$';

/** Bytes of `16MiB`, `512KiB`, `1GiB` or a plain whole number of bytes. Undefined for anything else. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d{1,15})(KiB|MiB|GiB|)$/.exec(text);
  const unit = UNITS.get(match?.[2] ?? 'none');
  if (match === null || unit === undefined) return undefined;
  const bytes = Number(match[1]) * unit;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
