import type { ClassicDashboard } from './classic.ts';
import { board } from './layout.ts';
import { UID } from './links.ts';
import { agentSections } from './node-agent.ts';
import { headSections } from './node-head.ts';
import { one, source } from './variables.ts';

/** One node: its pressure, what is on it, and what its agent costs and sees. */
export const node = (): ClassicDashboard =>
  board({
    uid: UID.node,
    title: 'cgopher / Node',
    description: 'One node: its pressure, the findings and workloads on it, and what its agent costs and sees.',
    from: 'now-1h',
    variables: [...source(), one('node', 'Node', 'label_values(cgopher_build_info{cluster=~"$cluster"}, node)')],
    sections: [...headSections, ...agentSections],
  });
