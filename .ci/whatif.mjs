// Predicts the share of CPU collecting takes at other settings, and measures it: npm run whatif [-- --replay] [--only=WORDS] [--keep=FILE] [--doc]
import { runBundled } from './run-bundled.mjs';

await runBundled('test/whatif/main.ts');
