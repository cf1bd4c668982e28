import type { RuleId } from '../../../src/rules/types.ts';
import { forGuaranteed, resizeCommand } from './resize.ts';
import type { Runbook } from './types.ts';

/** How pods and containers are put together. */
export const pods = {
  InitIgnoresSigterm: {
    impact:
      'Each rollout, drain and scale-down cuts requests: the program is killed after the grace period without having been told. Drains take `terminationGracePeriodSeconds` (30 s as a rule) for every pod.',
    diagnosis: [
      {
        say: 'What is process 1 of the container? `sh -c` in front of the program is the usual cause.',
        sh: `kubectl -n NAMESPACE get pod POD -o jsonpath='{range .spec.containers[*]}{.name} {.command} {.args}{"\\n"}{end}'`,
      },
      {
        say: 'No command in the manifest: the image’s own.',
        sh: `docker image inspect IMAGE --format '{{json .Config.Entrypoint}} {{json .Config.Cmd}}'`,
      },
      {
        say: 'What it does with signals. On the node, bit 14 of SigCgt is SIGTERM:',
        sh: 'grep -E "^(Name|Sig(Blk|Cgt|Ign))" /proc/PID/status',
      },
    ],
    mitigation: [
      {
        say: 'Nothing at 3 am, unless a drain hangs on it: then shorten its grace period.',
        sh: 'kubectl -n NAMESPACE delete pod POD --grace-period=5',
      },
      { say: 'The exec form in the Dockerfile: `ENTRYPOINT ["/app"]` in place of `ENTRYPOINT /app`.' },
      { say: 'A start script: `exec /app "$@"` as its last line.' },
      { say: 'Several processes in the container: tini or dumb-init as ENTRYPOINT, which pass signals on.' },
    ],
  },
  PprofExposed: {
    impact:
      'Whoever reaches the port can read the command line and the profiles, and slow the program down with CPU profiles and traces. Inside a cluster without network policies that is every pod.',
    diagnosis: [
      {
        say: 'The address and the port are in the finding. Is it reached from elsewhere?',
        sh: 'kubectl -n NAMESPACE run probe --rm -it --restart=Never --image=curlimages/curl -- curl -s -o /dev/null -w "%{http_code}\\n" http://POD_IP:PORT/debug/pprof/',
      },
      {
        say: 'Is the port published by a Service or an Ingress? That is urgent.',
        sh: `kubectl -n NAMESPACE get service,ingress -o wide`,
      },
      { say: 'Is there a policy?', sh: 'kubectl -n NAMESPACE get networkpolicy' },
    ],
    mitigation: [
      { say: 'Published outside of the cluster: take the port out of the Service or Ingress now.' },
      { say: 'A NetworkPolicy that lets only those in who need the port.' },
      {
        say: 'For good: a listener of its own on loopback, and a mux of its own for everything else: `go http.ListenAndServe("127.0.0.1:6060", nil)`, `http.NewServeMux()` for the service.',
      },
      {
        say: 'Where it is meant: switch the rule off for this workload with an [override](../rules.md#rules-and-numbers-for-some-workloads).',
      },
    ],
  },
  SpecCgroupDrift: {
    impact:
      'People and autoscalers reckon with numbers that the kernel does not use. With less in force than the spec promises the program is throttled or killed below its limit, and every dashboard made from the spec says that there is room.',
    diagnosis: [
      {
        say: 'What is in force.',
        promql: ['cgopher_container_cpu_limit_cores{SUBJECT}', 'cgopher_container_memory_max_bytes{SUBJECT}'],
      },
      {
        say: 'What the spec says, and how far a resize has come: `PodResizePending` and `PodResizeInProgress` are among the conditions.',
        sh: `kubectl -n NAMESPACE get pod POD -o jsonpath='{.spec.containers[*].resources}{"\\n"}{.status.containerStatuses[*].resources}{"\\n"}{.status.conditions}'`,
      },
      {
        say: 'When it changed, and who writes to cgroups on this node besides the kubelet.',
        promql: [
          'changes(cgopher_container_memory_max_bytes{SUBJECT}[6h])',
          'changes(cgopher_container_cpu_limit_cores{SUBJECT}[6h])',
        ],
      },
    ],
    mitigation: [
      {
        say: `A resize that waits (\`Deferred\`, \`Infeasible\`): make room on the node, or take the resize back. ${forGuaranteed('cpu', 'memory')}`,
        sh: resizeCommand('cpu', 'memory'),
      },
      {
        say: 'No resize under way: something else wrote to the cgroup (a node agent, a script, a person). The kubelet does not put it right while the spec stays the same; a new pod does. After a resize the new pod has the limits of its template, not those of the old pod.',
        sh: 'kubectl -n NAMESPACE delete pod POD',
      },
      { say: 'A smaller memory.max than the pod holds cannot be written back by a resize: give it a new pod as well.' },
    ],
  },
  PauseContainerAnomaly: {
    impact:
      'None for the service as a rule. But nobody looks into this place: a process that hides there, or a changed sandbox image, is a matter for whoever looks after the security of the nodes.',
    diagnosis: [
      {
        say: 'The processes are named in the finding. What are they, and who started them? On the node:',
        sh: 'xargs ps -o pid,ppid,user,lstart,rss,nlwp,args -p < /sys/fs/cgroup/CGROUP/cgroup.procs',
      },
      { say: 'The executable that is really running.', sh: 'ls -l /proc/PID/exe && sha256sum /proc/PID/exe' },
      {
        say: 'The sandbox image in use against the one configured.',
        sh: 'crictl inspectp SANDBOX_ID | jq .status.metadata && crictl info | jq .config.sandboxImage',
      },
      { say: 'One pod, one node or all?', promql: 'count by (node) (cgopher_finding{rule="PauseContainerAnomaly"})' },
    ],
    mitigation: [
      {
        say: 'You do not know the process: treat it as an intrusion. Keep the pod as it is for those who look into it, and take the node out of use.',
        sh: 'kubectl cordon NODE',
      },
      {
        say: 'A new sandbox image that holds more (a vendor’s): put the image right in the runtime’s configuration, or raise `thresholds.sandbox.memoryBytes`.',
      },
      {
        say: 'A debugging session that was left behind: end it, and delete the pod.',
        sh: 'kubectl -n NAMESPACE delete pod POD',
      },
    ],
  },
} as const satisfies Partial<Record<RuleId, Runbook>>;
