import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import { type DashboardLink, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard';
import { runbookUrl } from '../../../src/rules/runbook.ts';

/** Identifiers that never change: addresses of dashboards are made of them. */
export const UID = { overview: 'cgopher-overview', workload: 'cgopher-workload', node: 'cgopher-node' } as const;

/** What the dashboards find each other by. */
export const TAG = 'cgopher-mixin';

const TITLE = { overview: 'Overview', workload: 'Workload', node: 'Node' } as const;

const KEPT = '${datasource:queryparam}&${__url_time_range}';
const CLUSTER_OF_ROW = 'var-cluster=${__data.fields.cluster}';

/** At the top of a dashboard: the other two, with data source, cluster and time kept. */
export const toTheOthers = (uid: string): Builder<DashboardLink>[] =>
  (['overview', 'workload', 'node'] as const)
    .filter((name) => UID[name] !== uid)
    .map((name) =>
      link(TITLE[name], `/d/${UID[name]}?\${datasource:queryparam}&\${cluster:queryparam}`, { keepTime: true }),
    );

/** From a row with the labels of a pod. Without `container` all containers of the pod are shown. */
export const toWorkload = (): Builder<DashboardLink> =>
  link(
    'Workload dashboard',
    `/d/${UID.workload}?${KEPT}&${CLUSTER_OF_ROW}&var-namespace=\${__data.fields.namespace}&var-pod=\${__data.fields.pod}`,
  );

/** From a row with the label of a node. */
export const toNode = (): Builder<DashboardLink> =>
  link('Node dashboard', `/d/${UID.node}?${KEPT}&${CLUSTER_OF_ROW}&var-node=\${__data.fields.node}`);

/** From a row with the name of a rule. */
export const toRunbook = (): Builder<DashboardLink> =>
  link('Runbook of this rule', runbookUrl('Cgopher${__data.fields.rule}'), { targetBlank: true });

/** From a bar that stands for a rule. */
export const barToRunbook = (): Builder<DashboardLink> =>
  link('Runbook of this rule', runbookUrl('Cgopher${__field.labels.rule}'), { targetBlank: true });

/** From a bar that stands for a node. */
export const barToNode = (): Builder<DashboardLink> =>
  link(
    'Node dashboard',
    `/d/${UID.node}?${KEPT}&var-cluster=\${__field.labels.cluster}&var-node=\${__field.labels.node}`,
  );

/** From a bar that stands for a namespace, to the same dashboard with only that. */
export const barToNamespace = (): Builder<DashboardLink> =>
  link(
    'Only this namespace',
    `/d/${UID.overview}?${KEPT}&\${cluster:queryparam}&\${node:queryparam}&var-namespace=\${__field.labels.namespace}`,
  );

// Not the builder of the library: its links go into a menu that one has to know of.
function link(
  title: string,
  url: string,
  { keepTime = false, targetBlank = false }: { readonly keepTime?: boolean; readonly targetBlank?: boolean } = {},
): Builder<DashboardLink> {
  const built: DashboardLink = {
    title,
    type: DashboardLinkType.Link,
    icon: 'dashboard',
    tooltip: '',
    url,
    tags: [],
    asDropdown: false,
    targetBlank,
    includeVars: false,
    keepTime,
  };
  return { build: () => built };
}
