import type { ClassicDashboard } from './classic.ts';
import { board } from './layout.ts';
import { UID } from './links.ts';
import { coverageSections } from './overview-coverage.ts';
import { findingSections } from './overview-findings.ts';
import { offenderSections } from './overview-offenders.ts';
import { many, source } from './variables.ts';

/** Where the findings are, who is worst off, and what the agents do not see. */
export const overview = (): ClassicDashboard =>
  board({
    uid: UID.overview,
    title: 'cgopher / Overview',
    description:
      'Findings about Go programs and their cgroups over all nodes, the worst workloads, and how much of the fleet the agents see.',
    from: 'now-6h',
    variables: [
      ...source(),
      many('node', 'Node', 'label_values(cgopher_build_info{cluster=~"$cluster"}, node)'),
      many(
        'namespace',
        'Namespace',
        'label_values(cgopher_container_info{cluster=~"$cluster", node=~"$node"}, namespace)',
      ),
    ],
    sections: [...findingSections, ...offenderSections, ...coverageSections],
  });
