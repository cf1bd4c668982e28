import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/** What is needed besides the program: without fonts a page has no text to measure. */
const PACKAGES = ['chromium', 'fonts-dejavu-core'];
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Where Chromium is; else Debian's package is installed, where that is allowed. A text says why there is none. */
export function findChromium(): { readonly path: string } | { readonly missing: string } {
  const there = onPath('chromium');
  if (there !== undefined) return { path: there };
  if (process.getuid?.() !== 0) return { missing: 'chromium is not installed, and only root may install it' };
  try {
    const run = (program: string, ...words: readonly string[]): void => {
      execFileSync(program, words, { stdio: 'pipe', timeout: 600_000 });
    };
    run('apt-get', 'update', '-q');
    run('apt-get', 'install', '-y', '--no-install-recommends', ...PACKAGES);
  } catch (error) {
    return { missing: `chromium cannot be installed: ${error instanceof Error ? error.message : String(error)}` };
  }
  const installed = onPath('chromium');
  return installed === undefined
    ? { missing: 'the package chromium has no program of that name' }
    : { path: installed };
}

/** Starts Chromium without a window, with a profile of its own that goes away with it. */
export function startChromium(path: string): Promise<Browser> {
  return chromium.launch({ executablePath: path, headless: true, args: ARGUMENTS, timeout: 120_000 });
}

function onPath(name: string): string | undefined {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    if (directory === '') continue;
    try {
      accessSync(join(directory, name), constants.X_OK);
      return join(directory, name);
    } catch {
      // The next one.
    }
  }
  return undefined;
}
