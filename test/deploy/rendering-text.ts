import { isDeepStrictEqual } from 'node:util';
import { parse, stringify } from 'yaml';
import { documentsOf, type Manifest } from './manifest-documents.ts';

/** Stands for the text of an input file, or the `spec` in it. Dashboards and rules are most of a rendering, and are in the repository already. */
const TEXT_OF = 'whole-text-of';
const SPEC_OF = 'whole-spec-of';

type Files = ReadonlyMap<string, string>;

/** What is kept of the documents that a tool made: all of it, input files that are in it from end to end by their names. */
export function keptText(documents: readonly Manifest[], files: Files): string {
  return documents
    .map((document) => stringify(folded(document, files), { lineWidth: 0, aliasDuplicateObjects: false }))
    .join('---\n');
}

/** The documents of a kept text, with those files in them. Throws where it names a file that is no input. */
export function wholeDocuments(text: string, files: Files): Manifest[] {
  return documentsOf(text).map((document) => unfolded(document, files) as Manifest);
}

function folded(document: Manifest, files: Files): unknown {
  const data = document['data'];
  if (document.kind === 'ConfigMap' && typeof data === 'object' && data !== null)
    return { ...document, data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, named(text)])) };
  if (document.kind !== 'PrometheusRule') return document;
  for (const [name, text] of files) {
    if (!name.endsWith('/prometheusrule.yaml') || name.includes('/templates/')) continue;
    if (isDeepStrictEqual(specIn(text), document['spec'])) return { ...document, spec: { [SPEC_OF]: name } };
  }
  return document;

  function named(value: unknown): unknown {
    for (const [name, text] of files) if (name.endsWith('.json') && text === value) return { [TEXT_OF]: name };
    return value;
  }
}

function unfolded(value: unknown, files: Files): unknown {
  if (Array.isArray(value)) return value.map((inner) => unfolded(inner, files));
  if (typeof value !== 'object' || value === null) return value;
  const [[key, name] = [], ...others] = Object.entries(value);
  if (others.length === 0 && (key === TEXT_OF || key === SPEC_OF)) {
    const text = files.get(String(name));
    if (text === undefined) throw new Error(`${String(name)} is no input of this rendering`);
    return key === TEXT_OF ? text : specIn(text);
  }
  return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, unfolded(inner, files)]));
}

function specIn(text: string): unknown {
  return (parse(text) as { readonly spec?: unknown }).spec;
}
