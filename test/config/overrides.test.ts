import { describe, expect, it } from 'vitest';
import { engineOptions } from '../../src/agent/assemble.ts';
import { type Config, defaultConfig } from '../../src/config/config.ts';
import { formatProblem } from '../../src/config/problems.ts';
import { configJsonSchema } from '../../src/config/schema.ts';
import { parseConfig } from '../../src/config/validate.ts';

const RULES = ['CpuThrottled', 'GomemlimitMissing', 'PprofExposed'];

function config(text: string): Config {
  const result = parseConfig(text, 'c.yaml', { knownRules: RULES });
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'));
  return result.config;
}

function problems(text: string): string[] {
  const result = parseConfig(text, 'c.yaml', { knownRules: RULES });
  return result.ok ? ['accepted'] : result.problems.map(formatProblem);
}

describe('an override', () => {
  it('puts its numbers over those of the file, and the rest stays', () => {
    const { overrides, thresholds } = config(`
thresholds:
  cpuThrottled: { warningRatio: 0.1 }
overrides:
  - { namespace: batch, thresholds: { cpuThrottled: { minPeriods: 50 }, memory: { headroomRatio: 0.2 } } }
`);
    expect(thresholds.cpuThrottled).toMatchObject({ warningRatio: 0.1, minPeriods: 20 });
    const [first] = overrides;
    expect(first).toMatchObject({ namespace: 'batch', disable: [] });
    expect(first?.thresholds?.cpuThrottled).toEqual({ ...thresholds.cpuThrottled, minPeriods: 50 });
    expect(first?.thresholds?.memory).toEqual({ ...thresholds.memory, headroomRatio: 0.2 });
    expect(first?.thresholds?.gc).toEqual(defaultConfig().thresholds.gc);
    expect(first?.thresholds).not.toHaveProperty('engine');
  });

  it('without thresholds has none, so that another one may give them', () => {
    const { overrides } = config('overrides: [{ pod: web-0, disable: [PprofExposed] }]');
    expect(overrides).toEqual([{ pod: 'web-0', disable: ['PprofExposed'], thresholds: undefined }]);
  });

  it.each([
    [
      '- { disable: [PprofExposed] }',
      'c.yaml:2:5 overrides[0]: needs at least one of namespace, pod and container; for all subjects there are rules.disable and thresholds',
    ],
    ['- { namespce: batch, pod: a }', 'c.yaml:2:7 overrides[0].namespce: unknown key; did you mean namespace?'],
    ['- { namespace: "" }', 'c.yaml:2:18 overrides[0].namespace: must be at least 1 characters'],
    [
      '- { pod: a, disable: [PprofExpose] }',
      'c.yaml:2:25 overrides[0].disable[0]: there is no rule PprofExpose; did you mean PprofExposed?',
    ],
    [
      '- { pod: a, thresholds: { cpuThrotled: {} } }',
      'c.yaml:2:29 overrides[0].thresholds.cpuThrotled: unknown key; did you mean cpuThrottled?',
    ],
    [
      '- { pod: a, thresholds: { cpuThrottled: { minPeriod: 3 } } }',
      'c.yaml:2:45 overrides[0].thresholds.cpuThrottled.minPeriod: unknown key; did you mean minPeriods?',
    ],
    [
      '- { pod: a, thresholds: { cpuThrottled: { warningRatio: 2 } } }',
      'c.yaml:2:59 overrides[0].thresholds.cpuThrottled.warningRatio: must be at most 1',
    ],
    // How the engine counts is the same for all subjects.
    [
      '- { pod: a, thresholds: { engine: { forCycles: 1 } } }',
      /^c\.yaml:2:29 overrides\[0\]\.thresholds\.engine: unknown key; known here: /,
    ],
  ])('is refused at its place: %s', (entry, expected) => {
    const found = problems(`overrides:\n  ${entry}\n`);
    expect(found).toHaveLength(1);
    if (typeof expected === 'string') expect(found[0]).toBe(expected);
    else expect(found[0]).toMatch(expected);
  });

  it('is refused when only together with the file it is wrong', () => {
    const text = `thresholds: { cpuThrottled: { warningRatio: 0.2 } }
overrides:
  - { pod: a, thresholds: { cpuThrottled: { criticalRatio: 0.3 } } }
  - { pod: b, thresholds: { cpuThrottled: { criticalRatio: 0.1 } } }
`;
    expect(problems(text)).toEqual([
      'c.yaml:4:43 overrides[1].thresholds.cpuThrottled.warningRatio: must not be above criticalRatio',
    ]);
  });

  it('has no defaults in the JSON Schema: what is left out is as in the file', () => {
    const schema = JSON.stringify(
      (configJsonSchema() as { properties: { overrides: { items: { properties: { thresholds: unknown } } } } })
        .properties.overrides.items.properties.thresholds,
    );
    expect(schema).toContain('minPeriods');
    expect(schema).not.toContain('"default"');
  });
});

describe('engine options', () => {
  const text = `
thresholds: { engine: { coolDown: 90s } }
overrides:
  - { pod: a, disable: [PprofExposed] }
  - { namespace: n, thresholds: { cpuThrottled: { minPeriods: 50 } } }
`;

  it('have the cool-down in seconds, and none for a single look', () => {
    expect(engineOptions(config(text), 'daemon').coolDownSeconds).toBe(90);
    expect(engineOptions(config(text), 'once').coolDownSeconds).toBe(0);
    expect(engineOptions(defaultConfig(), 'daemon').coolDownSeconds).toBe(300);
    expect(problems('thresholds: { engine: { coolDown: 25h } }')).toEqual([
      'c.yaml:1:35 thresholds.engine.coolDown: must be at most 1d, got 25h',
    ]);
    expect(engineOptions(config('thresholds: { engine: { coolDown: 0s } }'), 'daemon').coolDownSeconds).toBe(0);
  });

  it('have overrides with numbers before those without, which would hide them', () => {
    const { overrides = [] } = engineOptions(config(text), 'daemon');
    expect(overrides.map(({ pod, namespace }) => pod ?? namespace)).toEqual(['n', 'a']);
    expect(overrides.map(({ thresholds }) => thresholds.cpuThrottled.minPeriods)).toEqual([50, 20]);
  });
});
