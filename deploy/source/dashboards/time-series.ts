import {
  AxisPlacement,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  LineInterpolation,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import type { DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { neutral } from './colours.ts';
import { DATASOURCE } from './datasource.ts';
import { rangeQuery, refIdOf } from './query.ts';
import type { Unit } from './units.ts';

/** One query of a graph, and how its lines look. */
export interface Line {
  readonly expr: string;
  readonly legend: string;
  /** A limit is a dashed step without a fill. */
  readonly as?: 'limit';
  /** Grafana's name of a colour. Without one the palette decides: right where a query has many lines. */
  readonly colour?: string;
  /** Puts the line on the axis at the right. */
  readonly right?: { readonly unit: Unit; readonly label: string };
}

interface Graph {
  readonly title: string;
  readonly description: string;
  readonly unit: Unit;
  readonly label?: string;
  readonly lines: readonly Line[];
  readonly stacked?: boolean;
  readonly max?: number;
}

/** Lines over time. The legend is a table with last and highest values, because the lines of limits say little without figures. */
export function graph({ title, description, unit, label = '', lines, stacked = false, max }: Graph): PanelBuilder {
  const panel = new PanelBuilder()
    .title(title)
    .description(description)
    .datasource(DATASOURCE)
    .unit(unit)
    .min(0)
    .thresholds(neutral())
    .targets(lines.map(({ expr, legend }, index) => rangeQuery(index, expr, legend)))
    .drawStyle(GraphDrawStyle.Line)
    .lineInterpolation(LineInterpolation.Linear)
    .lineWidth(stacked ? 0 : 1)
    .fillOpacity(stacked ? 60 : 5)
    .showPoints(VisibilityMode.Never)
    .axisLabel(label)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .calcs(['lastNotNull', 'max']),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  if (stacked) panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
  if (max !== undefined) panel.max(max);
  for (const [index, line] of lines.entries()) {
    const properties = looks(line);
    if (properties.length > 0) panel.overrideByQuery(refIdOf(index), properties);
  }
  return panel;
}

function looks({ as, colour, right }: Line): DynamicConfigValue[] {
  const properties: DynamicConfigValue[] = [];
  if (colour !== undefined) properties.push({ id: 'color', value: { mode: 'fixed', fixedColor: colour } });
  if (as === 'limit') {
    properties.push(
      { id: 'custom.lineStyle', value: { fill: 'dash', dash: [10, 6] } },
      { id: 'custom.lineInterpolation', value: LineInterpolation.StepAfter },
      { id: 'custom.lineWidth', value: 2 },
      { id: 'custom.fillOpacity', value: 0 },
      { id: 'custom.stacking', value: { mode: StackingMode.None, group: 'A' } },
    );
  }
  if (right !== undefined) {
    properties.push(
      { id: 'custom.axisPlacement', value: AxisPlacement.Right },
      { id: 'custom.axisLabel', value: right.label },
      { id: 'unit', value: right.unit },
      { id: 'custom.fillOpacity', value: 0 },
    );
  }
  return properties;
}
