import type { NodeHistory } from '../export/history.ts';
import { bounded } from '../export/labels.ts';
import { bySeverity } from '../export/workload-rows.ts';
import type { NodeModel } from '../model/node-types.ts';
import type { Judged } from '../rules/judged.ts';
import { humanBytes, percent } from '../rules/quantity.ts';
import type { Finding } from '../rules/types.ts';
import { chart } from './chart.ts';
import { bytesText, countText, NOT_KNOWN } from './figures.ts';
import { type CardContext, findingCard } from './finding-card.ts';
import { type Frame, page } from './frame.ts';
import { type Html, html } from './html.ts';
import { pressureTable } from './pressure-table.ts';
import { verdictsSection } from './verdicts-section.ts';

const MAX_ROWS = 200;

/** What the page of the node is made of. */
export interface NodePageView {
  readonly frame: Frame;
  readonly model: NodeModel;
  readonly history: NodeHistory;
  /** About the node itself. */
  readonly findings: readonly Finding[];
  readonly judged: readonly Judged[];
  readonly cards: CardContext;
}

/** The page at `/node`: kernel, limits, pressure and settings of the node, and what the rules say of it. */
export function nodePage({ frame, model, history, findings, judged, cards }: NodePageView): string {
  const { node } = model;
  const firing = findings.filter(({ state }) => state === 'firing').sort(bySeverity);
  const facts: readonly (readonly [name: string, value: string])[] = [
    ['Kernel', node.kernelRelease ?? NOT_KNOWN],
    [
      'Cgroup hierarchy',
      `${node.hierarchy === 'unified' ? 'unified (v2)' : node.hierarchy}${node.hierarchyDetail === '' ? '' : `: ${node.hierarchyDetail}`}`,
    ],
    ['Controllers', node.controllers.length === 0 ? NOT_KNOWN : node.controllers.join(', ')],
    ['CPUs online', countText(node.cpusOnline)],
    ['Memory', bytesText(node.memoryTotalBytes)],
    ['Memory available', bytesText(node.memoryAvailableBytes)],
    ['Swap', bytesText(node.swapTotalBytes)],
    ['Swap free', bytesText(node.swapFreeBytes)],
    ['Workloads', `${countText(model.containers.length)} in ${countText(model.pods.length)} pods`],
    ['Go processes', countText(model.goProcesses.length)],
  ];
  const { series } = history;
  return page(
    frame,
    html`<h1>${node.hostname ?? 'This node'}</h1>
<section aria-labelledby="findings-heading"><h2 id="findings-heading">Findings about the node</h2>${firing.length === 0 ? html`<p class="empty">Nothing fires for the node itself.</p>` : firing.map((finding, index) => findingCard(finding, index, cards))}</section>
<section aria-labelledby="facts-heading"><h2 id="facts-heading">Facts</h2><dl class="grid">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd${value === NOT_KNOWN ? html` class="unknown"` : ''}>${bounded(value)}</dd></div>`)}</dl></section>
<section aria-labelledby="pressure-heading"><h2 id="pressure-heading">Pressure</h2>${pressureTable(node.pressure)}
<div class="charts">${chart(
      'Time in which some tasks waited',
      [
        { name: 'CPU', kind: 'a', series: series.cpuPressureRatio },
        { name: 'memory', kind: 'b', series: series.memoryPressureRatio },
        { name: 'I/O', kind: 'c', series: series.ioPressureRatio },
      ],
      [],
      percent,
      0.05,
    )}${chart('Memory available', [{ name: 'available', kind: 'a', series: series.memoryAvailableBytes }], [], humanBytes, 1)}</div></section>
<section aria-labelledby="settings-heading"><h2 id="settings-heading">Kernel settings and disks</h2>${sysctls(node.sysctls)}${disks(node.blockDevices)}</section>
<section aria-labelledby="rules-heading"><h2 id="rules-heading">Why each rule did or did not fire</h2>${verdictsSection(frame.root, judged)}</section>`,
  );
}

function sysctls(values: NodeModel['node']['sysctls']): Html {
  const rows = Object.entries(values).slice(0, MAX_ROWS);
  if (rows.length === 0) return html`<p class="unknown">No kernel setting was read.</p>`;
  return html`<table><thead><tr><th scope="col">Setting</th><th scope="col" class="n">Value</th></tr></thead><tbody>${rows.map(([name, value]) => html`<tr><th scope="row" class="code">${bounded(name)}</th><td class="n">${bounded(String(value))}</td></tr>`)}</tbody></table>`;
}

function disks(devices: NodeModel['node']['blockDevices']): Html {
  if (devices === undefined) return html`<p class="unknown">Disks were not read.</p>`;
  if (devices.length === 0) return html`<p class="empty">There are no disks.</p>`;
  return html`<table><thead><tr><th scope="col">Disk</th><th scope="col">Device</th><th scope="col">Scheduler</th></tr></thead><tbody>${devices
    .slice(0, MAX_ROWS)
    .map(
      ({ name, device, scheduler }) =>
        html`<tr><th scope="row">${bounded(name)}</th><td>${bounded(device)}</td><td>${bounded(scheduler ?? NOT_KNOWN)}</td></tr>`,
    )}</tbody></table>`;
}
