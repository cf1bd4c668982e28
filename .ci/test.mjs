// npm test: everything, in order of cost, each part timed. `npm test -- unit lint` runs only the parts named.
// A part exits with 77 when it cannot run on this machine; in CI (CI=true) that is a failure.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install, requireNode, run } from './setup.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
requireNode();
install();

const node = process.execPath;
const bin = (name) => `node_modules/.bin/${name}`;
const CANNOT_RUN = 77;

/** vitest calls a run in which every test skipped a success; a part that could not run says so in a file. */
function mayBeSkipped(config) {
  const mark = join(tmpdir(), `cgopher-skipped-${process.pid}`);
  const status = run(bin('vitest'), ['run', '--config', config], {
    env: { ...process.env, CGOPHER_SKIPPED_FILE: mark },
  });
  if (status !== 0 || !existsSync(mark)) return status;
  console.log(`skipped: ${readFileSync(mark, 'utf8')}`);
  rmSync(mark);
  return CANNOT_RUN;
}

const PARTS = [
  ['types', 'tsc, strict', () => run(bin('tsc'), ['--noEmit'])],
  [
    'lint',
    'eslint, type-aware',
    () =>
      run(bin('eslint'), [
        '-c',
        '.config/eslint.config.js',
        '--max-warnings',
        '0',
        'src',
        'test',
        'deploy',
        '.config',
        '.ci',
      ]),
  ],
  ['format', 'biome', () => run(bin('biome'), ['check', '.'])],
  ['rooms', 'who may import whom', () => run(node, ['.config/rooms.mjs'])],
  ['deadcode', 'knip', () => run(bin('knip'), ['--config', '.config/knip.json'])],
  ['build', 'one bundle', () => run(node, ['.config/build.mjs'])],
  [
    'unit',
    'vitest with coverage; real Go binaries, promtool and Prometheus where they can be had',
    () => run(bin('vitest'), ['run', '--config', '.config/vitest.config.ts', '--coverage']),
  ],
  [
    'targets',
    'runtimes read from memory and endpoints: programs of several Go versions, Debian packages',
    () => mayBeSkipped('.config/vitest.targets.config.ts'),
  ],
  ['browser', 'the status page in Chromium', () => mayBeSkipped('.config/vitest.browser.config.ts')],
  [
    'proof',
    'from a fault to the webhook and back through a real Prometheus and Alertmanager; the install section, followed',
    () => mayBeSkipped('.config/vitest.proof.config.ts'),
  ],
  ['guest', 'real kernel, real Go programs', () => mayBeSkipped('.config/vitest.guest.config.ts')],
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !PARTS.some(([part]) => part === name));
if (unknown.length > 0) {
  console.error(`no such part: ${unknown.join(', ')}; there are ${PARTS.map(([part]) => part).join(', ')}`);
  process.exit(2);
}

const inCi = process.env.CI === 'true';
const outcome = { passed: 0, failed: 0, skipped: 0 };
const lines = [];
for (const [name, what, work] of PARTS) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`\n== ${name}: ${what}`);
  const begin = Date.now();
  const status = work();
  const verdict = status === 0 ? 'passed' : status === CANNOT_RUN && !inCi ? 'skipped' : 'failed';
  outcome[verdict] += 1;
  lines.push(`${verdict.padEnd(8)} ${name.padEnd(9)} ${((Date.now() - begin) / 1000).toFixed(1).padStart(7)} s`);
}
console.log(`\n${lines.join('\n')}\n`);
console.log(`${outcome.passed} passed, ${outcome.failed} failed, ${outcome.skipped} skipped`);
process.exit(outcome.failed === 0 ? 0 : 1);
