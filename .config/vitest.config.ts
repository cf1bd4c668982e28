import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/browser/**', 'test/guest/**', 'test/proof/**', 'test/targets/**', 'test/zoo/**', 'node_modules/**'],
    // Many of these run real programs, and CI machines are slow and shared.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text-summary', 'html'],
      thresholds: { lines: 80, functions: 80, branches: 75 },
    },
  },
});
