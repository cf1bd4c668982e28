import type { WorkloadHistory } from '../export/history.ts';
import { bounded } from '../export/labels.ts';
import { rowName, type WorkloadRow } from '../export/workload-rows.ts';
import { humanBytes, percent } from '../rules/quantity.ts';
import { sparkline } from './chart.ts';
import { cpuBar } from './cpu-bar.ts';
import { bytesText, countText, NOT_KNOWN, percentText } from './figures.ts';
import { chip } from './frame.ts';
import { type Html, html, nothing } from './html.ts';
import { type Root, workloadLink } from './links.ts';
import { memoryBar } from './memory-bar.ts';
import type { OverviewQuery } from './overview-query.ts';

/** One entry for each workload: who, memory, CPU, and the last hour. */
export function workloadList(
  root: Root,
  query: OverviewQuery,
  rows: readonly WorkloadRow[],
  total: number,
  historyOf: (processKey: string) => WorkloadHistory | undefined,
): Html {
  if (rows.length === 0) {
    const filtered = query.namespace !== undefined || query.severity !== undefined;
    return html`<p class="empty">${filtered && total > 0 ? `None of the ${total} Go workloads fits the filter.` : 'No Go process was found.'}</p>`;
  }
  return html`<ul class="rows">${rows.map((row) => entry(root, row, historyOf(row.key)))}</ul>
<p class="note">A value with ~ was worked out from what is known of the program, not told by it. What is not known is not drawn.</p>`;
}

function entry(root: Root, row: WorkloadRow, history: WorkloadHistory | undefined): Html {
  const { key, severity, firing, process, pid, goVersion, memory, cpu, sharedBy } = row;
  return html`<li class="row"><div class="name"><h3><a href="${workloadLink(root, key)}">${whoText(row)}</a></h3>
<p class="sub">${bounded(process)}, pid ${pid}, ${bounded(goVersion)}</p>${severity === undefined ? nothing : html`<p>${chip(severity)} <span class="sub">${firing} ${firing === 1 ? 'finding' : 'findings'}</span></p>`}</div>
<div class="cell"><h4>Memory</h4>${memoryBar(memory, sharedBy)}</div>
<div class="cell"><h4>CPU</h4>${cpuBar(cpu)}</div>
<div class="cell hour"><h4>Last hour</h4>${sparks(row, history)}</div></li>`;
}

/** The parts of a name on their own lines where there is little room. */
function whoText(row: WorkloadRow): Html {
  const { namespace, pod, container } = row;
  if (namespace === undefined && pod === undefined) return html`${bounded(container ?? rowName(row))}`;
  return html`<span class="ns">${bounded(namespace ?? '')}/</span><wbr>${bounded(pod ?? '')}<wbr><span class="ns">/${bounded(container ?? '')}</span>`;
}

function sparks({ goroutines, gcCpuRatio, memory, cpu }: WorkloadRow, history: WorkloadHistory | undefined): Html {
  const one = (name: string, value: string, drawn: Html): Html =>
    html`<div><dt>${name}</dt><dd${value === NOT_KNOWN ? html` class="unknown"` : ''}>${value}</dd><dd>${drawn}</dd></div>`;
  const series = history?.series;
  const line = (
    name: string,
    which: keyof WorkloadHistory['series'],
    show: (value: number) => string,
    atLeast: number,
  ): Html =>
    series === undefined
      ? html`<span class="unknown">no history</span>`
      : sparkline(name, series[which], show, atLeast);
  return html`<dl class="sparks">${one('goroutines', countText(goroutines), line('Goroutines', 'goroutines', countText, 1))}${one('memory', bytesText(memory.current), line('Memory', 'memoryBytes', humanBytes, 1))}${one('GC share', percentText(gcCpuRatio), line('GC share of CPU', 'gcCpuRatio', percent, 0.05))}${one('throttled', throttledText(cpu), line('Throttled periods', 'throttledRatio', percent, 0.05))}</dl>`;
}

function throttledText({ throttledRatio, limitCores }: WorkloadRow['cpu']): string {
  return throttledRatio === undefined && limitCores?.limit === 'max' ? 'no quota' : percentText(throttledRatio);
}
