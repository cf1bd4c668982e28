import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { program } from '../../src/cli/program.ts';
import { blocks, pages, read } from './pages.ts';

const ignore = (): void => undefined;
const cgopher = program({
  out: ignore,
  err: ignore,
  terminal: { columns: 80, color: false },
  stopped: new Promise(ignore),
  exit: ignore,
});

/** Long flags of each command, as its help shows them. */
const flags = new Map(
  cgopher.commands.map((command: Command) => [
    command.name(),
    [...command.helpInformation().matchAll(/^ {2}(?:-\w, )?(--[\w.-]+)/gm)].map(([, flag = '']) => flag),
  ]),
);

interface Use {
  readonly page: string;
  readonly command: string;
  readonly flag: string | undefined;
}

/** Each `cgopher COMMAND --flag ...` in a code block or code span. */
const uses: Use[] = pages().flatMap(({ path: page, text }) => {
  const code = [
    ...blocks(text, 'sh'),
    ...blocks(text, 'text'),
    ...[...text.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span),
  ];
  return code.flatMap((part) =>
    [...part.matchAll(/(?:\bcgopher(?:\.mjs)?|npm start --) ([a-z]+)([^\n|;&)'"]*)/g)].flatMap(
      ([, command = '', rest = '']) => {
        const given = [...rest.matchAll(/(?<=\s)(--[\w.-]+)/g)].map(([, flag = '']) => flag);
        return [undefined, ...given].map((flag) => ({ page, command, flag }));
      },
    ),
  );
});

test('commands and flags are found at all', () => {
  expect(flags.get('check')).toContain('--path.procfs');
  expect(uses.some(({ flag }) => flag !== undefined)).toBe(true);
});

test.each(uses)('$page: cgopher $command $flag exists', ({ command, flag }) => {
  expect([...flags.keys()]).toContain(command);
  if (flag !== undefined) expect(flags.get(command)).toContain(flag);
});

test('every dotted flag in a page, a manifest or the image belongs to a command', () => {
  const known = new Set([...flags.values()].flat());
  const texts = [...pages(), { path: 'Dockerfile', text: read('Dockerfile') }];
  for (const { path, text } of texts)
    for (const [, flag] of text.matchAll(/(?<![\w-])(--(?:path|web|log|config)\.[a-z-]+(?:\.[a-z-]+)*)/g))
      expect(known, path).toContain(flag);
});

test('every YAML example can be read', () => {
  const examples = pages().flatMap(({ text }) => blocks(text, 'yaml'));
  expect(examples.length).toBeGreaterThan(0);
  for (const example of examples) {
    const documents = parseAllDocuments(example);
    if (!Array.isArray(documents)) continue;
    for (const document of documents) expect(document.errors).toEqual([]);
  }
});

test('the npm scripts the pages name exist', () => {
  const { scripts } = parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
  for (const { path, text } of pages())
    for (const [, name = ''] of text.matchAll(/\bnpm run ([a-z:]+)/g))
      expect(Object.keys(scripts), path).toContain(name);
});
