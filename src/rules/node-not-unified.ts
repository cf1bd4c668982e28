import type { NodeContext, Remedy, Rule, Verdict } from './types.ts';
import { clear, unknown } from './verdict.ts';

function detect({ model }: NodeContext): Verdict {
  const { hierarchy, hierarchyDetail, controllers } = model.node;
  const evidence = [{ signal: 'cgroup hierarchy', value: hierarchy, unit: '' as const, source: hierarchyDetail }];
  const lacking = ['cpu', 'memory'].filter((controller) => !controllers.includes(controller));
  if (hierarchy === 'unified' && lacking.length === 0) return clear('cgroup v2, unified', evidence);
  if (hierarchy === 'none') return unknown(`a cgroup file system: ${hierarchyDetail}`);
  return {
    outcome: 'holds',
    severity: 'warning',
    summary:
      hierarchy === 'unified'
        ? `the cgroup v2 hierarchy has no ${lacking.join(' and no ')} controller: limits of that kind cannot be judged`
        : `this node uses cgroup ${hierarchy === 'v1' ? 'v1' : 'v1 and v2 side by side (hybrid)'}: limits and pressure of containers cannot be judged`,
    evidence: [
      ...evidence,
      {
        signal: 'controllers in the v2 root',
        value: controllers.join(' ') || 'none',
        unit: '',
        source: 'cgroup.controllers',
      },
    ],
    remedy: hierarchy === 'unified' ? CONTROLLERS_MISSING : BOOT_UNIFIED,
  };
}

const CONTROLLERS_MISSING: Remedy = {
  text: 'Remove cgroup_disable from the kernel arguments (Raspberry Pi OS needs cgroup_enable=memory), and unmount v1 hierarchies, which keep a controller from v2.',
};

const BOOT_UNIFIED: Remedy = {
  text: 'Boot with systemd.unified_cgroup_hierarchy=1 and without cgroup_no_v2 or cgroup_disable (the default of every distribution since 2022; the kubelet refuses v1 since 1.35).',
  patch: { kind: 'kernel', set: { 'systemd.unified_cgroup_hierarchy': '1' } },
};

/** v1 or hybrid mounts, or the cpu and memory controllers missing from the unified root (cgroup-v2.rst, Mounting). */
export const nodeNotUnifiedCgroupV2: Rule = {
  id: 'NodeNotUnifiedCgroupV2',
  title: 'The node does not run the unified cgroup v2 hierarchy',
  about: {
    meaning:
      'Limits and pressure are read from the unified cgroup v2 hierarchy only. Where a controller sits in a v1 hierarchy, no rule about a process, container or pod could be right, so none of those is asked.',
    firesWhen:
      'the node has cgroup v1, or v1 and v2 side by side (hybrid), or the unified hierarchy lacks the `cpu` or the `memory` controller',
    severity: '`warning`',
    change:
      'boot with `systemd.unified_cgroup_hierarchy=1` and without `cgroup_no_v2` or `cgroup_disable`. For a missing controller: no `cgroup_disable`, and no v1 hierarchy that holds it',
    silentWhen: 'the hierarchy is unified with both controllers',
    unknownWhen: 'there is no cgroup file system where cgopher looks',
    sources: ['Linux `Documentation/admin-guide/cgroup-v2.rst` ("Mounting")'],
  },
  subject: 'node',
  detect,
};
