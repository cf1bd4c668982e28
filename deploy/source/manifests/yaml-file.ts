import { stringify } from 'yaml';

/** A file below deploy/manifests. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

const SOURCE = [
  '',
  'Generated from deploy/source/manifests. Do not edit: change the source and run',
  '  UPDATE_DEPLOY=1 npx vitest run --config .config/vitest.config.ts test/deploy',
];

/** Documents as YAML, with what they are for and where they come from above them. */
export function yamlFile(path: string, about: readonly string[], documents: readonly object[]): TextFile {
  const comment = [...about, ...SOURCE].map((line) => (line === '' ? '#' : `# ${line}`)).join('\n');
  const texts = documents.map((document) =>
    stringify(document, { lineWidth: 0, blockQuote: 'literal', aliasDuplicateObjects: false }),
  );
  return { path, text: `${comment}\n${texts.join('---\n')}` };
}
