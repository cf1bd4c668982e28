import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROGRAMS, type Program } from './programs.ts';
import { markdownTable, summary, trialLines } from './report.ts';
import { runProgram } from './run-program.ts';
import { type Measured, trialsOf } from './trial.ts';

const KEPT = join(process.cwd(), 'test/whatif/measured.json');
const DOC = join(process.cwd(), 'docs/what-if.md');
const TOOLCHAINS = join(process.cwd(), 'test/go-targets/toolchains.mjs');
const SOURCE = join(process.cwd(), 'test/whatif/allocator');

const words = new Map(process.argv.slice(2).map((word) => word.split('=', 2) as [string, string | undefined]));
const keep = words.get('--keep');

function build({ goVersion }: Program, folder: string): string {
  const found = execFileSync(process.execPath, [TOOLCHAINS, goVersion], { encoding: 'utf8' });
  const go = (JSON.parse(found) as Record<string, string>)[goVersion] ?? 'go';
  const path = join(folder, `allocator-${goVersion}`);
  const env = { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '-mod=mod', GOWORK: 'off', CGO_ENABLED: '0' };
  execFileSync(go, ['build', '-trimpath', '-buildvcs=false', '-o', path, '.'], { cwd: SOURCE, env, stdio: 'inherit' });
  return path;
}

function withoutAges(key: string, value: unknown): unknown {
  return key === 'ageSeconds' ? undefined : value;
}

/** After each program, so that an early end loses little. */
function keepSoFar(programs: readonly Measured[]): void {
  if (keep !== undefined)
    writeFileSync(keep, `${JSON.stringify({ measuredAt: new Date().toISOString(), programs }, withoutAges, 1)}\n`);
}

/** Between the two marks of the page. */
function writeTable(path: string): void {
  const page = readFileSync(path, 'utf8');
  const table = `<!-- measured -->\n\n${markdownTable(trials, measured)}\n\n<!-- end -->`;
  writeFileSync(
    path,
    page.replace(/<!-- measured -->[^]*?<!-- end -->/, () => table),
  );
}

/** What an earlier run that was ended has kept. */
function kept(): readonly Measured[] {
  return keep === undefined || !existsSync(keep)
    ? []
    : (JSON.parse(readFileSync(keep, 'utf8')) as { readonly programs: Measured[] }).programs;
}

async function measure(only: string | undefined): Promise<Measured[]> {
  const folder = mkdtempSync(join(tmpdir(), 'cgopher-whatif-'));
  try {
    const measured: Measured[] = [...kept()];
    for (const program of PROGRAMS) {
      const { name, goVersion, flags, settings } = program;
      if (measured.some((done) => done.name === name)) continue;
      if (only !== undefined && !name.includes(only)) continue;
      const path = build(program, folder);
      process.stderr.write(`${name}: ${settings.length} settings\n`);
      const runs = [];
      for (const setting of settings) {
        runs.push(await runProgram(path, goVersion, flags, setting));
        process.stderr.write(`  ${JSON.stringify(setting)}\n`);
      }
      measured.push({ name, goVersion, flags, runs });
      keepSoFar(measured);
    }
    return measured;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// [--replay] [--only=WORDS] [--keep=FILE] [--doc]: without options all programs are run, the trials printed, and nothing is written.
const measured = words.has('--replay')
  ? (JSON.parse(readFileSync(keep ?? KEPT, 'utf8')) as { readonly programs: Measured[] }).programs
  : await measure(words.get('--only'));
const trials = trialsOf(measured);
process.stdout.write(`${trialLines(trials)}\n\n${summary(trials)}\n`);
if (words.has('--doc')) writeTable(DOC);
