import { writeFileSync } from 'node:fs';
import type { TestContext } from 'vitest';
import type { GoTarget } from '../go-targets/build.mjs';

/** Where nothing can be built there is nothing to read: said so, and in CI a failure. */
export function skipWithoutTargets(context: TestContext, targets: readonly GoTarget[]): void {
  if (targets.some(({ path }) => path !== undefined) || process.env['CI'] === 'true') return;
  const reason = targets[0]?.skipped ?? 'no Go program could be built';
  // The runner of all parts reads it: a part whose tests all skipped has not passed.
  const mark = process.env['CGOPHER_SKIPPED_FILE'];
  if (mark !== undefined) writeFileSync(mark, reason);
  context.skip(reason);
}
