import type { WorkloadHistory } from '../export/history.ts';
import type { WorkloadRow } from '../export/workload-rows.ts';
import { humanBytes, percent } from '../rules/quantity.ts';
import { chart } from './chart.ts';
import { coresText, countText } from './figures.ts';
import { type Html, html } from './html.ts';

/** Charts of the last hour. */
export function historySection(history: WorkloadHistory | undefined, { memory, cpu }: WorkloadRow): Html {
  if (history === undefined) {
    return html`<p class="unknown">No history is kept of this workload: there are more Go processes on the node than the agent keeps one of.</p>`;
  }
  const { series, bucketSeconds } = history;
  return html`<div class="charts">${chart(
    'Memory',
    [
      { name: 'memory.current', kind: 'a', series: series.memoryBytes },
      { name: 'heap goal', kind: 'b', series: series.heapGoalBytes },
      { name: 'heap live', kind: 'c', series: series.heapLiveBytes },
    ],
    [
      { name: 'memory.max', kind: 'max', value: memory.max?.limit },
      { name: 'GOMEMLIMIT', kind: 'gomemlimit', value: memory.gomemlimit?.value },
    ],
    humanBytes,
    1,
  )}${chart('Goroutines', [{ name: 'goroutines', kind: 'a', series: series.goroutines }], [], countText, 1)}${chart(
    'CPU',
    [{ name: 'used', kind: 'a', series: series.usageCores }],
    [{ name: 'limit', kind: 'max', value: cpu.limitCores?.limit }],
    coresText,
    0.01,
  )}${chart(
    'Time lost',
    [
      { name: 'throttled periods', kind: 'a', series: series.throttledRatio },
      { name: 'GC share of CPU', kind: 'b', series: series.gcCpuRatio },
      { name: 'waiting for memory', kind: 'c', series: series.memoryPressureRatio },
    ],
    [],
    percent,
    0.05,
  )}</div>
<p class="note">One point is ${bucketSeconds} s: the line is its highest value, the area behind goes down to its lowest. Kept in the agent’s memory since it started, and for one hour.</p>`;
}
