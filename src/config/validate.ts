import type * as z from 'zod';
import { type Config, configFrom } from './config.ts';
import { formatDuration } from './durations.ts';
import { overridesFrom } from './overrides.ts';
import type { ConfigProblem } from './problems.ts';
import { configFileSchema } from './schema.ts';
import { keysAt } from './schema-keys.ts';
import { suggestionFor } from './suggest.ts';
import { readYaml, type YamlSource } from './yaml-source.ts';

const MAX_PROBLEMS = 100;
const MAX_OVERRIDES = 1000;

export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/** What else to check a file against. */
export interface ValidateOptions {
  /** Ids `rules.disable` and `overrides` may name; left out: any. */
  readonly knownRules?: readonly string[];
}

/** Reads and checks the text of a configuration file. All problems are told at once, in file order, at most 100. */
export function parseConfig(text: string, file: string, options: ValidateOptions = {}): ConfigResult {
  const source = readYaml(text, file);
  if (source.problems.length > 0) return refused(source.problems);
  const parsed = configFileSchema.safeParse(source.data);
  const problems = parsed.success ? [] : parsed.error.issues.flatMap((issue) => problemsOf(issue, source));
  if (options.knownRules !== undefined) problems.push(...unknownRules(source, options.knownRules));
  if (!parsed.success || problems.length > 0) return refused(problems);
  const { overrides, issues } = overridesFrom(parsed.data.overrides, parsed.data.thresholds);
  if (issues.length > 0) return refused(issues.flatMap((issue) => problemsOf(issue, source)));
  const config = configFrom(parsed.data, overrides);
  const { timeoutMs, intervalMs } = config.endpoints;
  if (timeoutMs > intervalMs) {
    const message = `must not be longer than the interval of ${formatDuration(intervalMs)}`;
    return refused([source.problemAt(['endpoints', 'timeout'], message)]);
  }
  return { ok: true, config };
}

function refused(problems: readonly ConfigProblem[]): ConfigResult {
  const inOrder = [...problems].sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  const kept = inOrder.slice(0, MAX_PROBLEMS);
  const last = kept.at(-1);
  if (last !== undefined && inOrder.length > kept.length) {
    kept.push({ ...last, path: '', message: 'there are more problems' });
  }
  return { ok: false, problems: kept };
}

/** How to tell of problems. */
export interface ProblemOptions {
  /** The keys a map may have. Left out: those of the agent's own file. */
  readonly keysKnownAt?: (path: readonly PropertyKey[]) => readonly string[];
  /** The file holds secrets, so no message shows a value of it. */
  readonly secret?: boolean;
}

/** What an issue of a schema means for the person who wrote the file. */
export function problemsOf(
  issue: z.core.$ZodIssue,
  source: YamlSource,
  { keysKnownAt = keysAt, secret = false }: ProblemOptions = {},
): ConfigProblem[] {
  if (issue.code === 'unrecognized_keys') {
    const known = keysKnownAt(issue.path);
    return issue.keys.slice(0, MAX_PROBLEMS + 1).map((key) => {
      const meant = suggestionFor(key, known);
      const hint = meant === undefined ? `known here: ${known.join(', ')}` : `did you mean ${meant}?`;
      return source.problemAt(issue.path, `unknown key; ${hint}`, key);
    });
  }
  return [source.problemAt(issue.path, messageOf(issue, valueAt(source.data, issue.path), secret ? () => '' : got))];
}

function messageOf(issue: z.core.$ZodIssue, value: unknown, got: (value: unknown) => string): string {
  switch (issue.code) {
    case 'invalid_type': {
      // A message of a field's own says more than the type's name.
      if (!issue.message.startsWith('Invalid input')) return `${issue.message}${value === undefined ? '' : got(value)}`;
      if (value === undefined) return `is required: ${typeName(issue.expected)}`;
      return `expected ${typeName(issue.expected)}${got(value)}`;
    }
    case 'too_small':
      return `must be at least ${issue.minimum}${unitOf(issue.origin)}`;
    case 'too_big':
      return `must be at most ${issue.maximum}${unitOf(issue.origin)}`;
    case 'invalid_value': {
      const allowed = issue.values.map(String);
      const meant = typeof value === 'string' ? suggestionFor(value, allowed) : undefined;
      return `expected ${allowed.join(' or ')}${got(value)}${meant === undefined ? '' : `; did you mean ${meant}?`}`;
    }
    case 'invalid_format':
      return `${issue.message}${got(value)}`;
    default:
      return issue.message;
  }
}

function typeName(expected: string): string {
  switch (expected) {
    case 'object':
      return 'a map of settings';
    case 'array':
      return 'a list';
    case 'int':
      return 'a whole number';
    case 'boolean':
      return 'true or false';
    default:
      return `a ${expected}`;
  }
}

function got(value: unknown): string {
  if (value === null || value === undefined) return ', got nothing';
  if (Array.isArray(value)) return ', got a list';
  if (typeof value === 'object') return ', got a map';
  const text = (JSON.stringify(value) as string | undefined) ?? '';
  // A URL may carry a password where none is taken.
  return `, got ${text.replace(/\/\/[^\s/]*@/g, '//...@').slice(0, 60)}`;
}

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' entries' : '';
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  let value = data;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}

function unknownRules(source: YamlSource, known: readonly string[]): ConfigProblem[] {
  const overrides = valueAt(source.data, ['overrides']);
  const lists = [
    ['rules', 'disable'],
    ...(Array.isArray(overrides) ? overrides.slice(0, MAX_OVERRIDES).map((_, at) => ['overrides', at, 'disable']) : []),
  ];
  return lists.flatMap((path) => {
    const disable = valueAt(source.data, path);
    if (!Array.isArray(disable)) return [];
    return disable.flatMap((id: unknown, index) => {
      if (typeof id !== 'string' || known.includes(id)) return [];
      const meant = suggestionFor(id, known);
      const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
      return [source.problemAt([...path, index], `there is no rule ${id.slice(0, 64)}${hint}`)];
    });
  });
}
