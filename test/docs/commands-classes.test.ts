import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bare, classesOf } from './command-classes.ts';
import { pages, ROOT, read } from './pages.ts';
import { commandsIn, shellCommands, simpleCommands, wordsOf } from './shell-commands.ts';

const commands = shellCommands();
const texts = commands.flatMap(({ page, text, needs }) =>
  simpleCommands(text).map((command) => ({ page, command: bare(command), needs })),
);

describe('reading pages', () => {
  it('finds commands in lists, joins lines, leaves comments out, and takes the marker before a block', () => {
    const page = [
      '1. Look:',
      '',
      '   <!-- needs: cluster -->',
      '',
      '   ```sh',
      '   foo --one \\',
      '     --two  # why',
      '   ```',
      '```sh',
      "bar '{a|b}' | baz && X=$(qux | quux)",
      '```',
      '```text',
      'kubectl get pod',
      '```',
      '```text',
      'cgopher_finding 1',
      '```',
    ].join('\n');
    const found = commandsIn('p', page);
    expect(found.map(({ text, needs }) => [text, needs])).toEqual([
      ['foo --one --two', 'cluster'],
      ["bar '{a|b}' | baz && X=$(qux | quux)", undefined],
      ['kubectl get pod', undefined],
    ]);
    expect(simpleCommands(found[1]!.text)).toEqual(['qux', 'quux', "bar '{a|b}'", 'baz', 'X=VALUE']);
    expect(wordsOf(`a --b='c d' "e" < f 2>g`)).toEqual(['a', '--b=c d', 'e', 'f']);
  });

  it('does not know what no rule knows', () => {
    const of = (text: string, needs?: string) => classesOf({ page: 'p', text, needs });
    expect(of('rm -rf build')).toEqual([undefined]);
    expect(of('rm -rf build', 'a miracle')).toEqual([undefined]);
    expect(of('jq .')).toEqual([undefined]);
    expect(of('sudo node dist/cgopher.mjs check | jq .')).toEqual([
      { kind: 'run', by: 'test/docs/commands-run.test.ts' },
    ]);
    expect(of('NODE=$(kubectl get node)')).toEqual([{ kind: 'needs', what: 'cluster' }]);
    expect(of('echo 1 > /sys/x', undefined)).toEqual([{ kind: 'needs', what: 'node' }]);
  });
});

describe('commands of the pages', () => {
  it('are found', () => {
    expect(commands.length).toBeGreaterThan(100);
    expect(new Set(commands.map(({ page }) => page)).size).toBeGreaterThan(40);
  });

  it('are run by a test, or say what they need: a program no rule knows wants `<!-- needs: ... -->` before its block', () => {
    const unknown = commands.filter((command) => classesOf(command).includes(undefined));
    expect(unknown.map(({ page, text, needs = 'nothing' }) => `${page}: ${text} (needs ${needs})`)).toEqual([]);
  });

  it('have markers that stand before a block', () => {
    for (const { path, text } of pages())
      for (const [, rest = ''] of text.matchAll(/<!-- needs: .+ -->\n([\s\S]{0,60})/g))
        expect(rest.trimStart(), path).toMatch(/^```/);
  });

  it('name npm scripts, test configurations and files that are there', () => {
    const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
    for (const { page, command } of texts) {
      const [program = '', verb = '', ...rest] = wordsOf(command);
      if (program === 'npm') {
        const script = verb === 'run' ? rest[0] : ['start', 'test'].includes(verb) ? verb : undefined;
        if (script !== undefined) expect(Object.keys(scripts), page).toContain(script);
      }
      const isPath = (word: string) => /^(?:\.config|\.ci|deploy|test|docs)\//.test(word.replace(/^--?[\w-]+=/, ''));
      const paths = [verb, ...rest].filter(isPath).map((word) => word.replace(/^--?[\w-]+=(?:[\w.-]+=)?/, ''));
      for (const path of paths) expect(existsSync(ROOT + path), `${page}: ${command}`).toBe(true);
    }
  });

  it('that test/deploy runs are in its tests', () => {
    const source = readdirSync(`${ROOT}test/deploy`, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => read(`test/deploy/${name}`))
      .join('\n');
    for (const command of commands) {
      const by = classesOf(command).some((one) => one?.kind === 'run' && one.by === 'test/deploy');
      if (!by) continue;
      for (const single of simpleCommands(command.text)) {
        const [program = '', verb = ''] = wordsOf(bare(single));
        if (!/^(?:kubectl|helm|promtool|amtool)$/.test(program)) continue;
        for (const word of [program, verb]) expect(source, `${command.page}: ${single}`).toContain(word);
      }
    }
  });
});
