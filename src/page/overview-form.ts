import { bounded } from '../export/labels.ts';
import { ROW_ORDERS, type RowOrder } from '../export/workload-order.ts';
import { type Html, html } from './html.ts';
import type { Root } from './links.ts';
import type { OverviewQuery } from './overview-query.ts';

/** A menu longer than this is of no use; the address takes any namespace. */
const MAX_NAMESPACES = 200;

const ORDER_NAMES: Readonly<Record<RowOrder, string>> = {
  worst: 'worst first',
  name: 'name',
  memory: 'memory used',
  cpu: 'CPU used',
  throttled: 'throttled',
  goroutines: 'goroutines',
  gc: 'GC share',
};

/** Filter and order as a plain form: it works without a script. */
export function filterForm(root: Root, query: OverviewQuery, namespaces: readonly string[]): Html {
  const listed = namespaces.slice(0, MAX_NAMESPACES);
  const names =
    query.namespace === undefined || listed.includes(query.namespace) ? listed : [query.namespace, ...listed];
  const option = (value: string, text: string, chosen: boolean): Html =>
    html`<option value="${value}"${chosen ? html` selected` : ''}>${text}</option>`;
  return html`<form class="filter" method="get" action="${root}">
<label>Namespace <select name="namespace">${option('', 'all', query.namespace === undefined)}${names.map((name) => option(name, bounded(name), name === query.namespace))}</select></label>
<label>Severity <select name="severity">${option('', 'all', query.severity === undefined)}${(['critical', 'warning', 'info'] as const).map((one) => option(one, one, one === query.severity))}${option('none', 'nothing fires', query.severity === 'none')}</select></label>
<label>Sort workloads by <select name="sort">${ROW_ORDERS.map((order) => option(order, ORDER_NAMES[order], order === query.order))}</select></label>
${query.refreshSeconds === undefined ? '' : html`<input type="hidden" name="refresh" value="${query.refreshSeconds}">`}
<button type="submit">Apply</button>
</form>`;
}
