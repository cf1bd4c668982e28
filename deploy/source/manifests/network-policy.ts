import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { meta, PORT, SELECTOR } from './names.ts';

/**
 * Who may read what the agent serves: pods of the namespace `monitoring`. Probes come from the node, which is always let in.
 * What the agent asks is not restricted: Go programs listen at any port of any pod.
 */
export const networkPolicy: INetworkPolicy = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: meta(),
  spec: {
    podSelector: { matchLabels: { ...SELECTOR } },
    policyTypes: ['Ingress'],
    ingress: [
      {
        from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
        ports: [{ port: PORT.name, protocol: 'TCP' }],
      },
    ],
  },
};
