import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prometheusProgram } from '../tools/promtool.ts';

/** The real promtool; undefined when it is not to be had. */
export const promtool = prometheusProgram('promtool');

/** What a program says, and whether it was content. */
export interface Said {
  readonly ok: boolean;
  readonly text: string;
}

/** Runs a program to its end. */
export function run(program: string, ...words: readonly string[]): Said {
  try {
    return { ok: true, text: execFileSync(program, words, { encoding: 'utf8', stdio: 'pipe', timeout: 300_000 }) };
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { readonly stdout?: string; readonly stderr?: string };
    return { ok: false, text: `${stdout}${stderr}` || String(error) };
  }
}

/** Gives `use` the path of a file with this text, in a folder of its own that is gone afterwards. */
export function withFile<T>(name: string, text: string, use: (path: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'cgopher-deploy-'));
  try {
    const path = join(folder, name);
    writeFileSync(path, text);
    return use(path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
