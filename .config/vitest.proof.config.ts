import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/proof/**/*.test.ts'],
    testTimeout: 600_000,
    // Programs may have to be fetched.
    hookTimeout: 600_000,
    fileParallelism: false,
  },
});
