import * as units from '@grafana/grafana-foundation-sdk/units';

/** Grafana's names of the units in use. Ratios are shown as percent. */
export const UNIT = {
  count: units.Short,
  text: 'none',
  ratio: units.PercentUnit,
  bytes: units.BytesIEC,
  bytesPerSecond: units.BytesPerSecondIEC,
  seconds: units.Seconds,
  perSecond: units.CountsPerSecond,
} as const;
export type Unit = (typeof UNIT)[keyof typeof UNIT];
