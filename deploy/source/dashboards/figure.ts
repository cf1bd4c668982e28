import { PanelBuilder as BarsBuilder } from '@grafana/grafana-foundation-sdk/bargauge';
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  BarGaugeDisplayMode,
  BarGaugeNamePlacement,
  BarGaugeValueMode,
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  ReduceDataOptionsBuilder,
  VizOrientation,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type DashboardLink,
  FieldColorBuilder,
  FieldColorModeId,
  type ThresholdsConfigBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { DATASOURCE } from './datasource.ts';
import { instantQuery } from './query.ts';
import type { Unit } from './units.ts';

interface Figure {
  readonly title: string;
  readonly description: string;
  readonly unit: Unit;
  readonly expr: string;
  /** Name of a figure where the query may give several. */
  readonly legend?: string;
  readonly thresholds: ThresholdsConfigBuilder;
  readonly links?: readonly Builder<DashboardLink>[];
}

const last = (): ReduceDataOptionsBuilder =>
  new ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('').values(false);
const byThreshold = (): FieldColorBuilder => new FieldColorBuilder().mode(FieldColorModeId.Thresholds);

/** One figure of now, large. What has no value says so; it is not shown as 0. */
export function stat({ title, description, unit, expr, legend, thresholds, links = [] }: Figure): StatBuilder {
  return new StatBuilder()
    .title(title)
    .description(description)
    .datasource(DATASOURCE)
    .unit(unit)
    .noValue('not known')
    .colorScheme(byThreshold())
    .thresholds(thresholds)
    .targets([instantQuery(0, expr, legend ?? '')])
    .dataLinks([...links])
    .reduceOptions(last())
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Value)
    .textMode(legend === undefined ? BigValueTextMode.Value : BigValueTextMode.ValueAndName);
}

/** A bar for each figure of now. */
export function bars({ title, description, unit, expr, legend = '', thresholds, links = [] }: Figure): BarsBuilder {
  return new BarsBuilder()
    .title(title)
    .description(description)
    .datasource(DATASOURCE)
    .unit(unit)
    .min(0)
    .noValue('none')
    .colorScheme(byThreshold())
    .thresholds(thresholds)
    .targets([instantQuery(0, expr, legend)])
    .dataLinks([...links])
    .reduceOptions(last())
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Basic)
    .valueMode(BarGaugeValueMode.Text)
    .namePlacement(BarGaugeNamePlacement.Left)
    .showUnfilled(false);
}
