import { hexId, uuidOf } from '../../src/demo/identifiers.ts';
import { AgentProcess } from './agent-process.ts';
import type { Bench } from './bench.ts';
import { median, percentile, shown } from './numbers.ts';

const SEEN = 60;
/** Rarer than the agent's spacing of walks: this is one container that starts, not a storm. */
const SPACING_MS = 260;
const CHURNED_PODS = 1000;
const AT_ONCE = 25;

/** Part 7, and the second half of part 5: how soon a container is seen, and what pods that went leave behind. */
export async function arrival(bench: Bench): Promise<void> {
  const cgroupfs = bench.realRoot ?? bench.node.paths.cgroupfs;
  const on = bench.realRoot === undefined ? 'tmpfs' : 'cgroup2';
  const agent = new AgentProcess(bench, { ...bench.node.paths, cgroupfs });
  await agent.cycles(3);

  const made = Array.from({ length: SEEN }, (_, index) => {
    const pod = bench.pods[index % bench.pods.length] ?? '';
    return `${pod}/cri-containerd-${hexId(`arrival/${index}`)}.scope`;
  });
  const delays = await agent.arrivals(made, SPACING_MS);
  bench.row({
    what: `a new container is known, p99, ${on}`,
    measured: percentile(delays, 0.99),
    unit: 'ms',
    goal: 50,
    limit: 1000,
    note: `median ${shown(median(delays))}, wall time`,
  });

  bench.say(`   ${CHURNED_PODS} pods come and go, ${AT_ONCE} at a time`);
  const pods = Array.from({ length: CHURNED_PODS }, (_, index) => churnedPod(index));
  // Once round first: what the first pods make the process open (inotify, an idle socket) is no leak.
  await agent.churn(pods.slice(0, AT_ONCE), AT_ONCE);
  const before = await agent.state();
  await agent.churn(pods, AT_ONCE);
  const after = await agent.state();
  await agent.end();
  bench.row({
    what: `descriptors left by ${CHURNED_PODS} pods, ${on}`,
    measured: after.descriptors - before.descriptors,
    unit: '',
    goal: 0,
    limit: 0,
    note: `${before.descriptors} -> ${after.descriptors}`,
  });
  bench.row({
    what: `inotify watches left by ${CHURNED_PODS} pods, ${on}`,
    measured: after.watches - before.watches,
    unit: '',
    goal: 0,
    limit: 0,
    note: `${before.watches} -> ${after.watches}; cgroups known ${before.cgroups} -> ${after.cgroups}`,
  });
  bench.row({
    what: `memory growth over ${CHURNED_PODS} pods, ${on}`,
    measured: Math.max(0, after.rssMb - before.rssMb),
    unit: 'MB',
    note: `${shown(before.rssMb)} -> ${shown(after.rssMb)} MB RSS`,
  });
}

function churnedPod(index: number): string[] {
  const uid = uuidOf(`churn/${index}`).replaceAll('-', '_');
  const pod = `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${uid}.slice`;
  return ['sandbox', 'main'].map((name) => `${pod}/cri-containerd-${hexId(`churn/${index}/${name}`)}.scope`);
}
