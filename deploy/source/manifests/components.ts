import { clusterRole, clusterRoleBinding, NODE_IP, type Source } from './access.ts';
import { component, kustomization, patch } from './kustomization.ts';
import { podMonitor } from './monitor.ts';
import { IMAGE, LABELS, NAME, NAMESPACE, VERSION } from './names.ts';
import { networkPolicy } from './network-policy.ts';
import { securityContext, type Tier } from './privilege.ts';
import { type TextFile, yamlFile } from './yaml-file.ts';

const CONTAINER = '/spec/template/spec/containers/0';

const tierComponent = (tier: Tier, about: string): TextFile =>
  yamlFile(
    `components/tier-${tier}/kustomization.yaml`,
    [about, 'What each tier sees: docs/running.md.'],
    [
      component({
        patches: [
          patch('DaemonSet', NAME, [
            { op: 'replace', path: `${CONTAINER}/securityContext`, value: securityContext(tier) },
          ]),
        ],
      }),
    ],
  );

function accessComponent(source: Source, about: readonly string[]): TextFile[] {
  const folder = `components/${source === 'api' ? 'kubernetes-api' : 'kubelet-api'}`;
  return [
    yamlFile(
      `${folder}/kustomization.yaml`,
      [
        ...about,
        'It sets the whole configuration file. One of your own goes into a patch after it, and must hold these lines too.',
      ],
      [
        component({
          resources: ['access.yaml'],
          patches: [
            patch('ServiceAccount', NAME, [{ op: 'replace', path: '/automountServiceAccountToken', value: true }]),
            patch('ConfigMap', NAME, [
              { op: 'replace', path: '/data/cgopher.yaml', value: `kubernetes:\n  source: ${source}\n` },
            ]),
            patch('DaemonSet', NAME, [
              { op: 'replace', path: '/spec/template/spec/automountServiceAccountToken', value: true },
              ...(source === 'kubelet' ? [{ op: 'add' as const, path: `${CONTAINER}/env/-`, value: NODE_IP }] : []),
            ]),
          ],
        }),
      ],
    ),
    yamlFile(
      `${folder}/access.yaml`,
      ['All the agent may ask for. Never nodes/proxy.'],
      [clusterRole(source), clusterRoleBinding],
    ),
  ];
}

/** Generated text that lies elsewhere too: a kustomization cannot read files outside its folder. */
export interface Copies {
  /** deploy/prometheus/prometheusrule.yaml */
  readonly prometheusRule: string;
  /** deploy/grafana by name of the file. */
  readonly dashboards: Readonly<Record<string, string>>;
}

/** What an overlay may add to the base. Paths are below deploy/manifests. */
export function components(copies: Copies): TextFile[] {
  return [
    tierComponent(
      0,
      'No capability and no root: control files, pressure, names, OOM kills. Which processes are Go is not known.',
    ),
    tierComponent(
      1,
      'SYS_PTRACE only: which processes are Go, their versions, most endpoints. Runtimes are not read from memory.',
    ),
    ...accessComponent('api', ['Owners, labels and specs of pods from the API server: docs/kubernetes-api.md.']),
    ...accessComponent('kubelet', [
      'The same from the kubelet of each node, Kubernetes 1.33 and newer. It needs serving certificates of the cluster.',
    ]),
    yamlFile(
      'components/networkpolicy/kustomization.yaml',
      ['Who may read the port: the namespace `monitoring`.'],
      [component({ resources: ['networkpolicy.yaml'] })],
    ),
    yamlFile(
      'components/networkpolicy/networkpolicy.yaml',
      ['Change the namespace to that of your Prometheus.'],
      [networkPolicy],
    ),
    yamlFile(
      'components/prometheus-operator/kustomization.yaml',
      [
        'Scraping, recording rules and alerts for the Prometheus operator.',
        'Where nothing is scraped, its Prometheus selects by a label, often `release: kube-prometheus-stack`: add it.',
      ],
      [component({ resources: ['podmonitor.yaml', 'prometheusrule.yaml'] })],
    ),
    yamlFile('components/prometheus-operator/podmonitor.yaml', ['Scraping of every agent.'], [podMonitor]),
    { path: 'components/prometheus-operator/prometheusrule.yaml', text: copies.prometheusRule },
    yamlFile(
      'components/grafana/kustomization.yaml',
      ['Dashboards for the sidecar of Grafana, one ConfigMap each.'],
      [
        component({
          configMapGenerator: Object.keys(copies.dashboards).map((file) => ({
            name: file.replace(/\.json$/, '-dashboard'),
            files: [file],
            options: { labels: { ...LABELS, grafana_dashboard: '1' }, disableNameSuffixHash: true },
          })),
        }),
      ],
    ),
    ...Object.entries(copies.dashboards).map(([name, text]) => ({ path: `components/grafana/${name}`, text })),
    exampleOverlay(),
  ];
}

/** An overlay that has everything on, to be copied. */
function exampleOverlay(): TextFile {
  return yamlFile(
    'example/kustomization.yaml',
    [
      'An installation with everything but access to the API: copy it, name your image, leave out what you have no use for.',
    ],
    [
      {
        ...kustomization({ namespace: NAMESPACE, resources: ['../base'] }),
        components: ['../components/prometheus-operator', '../components/networkpolicy', '../components/grafana'],
        images: [
          {
            name: IMAGE,
            newName: IMAGE,
            newTag: VERSION,
          },
        ],
      },
    ],
  );
}
