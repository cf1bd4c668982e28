// npm start: installs, builds, and runs the agent on a simulated node. With arguments it passes them to cgopher instead.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { buildBundle, install, requireNode } from './setup.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
requireNode();
install();
buildBundle();
const given = process.argv.slice(2);
const child = spawn(
  process.execPath,
  [
    '--max-semi-space-size=2',
    '--single-threaded-gc',
    '--v8-pool-size=1',
    '--max-old-space-size=256',
    'dist/cgopher.mjs',
    ...(given.length > 0 ? given : ['demo']),
  ],
  { stdio: 'inherit' },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1);
});
