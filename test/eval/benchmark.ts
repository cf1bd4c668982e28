import { HEALTHY_FAMILIES } from './healthy-families.ts';
import { LEAK_FAMILIES } from './leak-families.ts';
import { LOOK_ALIKE_FAMILIES } from './look-alike-families.ts';
import { QUICK_HEALTHY_FAMILIES, QUICK_LEAK_FAMILIES } from './quick-families.ts';
import { seeded } from './random.ts';
import type { Series } from './series.ts';

/** All families. New ones come last: the place of a family is a part of its seed. */
export const FAMILIES = {
  ...HEALTHY_FAMILIES,
  ...LEAK_FAMILIES,
  ...QUICK_HEALTHY_FAMILIES,
  ...QUICK_LEAK_FAMILIES,
  ...LOOK_ALIKE_FAMILIES,
};

/** Makes `each` series of every family, one after the other, so that only one is in memory. The same seed makes the same series. */
export function* benchmark(seed: number, each: number): Generator<Series> {
  let family = 0;
  for (const [name, make] of Object.entries(FAMILIES)) {
    family += 1;
    for (let index = 0; index < each; index += 1) {
      // Each series has its own numbers: a change to one leaves the others as they are.
      const random = seeded(seed * 1_000_003 + family * 10_007 + index);
      yield { id: `${name} ${seed}/${index}`, family: name, ...make(random) };
    }
  }
}
