import type { ClassicDashboard } from './classic.ts';
import { node } from './node.ts';
import { overview } from './overview.ts';
import { workload } from './workload.ts';

/** All dashboards, by the name of the file in deploy/grafana that holds them. */
export const dashboards = (): Readonly<Record<string, ClassicDashboard>> => ({
  'cgopher-overview.json': overview(),
  'cgopher-workload.json': workload(),
  'cgopher-node.json': node(),
});
