import type { AgentAlertName } from '../alerts/agent-alerts.ts';
import { command } from '../manifests/container.ts';
import type { Runbook, Step } from './types.ts';

const pod: Step = {
  say: 'The pod of the agent on that node: is it there, does it restart?',
  sh: 'kubectl -n cgopher get pod -l app.kubernetes.io/name=cgopher -o wide --field-selector spec.nodeName=NODE',
};
const log: Step = { say: 'Its log.', sh: 'kubectl -n cgopher logs AGENT_POD --tail=100' };

/** Twice what is installed, with the heap that fits it: of the two the heap alone, or the limit alone, changes nothing for good. */
const LARGER = '512Mi';
const CONTAINER = '/spec/template/spec/containers/0';
const WORDS = command(LARGER);
const HEAP = WORDS.findIndex((word) => word.startsWith('--max-old-space-size='));
/** A JSON patch of the DaemonSet of deploy/manifests. */
export const LARGER_AGENT = [
  { op: 'replace', path: `${CONTAINER}/resources/limits/memory`, value: LARGER },
  { op: 'replace', path: `${CONTAINER}/command/${HEAP}`, value: WORDS[HEAP] },
] as const;

/** Alerts about the agent itself. */
export const agent: Readonly<Record<AgentAlertName, Runbook & { readonly meaning: string }>> = {
  CgopherDown: {
    meaning:
      'Prometheus has scraped this agent before, or has a scrape job for it, and gets no answer now. The agent is down, does not come up, or is not reached.',
    impact:
      'The workloads of one node are not watched. Alerts about them end some minutes after the agent did, without anything being mended.',
    diagnosis: [
      pod,
      log,
      {
        say: 'Killed for memory? Its memory before, against its limit.',
        promql: 'process_resident_memory_bytes and on (job, instance) cgopher_build_info',
        sh: `kubectl -n cgopher get pod AGENT_POD -o jsonpath='{.status.containerStatuses[*].lastState}'`,
      },
      {
        say: 'It runs: does it answer from inside the cluster? What Prometheus says of the target is on its page of targets (`lastError`).',
        sh: 'kubectl -n cgopher port-forward AGENT_POD 10119 & sleep 2; curl -s localhost:10119/-/healthy',
      },
    ],
    mitigation: [
      {
        say: 'Killed for memory (`OOMKilled`), or ended by its own heap (`heap out of memory` in the log): more of it. A node with many containers and Go programs takes more. Installed with Helm; the bound of the heap follows the limit:',
        sh: `helm upgrade cgopher ./deploy/helm/cgopher --namespace cgopher --reuse-values --set resources.limits.memory=${LARGER}`,
      },
      {
        say: 'Installed from the manifests: the limit and the bound of the heap are two lines, and both must change. Write them into your overlay too, else the next `kubectl apply` takes them back.',
        sh: `kubectl -n cgopher patch daemonset cgopher --type=json --patch='${JSON.stringify(LARGER_AGENT)}'`,
      },
      { say: 'A refused configuration file: the log names the line. Put the old file back.' },
      { say: 'It answers, but not to Prometheus: a NetworkPolicy, TLS or a password on one side only.' },
      { say: 'The node is gone for good: remove its target, or the node from the cluster.' },
    ],
  },
  CgopherAbsent: {
    meaning: 'No series of any agent is there. No agent runs, or the scrape job does not select them any more.',
    impact: 'No alert about a workload can fire. Silence means nothing until this is mended.',
    diagnosis: [
      { say: 'Are there agents at all?', sh: 'kubectl -n cgopher get daemonset,pod' },
      {
        say: 'Does Prometheus have targets? None: the monitor is not selected, often because it lacks a label such as `release: kube-prometheus-stack`.',
        promql: 'up{job=~".*cgopher.*"}',
        sh: `kubectl get prometheus -A -o jsonpath='{.items[*].spec.podMonitorSelector}{"\\n"}' && kubectl -n cgopher get podmonitor --show-labels`,
      },
      {
        say: 'Pods that are not made: Pod Security of the namespace, quotas, a missing image.',
        sh: 'kubectl -n cgopher describe daemonset cgopher',
      },
    ],
    mitigation: [
      {
        say: 'Label the PodMonitor (or ServiceMonitor) with what Prometheus selects by.',
        sh: 'kubectl -n cgopher label podmonitor cgopher release=kube-prometheus-stack',
      },
      {
        say: 'Label the namespace for the privileged level of Pod Security, when pods are refused.',
        sh: 'kubectl label namespace cgopher pod-security.kubernetes.io/enforce=privileged',
      },
      { say: 'You removed cgopher: remove its rules as well.' },
    ],
  },
  CgopherStaleData: {
    meaning:
      'The agent answers scrapes, but its last look at the node ended more than five minutes ago. Its loop hangs, fails in each cycle, or does not get CPU. (With a longer `interval` the bound is four of them.)',
    impact: 'What is exported is old: findings neither begin nor end. Graphs are flat.',
    diagnosis: [
      {
        say: 'Age of the data, and how long a cycle takes.',
        promql: ['time() - cgopher_last_cycle_timestamp_seconds', 'cgopher_cycle_duration_seconds'],
      },
      {
        say: 'Cycles that fail are in the log (`a cycle failed`).',
        sh: 'kubectl -n cgopher logs AGENT_POD --tail=100',
      },
      {
        say: 'Does it get CPU? Its event loop should not wait for more than a tenth of a second.',
        promql: 'cgopher_event_loop_delay_max_seconds',
      },
      {
        say: 'The clock of the node may be off instead: is it right?',
        sh: 'chronyc tracking || timedatectl timesync-status',
      },
    ],
    mitigation: [
      { say: 'Restart the agent of this node.', sh: 'kubectl -n cgopher delete pod AGENT_POD' },
      { say: 'Throttled: take the CPU limit off the DaemonSet, or raise it.' },
      { say: 'It comes back: keep the log, and open an issue with the stack of the failed cycle.' },
    ],
  },
  CgopherCollectorFailed: {
    meaning:
      'One part of a cycle (`collector`) has found files that exist and could not be read or understood, in every cycle for 15 minutes. What is merely absent or denied does not count here.',
    impact: 'Rules that need these values are unknown, for some subjects or all. Nothing false is said.',
    diagnosis: [
      {
        say: 'What fails, by reader and kind.',
        promql: 'sum by (reader, kind) (rate(cgopher_misses_total{kind=~"failed|malformed"}[10m]))',
      },
      {
        say: 'The log has each with its path, once when it begins.',
        sh: 'kubectl -n cgopher logs AGENT_POD | grep "cannot be read" | tail -20',
      },
      { say: 'Which rules are blind for it.', promql: 'topk(10, sum by (rule) (cgopher_rule_unknown_subjects))' },
    ],
    mitigation: [
      {
        say: 'Malformed: a kernel that writes a file in a form the agent does not know. Open an issue with the file’s content and the kernel’s version (`cgopher_node_info`).',
      },
      {
        say: 'Failed with EMFILE or ENFILE: too few open files for the agent; raise `LimitNOFILE`, or the runtime’s default.',
      },
      {
        say: 'Failed with EIO or ENODEV: the mount is broken, often after an upgrade of the runtime. Restart the agent, so that it is mounted anew.',
        sh: 'kubectl -n cgopher delete pod AGENT_POD',
      },
    ],
  },
  CgopherConfigReloadFailed: {
    meaning: 'The configuration file was changed and refused. The agent goes on with what it had before.',
    impact:
      'None now: thresholds and overrides are those of before. At its next start the agent would refuse the file and not come up, so the next rollout or node restart takes it down.',
    diagnosis: [
      {
        say: 'The reason, with line and column.',
        sh: 'kubectl -n cgopher logs AGENT_POD | grep "configuration refused" | tail -3',
      },
      {
        say: 'Since when the configuration in use is in use, in seconds.',
        promql: 'time() - cgopher_config_last_reload_success_timestamp_seconds',
      },
      { say: 'All nodes, or one?', promql: 'count(cgopher_config_last_reload_successful == 0)' },
    ],
    mitigation: [
      {
        say: 'Mend the file where it is kept (the values of the chart, the kustomization, the ConfigMap named below), or put the one of before back. The agents take it within seconds of its arrival, which for a ConfigMap takes up to a minute and a half.',
        sh: `kubectl -n cgopher get daemonset cgopher -o jsonpath='{.spec.template.spec.volumes[*].configMap.name}'`,
      },
      {
        say: 'Next time, look first: it prints what would be refused and ends.',
        sh: 'cgopher check --once --config.file cgopher.yaml',
      },
    ],
  },
  CgopherBudget: {
    meaning:
      'The series of containers and Go processes would be more than `metrics.maxSeries`. Whole collectors are left out, least important first. Findings, the node and the agent’s own metrics never are.',
    impact:
      'Panels and queries about the collectors left out show nothing, or stop at the moment it began. Alerts about findings are not affected, but lose the numbers in their text.',
    diagnosis: [
      { say: 'Which collectors, and how many series each.', promql: 'cgopher_dropped_series > 0' },
      { say: 'What there is, against the bound.', promql: ['cgopher_exposed_series', 'cgopher_max_series'] },
      {
        say: 'What makes so many: containers, or Go processes of different names in them.',
        promql: ['count by (node) (cgopher_container_info)', 'topk(10, cgopher_container_go_processes)'],
      },
    ],
    mitigation: [
      {
        say: 'The node really has so much: raise `metrics.maxSeries`, after a look at what Prometheus can take for all nodes.',
      },
      {
        say: 'Collectors nobody looks at: leave them out, and the others fit. [Collectors](../metrics.md#collectors) says how.',
      },
      {
        say: 'Processes that are started under ever new names: `cgopher_unshown_go_processes` tells of them; the program that starts them is the thing to mend.',
      },
    ],
  },
  CgopherCannotSee: {
    meaning:
      'Processes whose executable the agent may not read. Whether they are Go is not known, so no rule about Go is asked for them.',
    impact:
      'Go programs may be missing from every dashboard and every alert. What is read from control files (throttling, pressure, kills) is still there.',
    diagnosis: [
      { say: 'How many, by workload.', promql: 'topk(20, cgopher_container_unseen_processes > 0)' },
      {
        say: 'All of the node: the tier has no `SYS_PTRACE`, or AppArmor or SELinux is in the way. A few: user namespaces or a sandboxed runtime.',
        sh: `kubectl -n cgopher get pod AGENT_POD -o jsonpath='{.spec.containers[*].securityContext}'`,
      },
      {
        say: 'What the agent itself says: processes that may not be looked at are told with the likely reason.',
        sh: 'kubectl -n cgopher port-forward AGENT_POD 10119 & sleep 2; curl -s localhost:10119/report | jq .node.privileges',
      },
    ],
    mitigation: [
      { say: 'Give it tier 1 or 2: [tiers of privilege](../running.md#tiers-of-privilege) says what each means.' },
      {
        say: 'With `SYS_PTRACE` and still unseen: `appArmorProfile: {type: Unconfined}`, or `seLinuxOptions: {type: spc_t}`.',
      },
      { say: 'Tier 0 is what you want: silence this alert, or leave it out of your rules.' },
    ],
  },
};
