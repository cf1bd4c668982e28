import { pages } from './pages.ts';

/** One line of a shell block, continuations joined and comments left out. */
export interface ShellCommand {
  readonly page: string;
  readonly text: string;
  /** What `<!-- needs: ... -->` right before the block says; undefined without one. */
  readonly needs: string | undefined;
}

const FENCE = /^( *)```(\w*)$/;
const NEEDS = /^<!-- needs: (.+) -->$/;
/** A block of text that begins so is a command nevertheless. */
const BEGINS_A_COMMAND = /^ *(?:sudo|kubectl|helm|docker|npm|npx|node|cgopher|curl|promtool|amtool) /;

/** Every command of every page, in lists too. */
export function shellCommands(): readonly ShellCommand[] {
  return pages().flatMap(({ path, text }) => commandsIn(path, text));
}

/** The commands of one page. */
export function commandsIn(page: string, text: string): readonly ShellCommand[] {
  const found: ShellCommand[] = [];
  let marker: string | undefined;
  let language: string | undefined;
  let body: string[] = [];
  for (const line of text.split('\n')) {
    const fence = FENCE.exec(line);
    if (language === undefined) {
      if (fence !== null) {
        language = fence[2] ?? '';
        body = [];
      } else if (line.trim() !== '') {
        marker = NEEDS.exec(line.trim())?.[1];
      }
    } else if (line.trim() === '```') {
      if (isShell(language, body))
        found.push(...linesOf(body).map((command) => ({ page, text: command, needs: marker })));
      language = undefined;
      marker = undefined;
    } else {
      body.push(line);
    }
  }
  return found;
}

function isShell(language: string, body: readonly string[]): boolean {
  return ['sh', 'bash', 'shell', 'console'].includes(language) || BEGINS_A_COMMAND.test(body[0] ?? '');
}

function linesOf(body: readonly string[]): string[] {
  return body
    .join('\n')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#\s.*$/, '').trim())
    .filter((line) => line !== '');
}

/** The single commands of a line: of pipes, lists and command substitutions. Quotes are kept together. */
export function simpleCommands(line: string): readonly string[] {
  const inner: string[] = [];
  const outer = line.replaceAll(/"?\$\(([^()]*)\)"?/g, (_, command: string) => {
    inner.push(...simpleCommands(command));
    return 'VALUE';
  });
  const parts: string[] = [''];
  let quote = '';
  for (const char of outer) {
    if (quote === '' && (char === '|' || char === ';' || char === '&')) {
      parts.push('');
      continue;
    }
    if (quote === '' && (char === '"' || char === "'")) quote = char;
    else if (char === quote) quote = '';
    parts.push((parts.pop() ?? '') + char);
  }
  return [...inner, ...parts.map((part) => part.trim()).filter((part) => part !== '')];
}

/** The words of a single command as a shell would give them to the program, without redirections. */
export function wordsOf(command: string): readonly string[] {
  return [...command.matchAll(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g)]
    .map(([word]) =>
      word.replaceAll(/'([^']*)'|"([^"]*)"/g, (_, single?: string, double?: string) => single ?? double ?? ''),
    )
    .filter((word) => !/^\d?[<>]/.test(word));
}
