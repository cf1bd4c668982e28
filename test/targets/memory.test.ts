import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildTargets, type GoTarget } from '../go-targets/build.mjs';
import { ALL_VERSIONS } from '../go-targets/toolchains.mjs';
import { BEHAVIOURS } from './behaviours.ts';
import type { Comparison } from './comparison.ts';
import { keepTable } from './kept-table.ts';
import { readTarget } from './read-target.ts';
import { skipWithoutTargets } from './without-targets.ts';

/** CGOPHER_GO_VERSIONS=all reads every version there is a toolchain of, for the table in the docs. */
const versions = process.env['CGOPHER_GO_VERSIONS'];
const VARIANTS = ['default', 'stripped', 'pie', 'piestripped', 'cgo', 'cgostripped'];

const targets: GoTarget[] = [];
const results = new Map<string, Comparison[]>();

beforeAll(async () => {
  const wanted = versions === 'all' ? { versions: ALL_VERSIONS } : {};
  targets.push(...(await buildTargets({ ...wanted, variants: VARIANTS, programs: ['probe'] })));
}, 1_200_000);
afterAll(() => {
  keepTable(results, VARIANTS);
});

describe('runtime variables equal what the program says of itself', () => {
  it('in every version and variant, whatever it does', async (context) => {
    skipWithoutTargets(context, targets);
    const wrong = [];
    let read = 0;
    for (const { version, variant, path } of targets) {
      if (path === undefined) continue;
      read += 1;
      for (const behaviour of BEHAVIOURS) {
        const { comparisons } = await readTarget(path, version, behaviour);
        const key = `${version} ${variant}`;
        results.set(key, [...(results.get(key) ?? []), ...comparisons]);
        for (const { quantity, outcome, detail } of comparisons)
          if (outcome === 'different') wrong.push(`${key}, ${behaviour.name}: ${quantity} is ${detail}`);
      }
    }
    expect(wrong).toEqual([]);
    // Three minors at the least, each in four variants or more.
    expect(read).toBeGreaterThanOrEqual(12);
    expect(new Set(targets.flatMap(({ version, path }) => (path === undefined ? [] : [version]))).size).toBeGreaterThan(
      2,
    );
  }, 600_000);
});
