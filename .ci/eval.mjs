// Evaluates the goroutine growth detector against the usual alternatives: npm run eval [-- --seeds=31,32,33] [--each=16] [--list]
import { runBundled } from './run-bundled.mjs';

await runBundled('test/eval/main.ts');
