import type { IContainer } from 'kubernetes-models/v1/Container';
import { heapMebibytes } from './heap.ts';
import { IMAGE, NAME, PORT, VERSION } from './names.ts';
import { securityContext, type Tier } from './privilege.ts';
import { HOST_MOUNTS } from './volumes.ts';

/** Measured: 120 MB resident on a node of 300 containers, 0.5 % of a core (README). No CPU limit: a throttled agent judges late. */
export const RESOURCES = {
  requests: { cpu: '20m', memory: '128Mi' },
  limits: { memory: '256Mi' },
} as const;

/** As the image starts it, with a heap that fits the memory limit in place of one that fits none. */
export const command = (memoryLimit: string): string[] => [
  '/nodejs/bin/node',
  '--max-semi-space-size=2',
  `--max-old-space-size=${heapMebibytes(memoryLimit)}`,
  '--single-threaded-gc',
  '--v8-pool-size=1',
  '/app/cgopher.mjs',
];

/** The agent. */
export function container(tier: Tier): IContainer {
  return {
    name: NAME,
    image: `${IMAGE}:${VERSION}`,
    imagePullPolicy: 'IfNotPresent',
    command: command(RESOURCES.limits.memory),
    args: [
      'agent',
      '--config.file=/etc/cgopher/config/cgopher.yaml',
      '--path.cgroupfs=/host/sys/fs/cgroup',
      '--path.podlogs=/host/var/log/pods',
      `--web.listen-address=:${PORT.number}`,
    ],
    env: [{ name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
    ports: [{ name: PORT.name, containerPort: PORT.number, protocol: 'TCP' }],
    // A minute, for a machine that is itself starting; 0.9 s is usual with 300 containers.
    startupProbe: { httpGet: { path: '/-/healthy', port: PORT.name }, periodSeconds: 2, failureThreshold: 30 },
    livenessProbe: {
      httpGet: { path: '/-/healthy', port: PORT.name },
      periodSeconds: 20,
      timeoutSeconds: 5,
      failureThreshold: 3,
    },
    readinessProbe: {
      httpGet: { path: '/-/ready', port: PORT.name },
      periodSeconds: 10,
      timeoutSeconds: 5,
      failureThreshold: 3,
    },
    resources: { requests: { ...RESOURCES.requests }, limits: { ...RESOURCES.limits } },
    securityContext: securityContext(tier),
    volumeMounts: [{ name: 'config', mountPath: '/etc/cgopher/config', readOnly: true }, ...HOST_MOUNTS],
  };
}
