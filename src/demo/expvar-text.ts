import { goGoalText } from './go-numbers.ts';
import { gcCpuFraction, lastGcText, pauseRing } from './pprof-text.ts';
import type { ProcessView } from './process-view.ts';

const SIZE_CLASSES = 61;

/** The body of /debug/vars (Go's expvar): `cmdline` and the whole runtime.MemStats. Some integers are beyond 2^53, so this is no JSON.stringify. */
export function expvarText(view: ProcessView): string {
  const { stats } = view;
  const { heap } = stats;
  const bytes = Math.round(heap.allocated);
  const { lengths, ends } = pauseRing(view);
  const sizes = new Array<string>(SIZE_CLASSES).fill('{"Size":0,"Mallocs":0,"Frees":0}');
  const fields: readonly (readonly [string, string | number])[] = [
    ['Alloc', bytes],
    ['TotalAlloc', Math.round(heap.totalAllocated)],
    ['Sys', stats.sys],
    ['Lookups', 0],
    ['Mallocs', stats.mallocs],
    ['Frees', stats.mallocs - stats.heapObjects],
    ['HeapAlloc', bytes],
    ['HeapSys', stats.heapSys],
    ['HeapIdle', stats.heapIdle],
    ['HeapInuse', stats.heapInuse],
    ['HeapReleased', stats.heapReleased],
    ['HeapObjects', stats.heapObjects],
    ['StackInuse', stats.stackInuse],
    ['StackSys', stats.stackInuse],
    ['MSpanInuse', stats.mspanInuse],
    ['MSpanSys', stats.mspanSys],
    ['MCacheInuse', stats.mcacheInuse],
    ['MCacheSys', stats.mcacheSys],
    ['BuckHashSys', stats.buckHashSys],
    ['GCSys', stats.gcSys],
    ['OtherSys', stats.otherSys],
    ['NextGC', goGoalText(heap.goal)],
    ['LastGC', lastGcText(view)],
    ['PauseTotalNs', stats.pauseTotalNs],
    ['PauseNs', `[${lengths.join(',')}]`],
    ['PauseEnd', `[${ends.join(',')}]`],
    ['NumGC', heap.collections],
    ['NumForcedGC', 0],
    ['GCCPUFraction', gcCpuFraction(view)],
    ['EnableGC', 'true'],
    ['DebugGC', 'false'],
    ['BySize', `[${sizes.join(',')}]`],
  ];
  const command = JSON.stringify([view.workload.executable, ...view.workload.arguments]);
  const memstats = fields.map(([key, value]) => `"${key}":${value}`).join(',');
  return `{\n"cmdline": ${command},\n"memstats": {${memstats}}\n}\n`;
}
