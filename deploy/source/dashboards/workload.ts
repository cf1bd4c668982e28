import { workloadAnnotations } from './annotations.ts';
import type { ClassicDashboard } from './classic.ts';
import { board } from './layout.ts';
import { UID } from './links.ts';
import { many, one, source } from './variables.ts';
import { cpuSections } from './workload-cpu.ts';
import { goroutineSections } from './workload-goroutines.ts';
import { headSections } from './workload-head.ts';
import { memorySections } from './workload-memory.ts';

/** One pod: its findings, and the runtime of its Go programs beside what the kernel lets them have. */
export const workload = (): ClassicDashboard =>
  board({
    uid: UID.workload,
    title: 'cgopher / Workload',
    description: 'One pod: its findings, its goroutines, and the Go runtime beside the limits of its cgroup.',
    from: 'now-1h',
    variables: [
      ...source(),
      one('namespace', 'Namespace', 'label_values(cgopher_container_info{cluster=~"$cluster"}, namespace)'),
      one('pod', 'Pod', 'label_values(cgopher_container_info{cluster=~"$cluster", namespace="$namespace"}, pod)'),
      many(
        'container',
        'Container',
        'label_values(cgopher_container_info{cluster=~"$cluster", namespace="$namespace", pod="$pod"}, container)',
      ),
    ],
    annotations: workloadAnnotations(),
    sections: [...headSections, ...goroutineSections, ...memorySections, ...cpuSections],
  });
