import type { IDaemonSet } from 'kubernetes-models/apps/v1/DaemonSet';
import { container } from './container.ts';
import { LABELS, meta, NAME, SELECTOR } from './names.ts';
import { type Tier, USUAL_TIER } from './privilege.ts';
import { VOLUMES } from './volumes.ts';

/** One agent on each Linux node. */
export function daemonSet(tier: Tier = USUAL_TIER): IDaemonSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: meta(),
    spec: {
      selector: { matchLabels: { ...SELECTOR } },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
      template: {
        metadata: { labels: { ...LABELS }, annotations: { 'kubectl.kubernetes.io/default-container': NAME } },
        spec: {
          serviceAccountName: NAME,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          // /proc and cgroup.procs show the node's processes. Pods are asked at their own addresses: no host network.
          hostPID: true,
          hostNetwork: false,
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [
                  {
                    matchExpressions: [
                      { key: 'eks.amazonaws.com/compute-type', operator: 'NotIn', values: ['fargate'] },
                      { key: 'type', operator: 'NotIn', values: ['virtual-kubelet'] },
                    ],
                  },
                ],
              },
            },
          },
          tolerations: [{ operator: 'Exists' }],
          terminationGracePeriodSeconds: 10,
          containers: [container(tier)],
          volumes: VOLUMES,
        },
      },
    },
  };
}
