import { goGoalText } from './go-numbers.ts';
import { type ProcessView, pauseEndNs } from './process-view.ts';
import { pauseNs } from './runtime-stats.ts';

const RING = 256;
const STYLE = '<style>\n.profile-name{\n\tdisplay:inline-block;\n\twidth:6rem;\n}\n</style>';

/** The page at /debug/pprof/ (Go's net/http/pprof, indexTmplExecute): a row a profile with its count. */
export function pprofIndex(view: ProcessView): string {
  const counts: Readonly<Record<string, number>> = {
    allocs: 24,
    block: 0,
    cmdline: 0,
    goroutine: view.goroutines,
    heap: 24,
    mutex: 0,
    profile: 0,
    symbol: 0,
    threadcreate: view.workload.threads,
    trace: 0,
  };
  const rows = Object.entries(counts).map(
    ([name, count]) => `<tr><td>${count}</td><td><a href='${name}?debug=1'>${name}</a></td></tr>\n`,
  );
  return (
    `<html>\n<head>\n<title>/debug/pprof/</title>\n${STYLE}\n</head>\n<body>\n/debug/pprof/\n<br>\n` +
    '<p>Set debug=1 as a query parameter to export in legacy text format</p>\n<br>\nTypes of profiles available:\n' +
    `<table>\n<thead><td>Count</td><td>Profile</td></thead>\n${rows.join('')}</table>\n` +
    '<a href="goroutine?debug=2">full goroutine stack dump</a>\n<br>\n</body>\n</html>'
  );
}

/** The 256 last pauses as runtime.MemStats keeps them: the newest at (NumGC+255)%256, zeros where there was none. */
export function pauseRing(view: ProcessView): { readonly lengths: string[]; readonly ends: string[] } {
  const lengths = new Array<string>(RING).fill('0');
  const ends = new Array<string>(RING).fill('0');
  const { collections } = view.stats.heap;
  for (let number = Math.max(0, collections - RING); number < collections; number += 1) {
    lengths[number % RING] = String(pauseNs(view.program, number));
    ends[number % RING] = String(pauseEndNs(view, number));
  }
  return { lengths, ends };
}

/** Unix nanoseconds of the last collection as text, `0` before the first. */
export function lastGcText(view: ProcessView): string {
  const { collections } = view.stats.heap;
  return collections === 0 ? '0' : String(pauseEndNs(view, collections - 1));
}

/** Lifetime share of CPU spent on collection. */
export function gcCpuFraction(view: ProcessView): number {
  return view.stats.heap.collections === 0 ? 0 : 0.0132;
}

/** The body of heap?debug=1 (Go's runtime/pprof, writeHeapInternal): one record and the MemStats block. */
export function heapText(view: ProcessView): string {
  const { stats } = view;
  const { heap } = stats;
  const bytes = Math.round(heap.allocated);
  const { lengths, ends } = pauseRing(view);
  const counts = `${stats.heapObjects}: ${bytes} [${stats.mallocs}: ${Math.round(heap.totalAllocated)}]`;
  const plain: readonly (readonly [string, string | number])[] = [
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
    ['Stack', `${stats.stackInuse} / ${stats.stackInuse}`],
    ['MSpan', `${stats.mspanInuse} / ${stats.mspanSys}`],
    ['MCache', `${stats.mcacheInuse} / ${stats.mcacheSys}`],
    ['BuckHashSys', stats.buckHashSys],
    ['GCSys', stats.gcSys],
    ['OtherSys', stats.otherSys],
    ['NextGC', goGoalText(heap.goal)],
    ['LastGC', lastGcText(view)],
    ['PauseNs', `[${lengths.join(' ')}]`],
    ['PauseEnd', `[${ends.join(' ')}]`],
    ['NumGC', heap.collections],
    ['NumForcedGC', 0],
    ['GCCPUFraction', gcCpuFraction(view)],
    ['DebugGC', 'false'],
    ['MaxRSS', view.residentBytes],
  ];
  return (
    `heap profile: ${counts} @ heap/1048576\n${counts} @ 0x485c93 0x66af50\n` +
    `#\t0x66af4f\tmain.handle+0x4f\t/src/${view.program.module}/main.go:42\n\n\n# runtime.MemStats\n` +
    plain.map(([key, value]) => `# ${key} = ${value}\n`).join('')
  );
}
