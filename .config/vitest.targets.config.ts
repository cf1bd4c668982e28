import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/targets/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 1_200_000,
    // The programs that are measured want the processors too.
    fileParallelism: false,
  },
});
