import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  BarGaugeDisplayMode,
  FieldTextAlignment,
  TableCellDisplayMode,
  TableSortByFieldStateBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type DashboardLink,
  type DynamicConfigValue,
  FieldColorModeId,
  type ThresholdsConfigBuilder,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import { neutral } from './colours.ts';
import { DATASOURCE } from './datasource.ts';
import { refIdOf, tableQuery } from './query.ts';
import { UNIT, type Unit } from './units.ts';

/** A column with a label of the series, or with the value of a query. */
export type Column = LabelColumn | ValueColumn;

interface LabelColumn {
  readonly label: string;
  readonly title: string;
  readonly links?: readonly Builder<DashboardLink>[];
  readonly width?: number;
}

interface ValueColumn {
  readonly expr: string;
  readonly title: string;
  readonly unit: Unit;
  readonly thresholds?: ThresholdsConfigBuilder;
  /** Full length of a bar in the cell. Without it there is a number only. */
  readonly barUpTo?: number;
  readonly mappings?: readonly ValueMapping[];
  readonly width?: number;
}

interface Table {
  readonly title: string;
  readonly description: string;
  readonly columns: readonly Column[];
  /** Queries for their labels only. */
  readonly labelsFrom?: readonly string[];
  /** Title of the column that is highest first. */
  readonly sortBy: string;
  readonly ascending?: boolean;
  /** Label columns that the queries give and nobody needs to see. */
  readonly hidden?: readonly string[];
  readonly noValue?: string;
}

/** Series of now as rows: what has the same labels stands in one row. Columns come in the order they are written. */
export function table({
  title,
  description,
  columns,
  labelsFrom = [],
  sortBy,
  ascending = false,
  hidden = [],
  noValue = '-',
}: Table): PanelBuilder {
  const values = columns.filter((column) => 'expr' in column);
  const exprs = [...values.map(({ expr }) => expr), ...labelsFrom];
  // With one query Grafana calls the value "Value", with several "Value #A".
  const valueField = (index: number): string => (exprs.length === 1 ? 'Value' : `Value #${refIdOf(index)}`);
  const fieldOf = (column: Column): string => ('label' in column ? column.label : valueField(values.indexOf(column)));
  const unseen = ['Time', ...labelsFrom.map((_, index) => valueField(values.length + index))];
  const panel = new PanelBuilder()
    .title(title)
    .description(description)
    .datasource(DATASOURCE)
    .unit(UNIT.text)
    .noValue(noValue)
    .thresholds(neutral())
    .targets(exprs.map((expr, index) => tableQuery(index, expr)))
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: Object.fromEntries(unseen.map((name) => [name, true])),
        indexByName: Object.fromEntries(columns.map((column, index) => [fieldOf(column), index])),
        renameByName: {},
      },
    })
    .filterable(true)
    .sortBy([new TableSortByFieldStateBuilder().displayName(sortBy).desc(!ascending)]);
  for (const column of columns) panel.overrideByName(fieldOf(column), cells(column));
  // Hidden, not taken out: links of other cells use their values.
  for (const label of hidden) panel.overrideByName(label, [{ id: 'custom.hidden', value: true }]);
  return panel;
}

// A title is a display name, not a new name: links go on using the label's own name.
function cells(column: Column): DynamicConfigValue[] {
  const properties: DynamicConfigValue[] = [
    { id: 'displayName', value: column.title },
    // The panel's own text is for a table without rows.
    { id: 'noValue', value: '-' },
  ];
  if (column.width !== undefined) properties.push({ id: 'custom.width', value: column.width });
  if ('label' in column) {
    if (column.links !== undefined) properties.push({ id: 'links', value: column.links.map((link) => link.build()) });
    return properties;
  }
  properties.push({ id: 'unit', value: column.unit }, { id: 'custom.align', value: FieldTextAlignment.Left });
  if (column.mappings !== undefined) properties.push({ id: 'mappings', value: column.mappings });
  if (column.thresholds !== undefined) {
    properties.push(
      { id: 'thresholds', value: column.thresholds.build() },
      { id: 'color', value: { mode: FieldColorModeId.Thresholds } },
    );
  }
  if (column.barUpTo !== undefined) {
    properties.push(
      { id: 'min', value: 0 },
      { id: 'max', value: column.barUpTo },
      { id: 'custom.cellOptions', value: { type: TableCellDisplayMode.Gauge, mode: BarGaugeDisplayMode.Basic } },
    );
  } else if (column.thresholds !== undefined || column.mappings !== undefined) {
    properties.push({ id: 'custom.cellOptions', value: { type: TableCellDisplayMode.ColorText } });
  }
  return properties;
}
