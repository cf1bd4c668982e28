import type { Limit } from '../base/limit.ts';
import { bounded } from '../export/labels.ts';
import type { ContainerModel } from '../model/container-types.ts';
import { bytesText, coresText, countText, limitText, NOT_KNOWN, percentText } from './figures.ts';
import { type Html, html } from './html.ts';
import { pressureTable } from './pressure-table.ts';

/** Limits and use of a container's cgroup. */
export function containerSection(container: ContainerModel): Html {
  const { memory, cpu, effective, pids, identity, goPids, unseenProcesses } = container;
  const rows: readonly (readonly [name: string, value: string])[] = [
    ['CPU used', coresText(cpu.usageCores)],
    ['CPU limit in force', limitText(effective.cpuCores, coresText)],
    ['memory.current', bytesText(memory.currentBytes)],
    ['anonymous memory', bytesText(memory.anonBytes)],
    ['page cache', bytesText(memory.fileBytes)],
    ['working set', bytesText(memory.workingSetBytes)],
    ['memory.peak', bytesText(memory.peakBytes)],
    ['memory.max in force', limitText(effective.memoryMaxBytes, bytesText)],
    ['memory.high in force', limitText(effective.memoryHighBytes, bytesText)],
    ['swap', bytesText(memory.swapCurrentBytes)],
    ['OOM kills', countText(memory.events?.oomKill)],
    ['tasks', `${countText(pids.current)} of ${pidsText(pids.max)}`],
    ['restarts', countText(identity.restartCount)],
    ['Go processes', countText(goPids.length)],
    ['processes that may not be looked at', countText(unseenProcesses)],
    ['throttled periods', percentText(container.throttling?.throttledRatio)],
  ];
  return html`<dl class="grid">${rows.map(
    ([name, value]) =>
      html`<div><dt>${name}</dt><dd${value === NOT_KNOWN ? html` class="unknown"` : ''}>${value}</dd></div>`,
  )}</dl>
${pressureTable(container.pressure)}
<p class="source">${bounded(container.cgroupPath)}</p>`;
}

function pidsText(limit: Limit | undefined): string {
  return limit === 'max' ? 'any number' : countText(limit);
}
