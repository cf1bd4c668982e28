import { expect, test } from 'vitest';
import { configJsonSchema } from '../../src/config/schema.ts';
import { parseConfig } from '../../src/config/validate.ts';
import { RULE_IDS } from '../../src/rules/types.ts';
import { blocks, expectGenerated, pages, row } from './pages.ts';

/** The parts of JSON Schema that the configuration uses. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

const isSection = (schema: Schema): boolean =>
  schema.properties !== undefined || schema.items?.properties !== undefined;

function typeOf(schema: Schema): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(' or ');
  if (schema.anyOf !== undefined) return 'size';
  if (schema.type === 'string') return schema.pattern?.includes('ms)?') === true ? 'duration' : 'text';
  if (schema.type === 'array') return 'list of texts';
  if (schema.type === 'object') return 'map of texts';
  const name = { integer: 'whole number', number: 'number', boolean: '`true` or `false`' }[schema.type ?? ''] ?? '?';
  return schema.minimum === undefined ? name : `${name}, ${schema.minimum} to ${schema.maximum ?? ''}`;
}

function settingRow(name: string, schema: Schema, required: boolean): string {
  const fallback = required
    ? 'required'
    : schema.default === undefined
      ? ''
      : `\`${JSON.stringify(schema.default).replaceAll('"', '')}\``;
  return row(`\`${name}\``, typeOf(schema), fallback, schema.description ?? '');
}

/** One heading and table for each map of settings, in the order of the schema. */
function sections(path: string, schema: Schema): string[] {
  // The same settings once more, none of them with a default.
  if (path === 'overrides[].thresholds') return [];
  const properties = Object.entries(schema.properties ?? {});
  const leaves = properties.filter(([, value]) => !isSection(value));
  const own = leaves.map(([name, value]) => settingRow(name, value, schema.required?.includes(name) ?? false));
  const lead = schema.description === undefined ? [] : [schema.description, ''];
  const table = ['| Key | Type | Default | Meaning |', '| --- | --- | --- | --- |', ...own].join('\n');
  const heading = `### ${path === '' ? 'Top level' : `\`${path}\``}`;
  return [
    ...(own.length === 0 ? [] : [[heading, '', ...lead, table].join('\n')]),
    ...properties.flatMap(([name, value]) => {
      const at = path === '' ? name : `${path}.${name}`;
      if (value.items?.properties !== undefined) {
        const item = value.description === undefined ? value.items : { ...value.items, description: value.description };
        return sections(`${at}[]`, item);
      }
      return isSection(value) ? sections(at, value) : [];
    }),
  ];
}

test('docs/configuration.md lists every setting as the schema has it', () => {
  expectGenerated('docs/configuration.md', 'settings', sections('', configJsonSchema()).join('\n\n'));
});

test('every example of a configuration file in the pages is accepted', () => {
  const examples = pages().flatMap(({ path, text }) =>
    blocks(text, 'yaml')
      .filter((block) => block.startsWith('# cgopher.yaml'))
      .map((block) => ({ path, block })),
  );
  expect(examples.length).toBeGreaterThan(0);
  for (const { path, block } of examples) {
    const result = parseConfig(block, path, { knownRules: RULE_IDS });
    expect(result.ok ? [] : result.problems).toEqual([]);
  }
});

test('every threshold named in a page exists, and docs/rules.md names every threshold', () => {
  const { properties } = (configJsonSchema() as Schema).properties?.['thresholds'] ?? {};
  const known = Object.entries(properties ?? {}).flatMap(([group, schema]) =>
    Object.keys(schema.properties ?? {}).map((name) => `thresholds.${group}.${name}`),
  );
  expect(known).toContain('thresholds.engine.forCycles');
  const named = (text: string): string[] => text.match(/\bthresholds\.\w+\.\w+/g) ?? [];
  for (const { path, text } of pages()) for (const name of named(text)) expect(known, path).toContain(name);
  const rules = pages().find(({ path }) => path === 'docs/rules.md')?.text ?? '';
  expect(new Set(named(rules))).toEqual(new Set(known));
});
