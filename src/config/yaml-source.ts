import { Composer, type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, type Node } from 'yaml';
import { type ConfigProblem, formatPath } from './problems.ts';
import { yamlTokens } from './yaml-tokens.ts';

const MAX_ALIASES = 100;

/** A YAML text together with where each part of it stands. */
export interface YamlSource {
  /** Plain data; undefined when `problems` is not empty. An empty file is an empty object. */
  readonly data: unknown;
  readonly problems: readonly ConfigProblem[];
  /** The problem at the deepest part of `path` that is there. With `key`, at that key of the map found. */
  problemAt(path: readonly PropertyKey[], message: string, key?: string): ConfigProblem;
}

/**
 * Reads YAML 1.2 (core schema: `yes` is a string). Syntax errors, duplicate keys, unknown tags, more than one document, and
 * aliases that multiply are problems, all told at once. Never throws.
 */
export function readYaml(text: string, file: string): YamlSource {
  const lines = new LineCounter();
  const at = (offset: number | undefined, path: readonly PropertyKey[], message: string): ConfigProblem => {
    const { line, col } = lines.linePos(offset ?? 0);
    return { file, line: Math.max(1, line), column: Math.max(1, col), path: formatPath(path), message };
  };
  const tokens = yamlTokens(text, lines);
  if (!Array.isArray(tokens)) return broken([at(tokens.offset, [], tokens.message)]);
  const composer = new Composer({
    lineCounter: lines,
    // Its own check of keys compares each with all others of the map; inspect does it in one pass.
    uniqueKeys: false,
    stringKeys: true,
    prettyErrors: false,
    logLevel: 'error',
    version: '1.2',
    merge: false,
  });
  const [document, second] = composer.compose(tokens, true, text.length);
  if (document === undefined) return broken([at(0, [], 'cannot be read as YAML')]);
  const problems = [...document.errors, ...document.warnings].map((error) =>
    at(error.pos[0], [], firstLine(error.message)),
  );
  if (second !== undefined) problems.push(at(second.range[0], [], 'a second document; expected one'));
  inspect(document.contents, (node, path, message) => problems.push(at(startOf(node), path, message)));
  if (problems.length > 0) return broken(problems);
  const problemAt: YamlSource['problemAt'] = (path, message, key) => {
    const { node, depth } = nodeAt(document, path);
    const keyNode = key !== undefined && depth === path.length ? keyOf(node, key) : undefined;
    return at(startOf(keyNode ?? node), key === undefined ? path : [...path, key], message);
  };
  try {
    return { data: document.toJS({ maxAliasCount: MAX_ALIASES }) ?? {}, problems: [], problemAt };
  } catch (error) {
    // An alias without an anchor, or aliases of aliases that multiply.
    return broken([at(0, [], firstLine(error instanceof Error ? error.message : String(error)))]);
  }
}

function broken(problems: readonly ConfigProblem[]): YamlSource {
  const problemAt: YamlSource['problemAt'] = (path, message) => ({
    ...(problems[0] ?? { file: '', line: undefined, column: undefined }),
    path: formatPath(path),
    message,
  });
  return { data: undefined, problems, problemAt };
}

/** Reports keys written twice, and more aliases than can be resolved in good time (each costs a pass over the text). */
function inspect(root: unknown, report: (node: Node, path: readonly PropertyKey[], message: string) => void): void {
  let aliases = 0;
  const walk = (node: unknown, path: readonly PropertyKey[]): void => {
    if (isAlias(node)) {
      aliases += 1;
      if (aliases === MAX_ALIASES + 1) report(node, path, `over ${MAX_ALIASES} aliases`);
    } else if (isSeq(node)) {
      for (const [index, item] of node.items.entries()) walk(item, [...path, index]);
    } else if (isMap(node)) {
      const seen = new Set<string>();
      for (const { key, value } of node.items) {
        const name = keyText(key);
        if (seen.has(name) && isNode(key)) report(key, [...path, name], 'this key is written twice');
        seen.add(name);
        walk(value, [...path, name]);
      }
    }
  };
  walk(root, []);
}

function nodeAt(
  document: Document.Parsed,
  path: readonly PropertyKey[],
): { readonly node: unknown; readonly depth: number } {
  let node: unknown = document.contents;
  for (const [depth, part] of path.entries()) {
    const here = isAlias(node) ? node.resolve(document) : node;
    const next: unknown = isMap(here)
      ? here.items.find(({ key }) => keyText(key) === String(part))?.value
      : isSeq(here)
        ? here.items[Number(part)]
        : undefined;
    if (next === undefined || next === null) return { node, depth };
    node = next;
  }
  return { node, depth: path.length };
}

function keyOf(node: unknown, name: string): unknown {
  return isMap(node) ? node.items.find(({ key }) => keyText(key) === name)?.key : undefined;
}

function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key);
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

function firstLine(text: string): string {
  return (text.split('\n', 1)[0] ?? '').slice(0, 200);
}
