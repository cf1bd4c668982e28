import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/browser/**/*.test.ts'],
    testTimeout: 300_000,
    // Chromium may have to be installed.
    hookTimeout: 900_000,
    fileParallelism: false,
  },
});
