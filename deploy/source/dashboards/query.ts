import { DataqueryBuilder, PromQueryFormat, QueryEditorMode } from '@grafana/grafana-foundation-sdk/prometheus';
import { DATASOURCE } from './datasource.ts';

/** Queries are named A, B, C in the order they are written: overrides refer to them by that name. */
export const refIdOf = (index: number): string => String.fromCharCode(65 + index);

/** A query over the time range of the dashboard. */
export function rangeQuery(index: number, expr: string, legend: string): DataqueryBuilder {
  return query(index, expr).range().legendFormat(legend);
}

/** The values of now. */
export function instantQuery(index: number, expr: string, legend: string): DataqueryBuilder {
  return query(index, expr).instant().legendFormat(legend);
}

/** The values of now with each label in a column of its own. */
export function tableQuery(index: number, expr: string): DataqueryBuilder {
  return query(index, expr).instant().format(PromQueryFormat.Table);
}

function query(index: number, expr: string): DataqueryBuilder {
  return new DataqueryBuilder()
    .refId(refIdOf(index))
    .datasource(DATASOURCE)
    .editorMode(QueryEditorMode.Code)
    .expr(expr);
}
