import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A terminal of its own, with a shell in it, whose keys a test can press and whose screen it can read. */
export interface Terminal {
  /** Keys by the names tmux has for them; other words are typed. */
  press(...keys: readonly string[]): Promise<void>;
  /** Types a command and Enter. */
  type(command: string): Promise<void>;
  /** What is to be seen, without blanks at line ends. */
  screen(): Promise<string>;
  /** The screen, once it holds this. */
  sees(what: RegExp): Promise<string>;
  resize(columns: number, rows: number): Promise<void>;
  /** Values of tmux formats, such as `#{alternate_on}`. */
  tells(format: string): Promise<string>;
  close(): Promise<void>;
}

/** Opens a terminal; undefined where tmux is not to be had, said in plain sight. With CI=true that is an error instead. */
export async function openTerminal(columns: number, rows: number): Promise<Terminal | undefined> {
  const tmux = findTmux();
  if (tmux === undefined) return undefined;
  const directory = mkdtempSync(join(tmpdir(), 'terminal-'));
  const env = {
    ...process.env,
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    TERM: 'screen',
    ...tmux.environment,
  };
  const command = async (...words: readonly string[]): Promise<string> => {
    const { stdout } = await run(tmux.program, ['-u', '-S', join(directory, 'socket'), '-f', '/dev/null', ...words], {
      env,
    });
    return stdout;
  };
  await command('new-session', '-d', '-x', String(columns), '-y', String(rows), 'exec sh');
  const screen = (): Promise<string> => command('capture-pane', '-p');
  return {
    screen,
    press: async (...keys) => {
      await command('send-keys', ...keys);
    },
    type: async (text) => {
      await command('send-keys', text, 'Enter');
    },
    sees: async (what) => {
      for (let tries = 0; tries < 300; tries += 1) {
        const text = await screen();
        if (what.test(text)) return text;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      throw new Error(`never seen: ${what.source}\n${await screen()}`);
    },
    resize: async (x, y) => {
      await command('resize-window', '-x', String(x), '-y', String(y));
    },
    tells: async (format) => (await command('display-message', '-p', format)).trim(),
    close: async () => {
      await command('kill-server').catch(() => '');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

interface Found {
  readonly program: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** On PATH, else in a cache, else taken there from Debian with the libraries of its own. */
function findTmux(): Found | undefined {
  const works = (found: Found): boolean => {
    try {
      execFileSync(found.program, ['-V'], { env: { ...process.env, ...found.environment }, stdio: 'pipe' });
      return true;
    } catch {
      return false;
    }
  };
  const installed = { program: 'tmux', environment: {} };
  if (works(installed)) return installed;
  const root = process.env['XDG_CACHE_HOME'];
  const cache = join(root === undefined || root === '' ? join(homedir(), '.cache') : root, 'cgopher-tools');
  const place = join(cache, 'tmux');
  let reason = 'it does not start';
  try {
    if (works(unpacked(place))) return unpacked(place);
    download(cache, place);
    if (works(unpacked(place))) return unpacked(place);
  } catch (error) {
    reason = error instanceof Error ? error.message : String(error);
  }
  const message = `tmux is neither on PATH nor to be had from apt: ${reason}`;
  if (process.env['CI'] === 'true') throw new Error(message);
  console.warn(`skipped: ${message}`);
  return undefined;
}

function unpacked(place: string): Found {
  const libraries = ['x86_64', 'aarch64'].map((machine) => join(place, `usr/lib/${machine}-linux-gnu`));
  return { program: join(place, 'usr/bin/tmux'), environment: { LD_LIBRARY_PATH: libraries.join(':') } };
}

function download(cache: string, place: string): void {
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'unpack-'));
  const apt = (program: string, ...words: readonly string[]): string =>
    execFileSync(program, words, { cwd: work, stdio: 'pipe', timeout: 120_000, encoding: 'utf8' });
  try {
    try {
      apt('apt-get', 'download', 'tmux');
    } catch {
      // A new machine has no package lists yet.
      apt('apt-get', 'update', '-q');
      apt('apt-get', 'download', 'tmux');
    }
    // What else it needs is part of any Debian system.
    const libraries = [...apt('apt-cache', 'depends', 'tmux').matchAll(/Depends: (lib(?:event|utempter)\S*)/g)];
    for (const [, name = ''] of libraries) apt('apt-get', 'download', name);
    for (const file of readdirSync(work).filter((name) => name.endsWith('.deb'))) apt('dpkg', '-x', file, 'tmux');
    rmSync(place, { recursive: true, force: true });
    renameSync(join(work, 'tmux'), place);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
