import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableHide,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DATASOURCE } from './datasource.ts';

export type Variable = DatasourceVariableBuilder | QueryVariableBuilder;

const datasource = (): Variable => new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus');

// Most have one cluster, and then often no such label: "All" matches that too, so hiding the choice hides no data.
const cluster = (): Variable =>
  many('cluster', 'Cluster', 'label_values(cgopher_build_info, cluster)').hide(VariableHide.HideVariable);

/** Data source and cluster, which every dashboard begins with. */
export const source = (): Variable[] => [datasource(), cluster()];

/** Any number of values, all of them at first. */
export function many(name: string, label: string, query: string): QueryVariableBuilder {
  return base(name, label, query).multi(true).includeAll(true).allValue('.*');
}

/** One value. */
export const one = (name: string, label: string, query: string): QueryVariableBuilder =>
  base(name, label, query).multi(false).includeAll(false);

function base(name: string, label: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query({ query, refId: `variable-${name}` })
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc);
}
