import { type Threshold, ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';

/** Names that Grafana gives a light and a dark variant each. */
export const SEVERITY_COLOUR = { critical: 'red', warning: 'orange', info: 'blue' } as const;

/** Green below the first value, then the given colours from their values on. */
export function thresholds(
  ...steps: readonly (readonly [from: number, colour: 'yellow' | 'orange' | 'red' | 'blue'])[]
): ThresholdsConfigBuilder {
  return colouredFrom(
    'green',
    steps.map(([value, color]) => ({ value, color })),
  );
}

/** For a figure that is neither good nor bad. */
export const neutral = (): ThresholdsConfigBuilder => colouredFrom('text', []);

/** For a figure of which there should be some: red at zero. */
export const redAtZero = (): ThresholdsConfigBuilder => colouredFrom('red', [{ value: 1, color: 'green' }]);

function colouredFrom(base: string, steps: readonly Threshold[]): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([{ value: null, color: base }, ...steps]);
}
