import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { type RunningDemo, runningDemo } from '../tools/running-demo.ts';
import { openTerminal, type Terminal } from '../tools/tmux.ts';

/* The program in a real terminal, which tmux is. */

const directory = mkdtempSync(join(tmpdir(), 'top-terminal-'));
const program = join(directory, 'cgopher.mjs');
let demo: RunningDemo;
let open: Terminal | undefined;

beforeAll(async () => {
  // A bundle of its own: another test file may be building the usual one.
  await build({
    entryPoints: [fileURLToPath(new URL('../../src/main.ts', import.meta.url))],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: { js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);" },
  });
  demo = await runningDemo();
}, 60_000);
afterEach(async () => {
  await open?.close();
});
afterAll(async () => {
  await demo.close();
  rmSync(directory, { recursive: true });
});

async function terminal(context: TestContext, columns: number, rows: number): Promise<Terminal> {
  open = await openTerminal(columns, rows);
  if (open === undefined) context.skip('tmux is not to be had');
  return open;
}
/** On a line of its own, whatever a prompt has written before. */
const STATUS = "printf '\\nstatus %s\\n' $?";
const top = (...words: string[]): string => [process.execPath, program, 'top', ...words].join(' ');
/** The shell is back on its own screen, with a cursor, and says how the program ended. */
const isRestored = async (shell: Terminal, status: number): Promise<void> => {
  const text = await shell.sees(new RegExp(`^status ${status}$`, 'm'));
  expect(text).toContain('before');
  expect(text).not.toContain('WORKLOAD');
  expect(await shell.tells('#{alternate_on} #{cursor_flag}')).toBe('0 1');
  // Raw mode is over: what is typed is echoed, and Enter ends the line.
  await shell.type("printf '\\necho%s\\n' ed");
  await shell.sees(/^echoed$/m);
};

describe('top in a terminal', { timeout: 90_000 }, () => {
  it('shows what an agent sees, obeys keys, follows the size, and gives the terminal back', async (context) => {
    await demo.until('/findings', (text) => text.includes('GomaxprocsAboveCpuLimit'));
    const shell = await terminal(context, 80, 24);
    await shell.type('echo before');
    await shell.type(`${top('--url', demo.url, '--interval', '1s')}; ${STATUS}`);
    const list = await shell.sees(/> \S+.*crit \d/);
    expect(list.split('\n')[3]).toBe(
      '  WORKLOAD                  FIRING      CPU      MEMORY  HEAP, LIMITS    GOROUT.',
    );
    expect(await shell.tells('#{alternate_on} #{cursor_flag}')).toBe('1 0');

    await shell.resize(140, 30);
    await shell.sees(/THROTTLED +MEMORY +LIMIT/);
    await shell.press('/', 'shop/checkout');
    await shell.sees(/filter "shop\/checkout": 1 of \d+/);
    await shell.press('Enter', 'd');
    const details = await shell.sees(/^checkout \(pid \d+\), go1/m);
    expect(details).toMatch(/^ {2}GOMAXPROCS +16 {2}endpoint/m);
    await shell.press('PageDown', 'PageDown');
    await shell.sees(/set: +GOMAXPROCS=2 {2}\(env\)/);
    await shell.press('?');
    await shell.sees(/^Keys$/m);
    await shell.press('q');
    await isRestored(shell, 0);
  });

  it('looks at the node itself, and says that it collects until there are rates', async (context) => {
    const shell = await terminal(context, 120, 20);
    await shell.type('echo before');
    const { cgroupfs, procfs, sysfs, podlogs } = demo.node;
    const paths = Object.entries({ cgroupfs, procfs, sysfs, podlogs }).map(([name, path]) => `--path.${name}=${path}`);
    await shell.type(`${top(...paths, '--interval', '2s')}; ${STATUS}`);
    await shell.sees(/^collecting: /m);
    await shell.sees(/crit \d +[\d.]+ +[█x]/);
    await shell.press('C-c');
    await isRestored(shell, 0);
  });

  it('gives the terminal back when it is told to stop', async (context) => {
    const shell = await terminal(context, 80, 24);
    await shell.type('echo before');
    // The shell behind it waits, and ends the program by its number.
    await shell.type(`sh -c 'echo $$ > ${directory}/pid; exec ${top('--url', demo.url)}'; ${STATUS}`);
    await shell.sees(/WORKLOAD/);
    // A key that is still on its way would be typed into the shell.
    await shell.press('s');
    await shell.sees(/^sorted by name/m);
    process.kill(Number(readFileSync(join(directory, 'pid'), 'utf8')), 'SIGTERM');
    await isRestored(shell, 0);
  });

  it('says that nobody answers, and goes on trying', async (context) => {
    const shell = await terminal(context, 80, 24);
    await shell.type('echo before');
    // Port 9 is discard, which no machine serves any more.
    await shell.type(`${top('--url', 'http://127.0.0.1:9', '--interval', '1s')}; ${STATUS}`);
    await shell.sees(/127\.0\.0\.1:9\/report: ECONNREFUSED/);
    await shell.press('q');
    await isRestored(shell, 0);
  });
});
