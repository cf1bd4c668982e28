import type { IPodMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor';
import { meta, PORT, SELECTOR } from './names.ts';

/** Scraping by the Prometheus operator. honorLabels: namespace, pod and container of a series are those of the workload, not of the agent. */
export const podMonitor: IPodMonitor = {
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'PodMonitor',
  metadata: meta(),
  spec: {
    jobLabel: 'app.kubernetes.io/name',
    selector: { matchLabels: { ...SELECTOR } },
    podMetricsEndpoints: [
      {
        port: PORT.name,
        path: '/metrics',
        honorLabels: true,
        relabelings: [{ action: 'replace', sourceLabels: ['__meta_kubernetes_pod_node_name'], targetLabel: 'node' }],
      },
    ],
  },
};
