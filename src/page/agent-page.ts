import { groupBy } from '../base/group.ts';
import type { Miss } from '../base/reading.ts';
import type { CycleReport } from '../export/cycle-metrics.ts';
import { bounded } from '../export/labels.ts';
import { privilegeAdvice } from '../export/privilege-advice.ts';
import type { NodeModel } from '../model/node-types.ts';
import type { Unjudged } from '../rules/types.ts';
import { bytesText, countText, NOT_KNOWN, timeText, utcText } from './figures.ts';
import { type Frame, page } from './frame.ts';
import { type Html, html, nothing } from './html.ts';
import { containerReference, type Root, workloadLink } from './links.ts';
import { prose } from './prose.ts';

const MAX_ROWS = 50;

/** How the agent itself does. */
export interface AgentStatus {
  readonly startedUnixMs: number;
  readonly intervalSeconds: number;
  /** Of the last cycle; undefined before the first has ended. */
  readonly cycle: CycleReport | undefined;
  readonly residentBytes: number;
  /** Undefined: the agent was started without a configuration file, or it is not known yet. */
  readonly config: { readonly successful: boolean; readonly atUnixMs: number } | undefined;
  readonly history: { readonly workloads: number; readonly leftOut: number; readonly bytes: number };
}

/** What the page of the agent is made of. */
export interface AgentPageView {
  readonly frame: Frame;
  readonly status: AgentStatus;
  /** Undefined before the first cycle. */
  readonly last: { readonly model: NodeModel; readonly unjudged: readonly Unjudged[] } | undefined;
}

/** The page at `/agent`: what cannot be seen and why, and what the agent costs. */
export function agentPage({ frame, status, last }: AgentPageView): string {
  return page(
    frame,
    html`<h1>The agent</h1>
<section aria-labelledby="unseen-heading"><h2 id="unseen-heading">What cannot be seen, and why</h2>${last === undefined ? html`<p class="empty">The first look at the node is under way.</p>` : unseen(frame.root, last.model, last.unjudged)}</section>
<section aria-labelledby="collectors-heading"><h2 id="collectors-heading">Collectors</h2>${collectors(status.cycle)}</section>
<section aria-labelledby="cost-heading"><h2 id="cost-heading">State and cost</h2>${cost(status)}</section>`,
  );
}

function unseen(root: Root, model: NodeModel, unjudged: readonly Unjudged[]): Html {
  const { privileges } = model.node;
  const processes = model.containers.reduce((sum, { unseenProcesses }) => sum + unseenProcesses, 0);
  const advice = privilegeAdvice(privileges, processes);
  const may = (held: boolean | undefined): string => (held === undefined ? NOT_KNOWN : held ? 'yes' : 'no');
  return html`${advice === undefined ? html`<p>No process is hidden from the agent.</p>` : html`<p class="notice">${advice}</p>`}
<dl class="grid"><div><dt>SYS_PTRACE</dt><dd>${may(privileges.ptrace)}</dd></div><div><dt>DAC_READ_SEARCH</dt><dd>${may(privileges.dacReadSearch)}</dd></div><div><dt>Processes that may not be looked at</dt><dd>${countText(processes)}</dd></div><div><dt>Verdicts that are unknown</dt><dd>${countText(unjudged.length)}</dd></div></dl>
${hiddenPrograms(root, model)}${runtimes(root, model)}${wants(unjudged)}${misses(model.misses)}`;
}

function hiddenPrograms(root: Root, { containers }: NodeModel): Html {
  const hidden = containers.filter(({ unseenProcesses }) => unseenProcesses > 0);
  if (hidden.length === 0) return nothing;
  return html`<h3>Workloads with processes that may not be looked at</h3><ul>${hidden
    .slice(0, MAX_ROWS)
    .map(
      ({ key, identity, cgroupPath, unseenProcesses }) =>
        html`<li><a href="${workloadLink(root, containerReference(key))}">${bounded([identity.namespace, identity.pod, identity.container ?? identity.unit].filter((part) => part !== undefined).join('/') || cgroupPath)}</a>: ${unseenProcesses}</li>`,
    )}</ul>${more(hidden.length)}`;
}

/** Go programs of which neither memory nor an endpoint tells anything. */
function runtimes(root: Root, { goProcesses }: NodeModel): Html {
  const dark = goProcesses.filter(
    ({ memorySource, endpoint }) => memorySource.state !== 'attested' && endpoint === undefined,
  );
  if (dark.length === 0)
    return html`<p>The runtime of every Go program is read, from its memory or from an endpoint.</p>`;
  return html`<h3>Go programs whose runtime is not read</h3><ul>${dark
    .slice(0, MAX_ROWS)
    .map(
      ({ key, name, pid, memorySource, endpointDetail }) =>
        html`<li><a href="${workloadLink(root, key)}">${bounded(name)}, pid ${pid}</a>: memory ${memorySource.state}${memorySource.detail === '' ? '' : ` (${bounded(memorySource.detail)})`}; endpoint: ${bounded(endpointDetail)}</li>`,
    )}</ul>${more(dark.length)}`;
}

function wants(unjudged: readonly Unjudged[]): Html {
  const reasons = new Map<string, number>();
  for (const { missing } of unjudged) for (const reason of missing) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  if (reasons.size === 0) return nothing;
  const sorted = [...reasons].sort((a, b) => b[1] - a[1]);
  return html`<h3>What unknown verdicts would need</h3><table><thead><tr><th scope="col" class="n">Verdicts</th><th scope="col">Input</th></tr></thead><tbody>${sorted.slice(0, MAX_ROWS).map(([reason, count]) => html`<tr><td class="n">${countText(count)}</td><td>${prose(bounded(reason))}</td></tr>`)}</tbody></table>${more(sorted.length)}`;
}

function misses(all: readonly Miss[]): Html {
  const groups = [...groupBy(all, ({ reader, kind }) => `${reader} ${kind}`).values()].sort(
    (a, b) => b.length - a.length,
  );
  if (groups.length === 0) return html`<p>Everything the agent looks for was read.</p>`;
  const rows = groups.slice(0, MAX_ROWS).map((group) => {
    const example = group[0];
    return html`<tr><td class="n">${countText(group.length)}</td><td>${example?.reader ?? ''}</td><td>${example?.kind ?? ''}</td><td class="source">${bounded(example === undefined ? '' : `${example.source}: ${example.detail}`)}</td></tr>`;
  });
  return html`<h3>What was not read in the last cycle</h3><p class="sub">Absent and unsupported are normal: a controller that is off, a process that ended. The others are not.</p><table><thead><tr><th scope="col" class="n">Times</th><th scope="col">Reader</th><th scope="col">Kind</th><th scope="col">For example</th></tr></thead><tbody>${rows}</tbody></table>${more(groups.length)}`;
}

function more(count: number): Html {
  return count > MAX_ROWS ? html`<p class="sub">and ${countText(count - MAX_ROWS)} more</p>` : nothing;
}

function collectors(cycle: CycleReport | undefined): Html {
  if (cycle === undefined) return html`<p class="empty">No cycle has ended yet.</p>`;
  return html`<table><thead><tr><th scope="col">Collector</th><th scope="col">Last cycle</th><th scope="col" class="n">Time</th></tr></thead><tbody>${cycle.collectors.map(
    ({ collector, success, durationSeconds }) =>
      html`<tr><th scope="row">${collector}</th><td>${success ? 'read all there is' : html`<span class="word failed">could not read all</span>`}</td><td class="n">${timeText(durationSeconds)}</td></tr>`,
  )}</tbody></table>`;
}

function cost({ startedUnixMs, intervalSeconds, cycle, residentBytes, config, history }: AgentStatus): Html {
  const rows: readonly (readonly [name: string, value: string])[] = [
    ['Running since', utcText(startedUnixMs)],
    ['Interval', timeText(intervalSeconds)],
    ['Last cycle took', timeText(cycle?.durationSeconds)],
    ['of it processor time', timeText(cycle?.cpuSeconds)],
    ['Resident memory', bytesText(residentBytes)],
    ['Control files held open', countText(cycle?.keptDescriptors)],
    ['Directories watched', countText(cycle?.watches)],
    ['Series in the last exposition', countText(cycle?.series)],
    ['Configuration', configText(config)],
    [
      'History',
      `${countText(history.workloads)} workloads, ${bytesText(history.bytes)}${history.leftOut === 0 ? '' : `; no room for ${countText(history.leftOut)}`}`,
    ],
  ];
  return html`<dl class="grid">${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd${value === NOT_KNOWN ? html` class="unknown"` : ''}>${value}</dd></div>`)}</dl>`;
}

function configText(config: AgentStatus['config']): string {
  if (config === undefined) return NOT_KNOWN;
  return config.successful
    ? `in use since ${utcText(config.atUnixMs)}`
    : `the file was refused; that of ${utcText(config.atUnixMs)} stays in use`;
}
