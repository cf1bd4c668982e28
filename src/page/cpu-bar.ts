import type { CpuFigures } from '../export/workload-rows.ts';
import { bar, type Fill, type Mark } from './bar.ts';
import { coresText, countText, knownText, limitText, percentText } from './figures.ts';
import { type Html, html } from './html.ts';
import { values } from './values.ts';

/** Use, GOMAXPROCS and limit in cores; below them throttling, as its share of the whole width. */
export function cpuBar({ usageCores, gomaxprocs, limitCores, throttledRatio }: CpuFigures): Html {
  const limit = typeof limitCores?.limit === 'number' ? limitCores.limit : undefined;
  const marks: Mark[] = [
    ...(gomaxprocs === undefined ? [] : [{ kind: 'procs', at: gomaxprocs.value } as const]),
    ...(limit === undefined ? [] : [{ kind: 'max', at: limit } as const]),
  ];
  const fills: Fill[] = usageCores === undefined ? [] : [{ kind: 'usage', from: 0, to: usageCores }];
  const below = throttledRatio === undefined ? undefined : ({ kind: 'throttled', share: throttledRatio } as const);
  const label = `CPU: ${coresText(usageCores)} used, GOMAXPROCS ${knownText(gomaxprocs, countText)}, limit ${limitText(limitCores, coresText)}`;
  // A cgroup without a quota has no periods that could be throttled.
  const throttled =
    throttledRatio === undefined && limitCores?.limit === 'max' ? 'no quota' : percentText(throttledRatio);
  return html`${bar(label, fills, marks, below)}${values([
    ['usage', 'used', coresText(usageCores)],
    ['procs', 'GOMAXPROCS', knownText(gomaxprocs, countText)],
    ['max', 'limit', limitText(limitCores, coresText)],
    ['throttled', 'throttled', throttled],
  ])}`;
}
