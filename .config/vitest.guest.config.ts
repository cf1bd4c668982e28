import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/guest/**/*.test.ts'],
    testTimeout: 1_200_000,
    // Two runs, each within its own limit.
    hookTimeout: 2_400_000,
    fileParallelism: false,
  },
});
