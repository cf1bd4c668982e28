import { configFileSchema } from './schema.ts';

/** Known keys of the object schema at `path` of the configuration file. */
export function keysAt(path: readonly PropertyKey[]): string[] {
  return keysOf(configFileSchema, path);
}

/** Known keys of the object schema at `path` below `root`. */
export function keysOf(root: unknown, path: readonly PropertyKey[]): string[] {
  let schema = root;
  for (const part of path) {
    const inner = unwrapped(schema);
    schema = typeof part === 'number' ? inner['element'] : (inner['shape'] as Record<PropertyKey, unknown>)[part];
  }
  return Object.keys(unwrapped(schema)['shape'] ?? {});
}

/** The schema beneath defaults and optionals: the definition that has a shape or an element. */
function unwrapped(schema: unknown): Record<string, unknown> {
  let { def } = schema as { def: Record<string, unknown> };
  while (def['innerType'] !== undefined) ({ def } = def['innerType'] as { def: Record<string, unknown> });
  return def;
}
