import * as z from 'zod';
import { duration } from './fields.ts';

const kubeletSchema = z.strictObject({
  address: z
    .string()
    .regex(/^((\d{1,3}\.){3}\d{1,3}|[0-9A-Fa-f:]{2,39})$/, 'expected an IP address')
    .optional()
    .meta({ description: 'Address of the node; left out: the variable NODE_IP (downward API, status.hostIP).' }),
  port: z.int().min(1).max(65535).default(10_250).meta({ description: 'The kubelet’s HTTPS port.' }),
  interval: duration('Between two readings of all pods of the node.', { minMs: 10_000, maxMs: 3_600_000 }).prefault(
    '1m',
  ),
  insecureSkipVerify: z.boolean().default(false).meta({
    description:
      'Take any certificate. Many kubelets have one they signed themselves; but the token then goes to whoever answers at that address.',
  }),
});

/** Access to the Kubernetes API. */
export const kubernetesSchema = z.strictObject({
  source: z.enum(['none', 'api', 'kubelet']).default('none').meta({
    description:
      'Where owners, labels, annotations and specs of this node’s pods come from. `none`: nowhere, and no token is read. `api`: list and watch of the API server. `kubelet`: the node’s own kubelet.',
  }),
  nodeName: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'expected the name of a node')
    .optional()
    .meta({ description: 'Name of this node; left out: the variable NODE_NAME (downward API, spec.nodeName).' }),
  credentialsDirectory: z
    .string()
    .max(1024)
    .regex(/^\//, 'expected an absolute path')
    .default('/var/run/secrets/kubernetes.io/serviceaccount')
    .meta({ description: 'Where `token` and `ca.crt` are. Both are read anew for each request.' }),
  kubelet: kubeletSchema.prefault({}).meta({ description: 'With `source: kubelet`.' }),
});

export type KubernetesInFile = z.output<typeof kubernetesSchema>;
