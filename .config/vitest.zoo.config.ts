import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/zoo/**/*.test.ts'],
    testTimeout: 7_200_000,
    hookTimeout: 7_200_000,
    fileParallelism: false,
  },
});
