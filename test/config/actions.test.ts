import { expect, it } from 'vitest';
import { parseConfig } from '../../src/config/validate.ts';

const parse = (section: string) => parseConfig(`actions: ${section}`, 'c.yaml');

function problems(section: string): string[] {
  const result = parse(section);
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
}

it('is on only when it is switched on and says for whom', () => {
  const result = parse(`
  gcNudge:
    enabled: true
    selectors: [{ namespace: shop }, { namespace: bank, pod: teller-0, container: app }]
    atMemoryRatio: 0.9
    minFreed: 64MiB
    maxGcCpuRatio: 0.05
    processInterval: 30m
    nodeInterval: 2m
`);
  expect(result.ok && result.config.actions.gcNudge).toEqual({
    enabled: true,
    selectors: [{ namespace: 'shop' }, { namespace: 'bank', pod: 'teller-0', container: 'app' }],
    atMemoryRatio: 0.9,
    minFreedBytes: 64 * 2 ** 20,
    maxGcCpuRatio: 0.05,
    processIntervalMs: 1_800_000,
    nodeIntervalMs: 120_000,
  });
});

it.each([
  ['{ gcNudge: { enabled: true } }', /^actions\.gcNudge\.selectors: must name at least one namespace/],
  ['{ gcNudge: { enabled: true, selectors: [{ pod: a }] } }', /selectors\[0\]\.namespace: is required/],
  ['{ gcNudge: { selectors: [{ namespace: "" }] } }', /selectors\[0\]\.namespace/],
  ['{ gcNudge: { processInterval: 10s } }', /processInterval: must be at least 1m/],
  ['{ gcNudge: { nodeInterval: 1s } }', /nodeInterval: must be at least 30s/],
  ['{ gcNudge: { atMemoryRatio: 0.1 } }', /atMemoryRatio: must be at least 0.5/],
  ['{ gcNudge: { minFreed: 0 } }', /minFreed: must be at least 1MiB/],
  ['{ gcNudges: {} }', /did you mean gcNudge\?/],
])('%s is refused', (section, expected) => {
  expect(problems(section).join('\n')).toMatch(expected);
});
