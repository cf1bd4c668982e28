import { existsSync } from 'node:fs';
import { validate } from 'dockerfile-utils';
import { expect, test } from 'vitest';
import { program } from '../../src/cli/program.ts';
import { ROOT, read } from './pages.ts';

interface Instruction {
  readonly name: string;
  readonly value: string;
}

/** Instructions without comments, continuation lines joined. */
const instructions: Instruction[] = read('Dockerfile')
  .split('\n')
  .filter((line) => !line.startsWith('#'))
  .join('\n')
  .replaceAll(/\\\n\s*/g, ' ')
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map((line) => {
    const [, name = '', value = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
    return { name, value };
  });

const stages: Instruction[][] = [];
for (const instruction of instructions) {
  if (instruction.name === 'FROM') stages.push([]);
  stages.at(-1)?.push(instruction);
}
const last = stages.at(-1) ?? [];
const valuesOf = (name: string, stage: readonly Instruction[]): string[] =>
  stage.filter((instruction) => instruction.name === name).map(({ value }) => value);

function list(text: string | undefined): string[] {
  const value: unknown = JSON.parse(text ?? 'null');
  return Array.isArray(value) ? value.map(String) : [];
}

test('the linter of editors has nothing to say', () => {
  expect(validate(read('Dockerfile'))).toEqual([]);
  // It looks at all: a relative folder, and an instruction that does not exist.
  const wrong = validate('FROM node:24-slim\nWORKDIR src\nCOPPY a b\n');
  expect(wrong.map(({ message }) => message)).toEqual([
    expect.stringMatching(/WORKDIR/),
    expect.stringMatching(/COPPY/),
  ]);
});

test('known instructions only', () => {
  const known = ['FROM', 'ARG', 'WORKDIR', 'COPY', 'RUN', 'LABEL', 'USER', 'EXPOSE', 'ENTRYPOINT', 'CMD'];
  for (const { name } of instructions) expect(known).toContain(name);
});

test('every base image has a tag that says a version', () => {
  const images = valuesOf('FROM', instructions);
  expect(images).toHaveLength(2);
  for (const image of images) {
    expect(image).toMatch(/\d/);
    expect(image).toMatch(/^(--platform=\$BUILDPLATFORM )?[\w./-]+:[\w.-]+( AS \w+)?$/);
    expect(image).not.toMatch(/:latest\b/);
  }
});

test('the final stage has no shell to use: distroless, no RUN, commands in exec form', () => {
  expect(last[0]?.value).toMatch(/^gcr\.io\/distroless\/nodejs24-debian13:nonroot$/);
  expect(valuesOf('RUN', last)).toEqual([]);
  expect(list(valuesOf('ENTRYPOINT', last)[0])).toEqual([
    '/nodejs/bin/node',
    '--max-semi-space-size=2',
    '--max-old-space-size=256',
    '--single-threaded-gc',
    '--v8-pool-size=1',
    '/app/cgopher.mjs',
  ]);
  const command = list(valuesOf('CMD', last)[0]);
  const ignore = (): void => undefined;
  const { commands } = program({
    out: ignore,
    err: ignore,
    terminal: { columns: 80, color: false },
    stopped: new Promise(ignore),
    exit: ignore,
  });
  expect(commands.map((each) => each.name())).toContain(command[0]);
});

test('only the build runs on the machine of the builder: the image is for the one that was asked for', () => {
  expect(valuesOf('FROM', instructions).map((value) => value.startsWith('--platform='))).toEqual([true, false]);
});

test('it runs as a user that is not root, named by number so that runAsNonRoot can be checked', () => {
  expect(valuesOf('USER', last)).toEqual(['65532:65532']);
});

test('what is copied into the build exists and is not ignored', () => {
  const ignored = read('.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  expect(ignored[0]).toBe('*');
  for (const value of valuesOf('COPY', stages[0] ?? [])) {
    for (const source of value.split(/\s+/).slice(0, -1)) {
      expect(existsSync(ROOT + source), source).toBe(true);
      expect(ignored).toContain(`!${source.replace(/\/$/, '')}`);
    }
  }
});

test('its version is that of the package', () => {
  const { version } = JSON.parse(read('package.json')) as { readonly version: string };
  expect(valuesOf('LABEL', last).join(' ')).toContain(`org.opencontainers.image.version="${version}"`);
  expect(read('CHANGELOG.md')).toContain(`## ${version}`);
});

test('the bundle and the licence come from the build', () => {
  expect(valuesOf('COPY', last).join(' ')).toMatch(/^--from=build .*dist\/cgopher\.mjs .*LICENSE \/app\/$/);
  expect(valuesOf('LABEL', last).join(' ')).toContain('org.opencontainers.image.licenses="Apache-2.0"');
});
