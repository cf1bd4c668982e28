// Takes the pictures in docs/images from the agent on the simulated node: node .config/screenshots.mjs. Some minutes; needs Chromium.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
// Among the packages, so that those that are not bundled are found.
const scratch = mkdtempSync(join(root, 'node_modules/.screenshots-'));
process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));

const program = join(scratch, 'main.mjs');
await build({
  entryPoints: [join(root, 'test/browser/screenshots.ts')],
  outfile: program,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  logLevel: 'warning',
});
const { status } = spawnSync(process.execPath, [program, join(root, 'docs/images'), version], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
