// Runs the benchmark: npm run bench [-- --only=read,parse,compose,cycle,start,arrive,poll,memory] [-- --node24]
// BENCH_ENFORCE=1 makes a figure over its limit the exit status 1.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const program = join(root, 'dist/cgopher.mjs');
const scratch = mkdtempSync(join(tmpdir(), 'cgopher-bench-'));
process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));

const newest = (directory) =>
  Math.max(...readdirSync(directory, { recursive: true }).map((name) => statSync(join(directory, name)).mtimeMs));
const built = statSync(program, { throwIfNoEntry: false })?.mtimeMs ?? 0;
if (built < newest(join(root, 'src')))
  execFileSync(process.execPath, ['.config/build.mjs'], { cwd: root, stdio: 'inherit' });

// Bundled as the agent itself is: its memory and start are those of one file.
await build({
  entryPoints: ['main', 'contestants', 'compose-child', 'agent-child'].map((name) =>
    join(root, `test/bench/${name}.ts`),
  ),
  outdir: scratch,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  minifySyntax: true,
  minifyWhitespace: true,
  logLevel: 'warning',
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
  },
});

const args = [join(scratch, 'main.mjs'), scratch, join(root, 'test/bench'), program, ...process.argv.slice(2)];
const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
// The child removes what it made; this process only waits for it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
