import type { WorkloadHistory } from '../export/history.ts';
import { privilegeAdvice } from '../export/privilege-advice.ts';
import { orderedRows, type RowFilter } from '../export/workload-order.ts';
import { bySeverity, workloadRows } from '../export/workload-rows.ts';
import type { NodeModel } from '../model/node-types.ts';
import type { Finding, Severity } from '../rules/types.ts';
import { bytesText, countText } from './figures.ts';
import { type CardContext, findingCard } from './finding-card.ts';
import { type Frame, page } from './frame.ts';
import { type Html, html, nothing } from './html.ts';
import { overviewLink, type Root } from './links.ts';
import { filterForm } from './overview-form.ts';
import type { OverviewQuery } from './overview-query.ts';
import { pageOf, pager } from './pager.ts';
import { workloadList } from './workload-list.ts';

/** Rows and cards on one page: what a person looks at, and what bounds the work of making it. */
export const ROWS_PER_PAGE = 25;
export const FINDINGS_PER_PAGE = 10;

/** What the overview is made of. */
export interface OverviewView {
  readonly frame: Frame;
  readonly query: OverviewQuery;
  readonly model: NodeModel;
  readonly findings: readonly Finding[];
  readonly cards: CardContext;
  /** The last hour of a process; undefined where none is kept. */
  readonly historyOf: (processKey: string) => WorkloadHistory | undefined;
}

/** The page at `/`: what fires, then every Go workload. */
export function overviewPage({ frame, query, model, findings, cards, historyOf }: OverviewView): string {
  const { root } = frame;
  const firing = findings.filter(({ state }) => state === 'firing').sort(bySeverity);
  const shown = firing.filter((finding) => fitsFilter(finding, query));
  const rows = workloadRows(model, findings);
  const ordered = orderedRows(rows, query.order, query);
  const findingsPage = pageOf(shown, query.findingsPage, FINDINGS_PER_PAGE);
  const rowsPage = pageOf(ordered, query.page, ROWS_PER_PAGE);
  const namespaces = new Set(model.containers.flatMap(({ identity }) => identity.namespace ?? []));
  return page(
    frame,
    html`${heading(model, firing, query, root)}
<section id="findings" aria-labelledby="findings-heading"><div class="section-head"><h2 id="findings-heading">Findings</h2>${filterForm(root, query, [...namespaces].sort())}</div>
${shown.length === 0 ? html`<p class="empty">${firing.length === 0 ? 'Nothing fires.' : `None of the ${firing.length} findings fits the filter.`}</p>` : findingsPage.items.map((finding, index) => findingCard(finding, index, cards))}
${pager('Pages of findings', findingsPage, (to) => overviewLink(root, { ...query, findingsPage: to }, 'findings'))}
</section>
<section id="workloads" aria-labelledby="workloads-heading"><h2 id="workloads-heading">Go workloads</h2>
${workloadList(root, query, rowsPage.items, rows.length, historyOf)}
${pager('Pages of workloads', rowsPage, (to) => overviewLink(root, { ...query, page: to }, 'workloads'))}
</section>`,
  );
}

function fitsFilter({ severity, subject }: Finding, filter: RowFilter): boolean {
  return (
    (filter.namespace === undefined || subject.namespace === filter.namespace) &&
    (filter.severity === undefined || filter.severity === severity)
  );
}

function heading(model: NodeModel, firing: readonly Finding[], query: OverviewQuery, root: Root): Html {
  const { node, containers, goProcesses } = model;
  const unseen = containers.reduce((sum, { unseenProcesses }) => sum + unseenProcesses, 0);
  const advice = privilegeAdvice(node.privileges, unseen);
  const count = (severity: Severity): Html => {
    const number = firing.filter((finding) => finding.severity === severity).length;
    const chosen = query.severity === severity;
    const link = overviewLink(root, { ...query, severity: chosen ? undefined : severity, page: 1, findingsPage: 1 });
    return html`<li class="count ${severity}${number === 0 ? html` zero` : ''}"><a href="${link}"${chosen ? html` aria-current="true"` : ''}><b>${number}</b> ${severity}</a></li>`;
  };
  const judged = node.hierarchy === 'unified';
  return html`<section class="overview" aria-labelledby="heading"><h1 id="heading">${node.hostname ?? 'This node'}</h1>
<p class="facts">${countText(goProcesses.length)} Go ${goProcesses.length === 1 ? 'process' : 'processes'} in ${countText(containers.length)} workloads; kernel ${node.kernelRelease ?? 'not known'}, cgroup ${judged ? 'v2' : node.hierarchy}, ${node.cpusOnline === undefined ? 'CPUs not known' : `${node.cpusOnline} CPUs`}, ${node.memoryTotalBytes === undefined ? 'memory not known' : bytesText(node.memoryTotalBytes)}</p>
<ul class="counts">${count('critical')}${count('warning')}${count('info')}</ul>
${judged ? nothing : html`<p class="notice">This node does not run the unified cgroup v2 hierarchy (${node.hierarchyDetail}): only the node itself is judged.</p>`}
${advice === undefined ? nothing : html`<p class="notice">${advice} <a href="${root}agent">What cannot be seen</a></p>`}
</section>`;
}
