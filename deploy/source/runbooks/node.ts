import type { RuleId } from '../../../src/rules/types.ts';
import type { Runbook } from './types.ts';

/** The node itself. */
export const node = {
  NodeNotUnifiedCgroupV2: {
    impact:
      'cgopher judges no workload on this node. Kubernetes 1.35 and newer do not start their kubelet on cgroup v1 by default, and systemd 258 does not boot with it.',
    diagnosis: [
      { say: 'How many nodes, by hierarchy.', promql: 'count by (hierarchy) (cgopher_node_info)' },
      {
        say: 'What is mounted. `cgroup2fs` at /sys/fs/cgroup is the unified hierarchy. On the node:',
        sh: 'stat -fc %T /sys/fs/cgroup; grep cgroup /proc/mounts; cat /proc/cmdline',
      },
      { say: 'Which controllers the unified hierarchy has.', sh: 'cat /sys/fs/cgroup/cgroup.controllers' },
    ],
    mitigation: [
      { say: 'Nothing is broken by it tonight. Plan the change: it needs a reboot of each node.' },
      {
        say: 'Boot with the unified hierarchy, and without `cgroup_no_v2` or `cgroup_disable`. On Debian and Ubuntu: the same words in `GRUB_CMDLINE_LINUX` of /etc/default/grub, then `update-grub`. Elsewhere:',
        sh: 'grubby --update-kernel=ALL --args="systemd.unified_cgroup_hierarchy=1"',
      },
      {
        say: 'Container runtime and kubelet with the systemd driver (`SystemdCgroup = true` in containerd, `cgroupDriver: systemd`). Drain, reboot, uncordon.',
        sh: 'kubectl drain NODE --ignore-daemonsets --delete-emptydir-data',
      },
      {
        say: 'Older programs that read /sys/fs/cgroup/memory/memory.limit_in_bytes see no limit on v2: Java before 8u372 and 11.0.16 among them.',
      },
    ],
  },
  ControllersMissing: {
    impact:
      'Limits that are accepted do nothing: a pod with a CPU limit uses the whole node. With io missing there are no I/O figures and no weights; nothing fails.',
    diagnosis: [
      {
        say: 'What the root has, and what is handed down. On the node:',
        sh: 'cat /sys/fs/cgroup/cgroup.controllers /sys/fs/cgroup/cgroup.subtree_control',
      },
      { say: 'Switched off at boot?', sh: 'grep -o "cgroup_disable=[^ ]*" /proc/cmdline' },
      {
        say: 'In a rootless or nested set-up: what was delegated to the service.',
        sh: 'systemctl show -p Delegate,DelegateControllers user@1000.service',
      },
    ],
    mitigation: [
      { say: 'Switched off at boot: take `cgroup_disable` off the kernel’s command line and reboot.' },
      {
        say: 'Delegate it to the service that runs the kubelet or the runtime, then start that again:',
        sh: 'systemctl edit user@.service  # [Service] Delegate=cpu cpuset io memory pids',
      },
      {
        say: 'Nested (kind, Docker in Docker): the outer container needs `--cgroupns=private` and a delegated hierarchy.',
      },
    ],
  },
  ClockStepped: {
    impact:
      'Certificates, tokens and leases may be refused or last too long; logs and metrics of this node are out of order for a while. Two nodes that disagree lose quorum in etcd. Go’s own timers are not affected.',
    diagnosis: [
      { say: 'How far off is it now? On the node:', sh: 'chronyc tracking || timedatectl timesync-status' },
      {
        say: 'What the time service says of the step.',
        sh: 'journalctl -u chronyd -u chrony -u systemd-timesyncd -u ntpd --since -1h',
      },
      {
        say: 'Was the machine paused or moved (virtual machines)? Other nodes with the same finding point at the hypervisor or the time server.',
        promql: 'count by (rule) (cgopher_finding{rule="ClockStepped"})',
      },
    ],
    mitigation: [
      { say: 'When it is still off: let the time service correct it now.', sh: 'chronyc makestep' },
      {
        say: 'No time service runs, or none is reached: start it, mend the servers in its configuration.',
        sh: 'systemctl restart chronyd || systemctl restart systemd-timesyncd',
      },
      { say: 'After a step of minutes: look at what uses leases (etcd, leader elections) and restart what gave up.' },
      {
        say: 'For good: at least four time servers, `makestep 1.0 3` so that steps happen only at the start, and for virtual machines the clock of the host (`refclock PHC`).',
      },
    ],
  },
  NodeSysctls: {
    impact:
      'Strict overcommit: Go programs cannot map memory and end with `out of memory` while much is free. Panic on lack of memory: one container at its limit, or one full node, reboots everything on it.',
    diagnosis: [
      { say: 'The settings in force. On the node:', sh: 'sysctl vm.overcommit_memory vm.panic_on_oom' },
      {
        say: 'Who sets them.',
        sh: 'grep -rE "overcommit_memory|panic_on_oom" /etc/sysctl.conf /etc/sysctl.d /usr/lib/sysctl.d /run/sysctl.d',
      },
      { say: 'Which nodes.', promql: 'count by (node) (cgopher_finding{rule="NodeSysctls"})' },
    ],
    mitigation: [
      {
        say: 'Set them now; this needs no restart. They are the values the kubelet asks for with `protectKernelDefaults`.',
        sh: 'sysctl -w vm.overcommit_memory=1 vm.panic_on_oom=0',
      },
      {
        say: 'For good: in a file of its own, and in the image of the nodes. Files are read in the order of their names, and /etc/sysctl.conf after them: where a later one (the search above) says otherwise, change it there.',
        sh: `printf 'vm.overcommit_memory = 1\\nvm.panic_on_oom = 0\\n' > /etc/sysctl.d/99-cgopher-go.conf`,
      },
    ],
  },
} as const satisfies Partial<Record<RuleId, Runbook>>;
