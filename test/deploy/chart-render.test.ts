import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { RESOURCES } from '../../deploy/source/manifests/container.ts';
import { baseDocuments } from '../../deploy/source/manifests/files.ts';
import { heapMebibytes } from '../../deploy/source/manifests/heap.ts';
import { podMonitor } from '../../deploy/source/manifests/monitor.ts';
import { networkPolicy } from '../../deploy/source/manifests/network-policy.ts';
import { parseConfig } from '../../src/config/validate.ts';
import { blocks, read } from '../docs/pages.ts';
import { HELM, type Helm, realHelm, type Said } from '../tools/helm.ts';
import { ROOT } from './committed.ts';
import { dashboardFiles } from './dashboard-files.ts';
import { KeptRenderings, RENDER_ANEW } from './kept-renderings.ts';
import { agentOf, type Manifest, only, validate } from './manifest-documents.ts';
import { expectSafe } from './safe-pod.ts';

const CHART = 'deploy/helm/cgopher';
const helm = await realHelm(RENDER_ANEW);
const kept = new KeptRenderings(HELM);

/** What helm says with values of one's own over those of the chart. */
async function template(run: Helm, values: object, release = 'cgopher', kubernetes = '1.34.0'): Promise<Said> {
  const folder = mkdtempSync(join(tmpdir(), 'cgopher-values-'));
  try {
    const file = join(folder, 'values.json');
    writeFileSync(file, JSON.stringify(values));
    const words = [
      'template',
      release,
      ROOT + CHART,
      '--namespace',
      'cgopher',
      '--kube-version',
      kubernetes,
      '--values',
      file,
    ];
    return await run(...words);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The objects it makes, kept under a name, each as its schema wants it. */
async function render(
  name: string,
  values: object = {},
  release = 'cgopher',
  kubernetes = '1.34.0',
): Promise<Manifest[]> {
  const words = { release, kubernetes, values };
  const documents = await kept.documents(
    name,
    { paths: [CHART], words },
    helm && (() => template(helm, values, release, kubernetes)),
  );
  for (const document of documents) validate(document);
  return documents;
}

/** The notes of the chart, which are a template in the place of an object. */
async function templateNotes(run: Helm, object: string, words: readonly string[]): Promise<Said> {
  const folder = mkdtempSync(join(tmpdir(), 'cgopher-chart-'));
  try {
    cpSync(ROOT + CHART, folder, { recursive: true });
    renameSync(join(folder, 'templates/NOTES.txt'), join(folder, 'NOTES.txt'));
    writeFileSync(join(folder, 'templates/notes.yaml'), object);
    const usual = ['--namespace', 'cgopher', '--kube-version', '1.34.0', '--show-only', 'templates/notes.yaml'];
    return await run('template', 'cgopher', folder, ...usual, ...words);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const configOf = (documents: readonly Manifest[]) => {
  const data = only(documents, 'ConfigMap', 'cgopher')['data'] as Readonly<Record<string, string>>;
  return parseConfig(data['cgopher.yaml'] ?? '', 'cgopher.yaml');
};

/** The labels that helm wants, which the plain manifests do not have. */
const HELM_LABELS = ['app.kubernetes.io/instance', 'app.kubernetes.io/managed-by', 'helm.sh/chart'];

/** A copy without the labels of helm, wherever they are. */
function withoutHelm(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutHelm);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !HELM_LABELS.includes(key));
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutHelm(inner)]));
}

describe('the chart, rendered by helm', () => {
  it('gives without values what the manifests are, its labels and the comment in the configuration aside', async () => {
    const documents = withoutHelm(await render('defaults')) as Manifest[];
    // The namespace is made by `helm install --create-namespace`.
    const base = (baseDocuments() as readonly Manifest[]).filter(({ kind }) => kind !== 'Namespace');
    expect(documents.map(({ kind }) => kind).sort()).toEqual(base.map(({ kind }) => kind).sort());
    for (const document of base) expect(only(documents, document.kind)).toEqual(document);
  });

  it('gives the same monitor and policy too', async () => {
    const documents = withoutHelm(
      await render('monitor-and-policy', { podMonitor: { enabled: true }, networkPolicy: { enabled: true } }),
    ) as Manifest[];
    expect(only(documents, 'PodMonitor')).toEqual(podMonitor);
    expect(only(documents, 'NetworkPolicy')).toEqual(networkPolicy);
  });

  it.each([0, 1, 2] as const)('privilege.tier %i has its capabilities and no other', async (tier) => {
    expectSafe(await render(`tier-${tier}`, { privilege: { tier } }), tier);
  });

  it('writes the AppArmor profile as an annotation before Kubernetes 1.30', async () => {
    const key = 'container.apparmor.security.beta.kubernetes.io/cgopher';
    const old = agentOf(await render('kubernetes-1.29', {}, 'cgopher', '1.29.0'));
    expect(old.container.securityContext?.appArmorProfile).toBeUndefined();
    expect(old.metadata.annotations).toMatchObject({ [key]: 'unconfined' });
    const profile = { type: 'Localhost', localhostProfile: 'cgopher' };
    const own = agentOf(
      await render('kubernetes-1.29-profile', { privilege: { appArmorProfile: profile } }, 'cgopher', '1.29.0'),
    );
    expect(own.metadata.annotations).toMatchObject({ [key]: 'localhost/cgopher' });
    expect(
      agentOf(await render('kubernetes-1.29-tier-0', { privilege: { tier: 0 } }, 'cgopher', '1.29.0')).metadata
        .annotations,
    ).not.toHaveProperty([key]);
  });

  it.each([
    ['api', { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] }, ['NODE_NAME']],
    ['kubelet', { apiGroups: [''], resources: ['nodes/pods'], verbs: ['get'] }, ['NODE_NAME', 'NODE_IP']],
  ])('kubernetes.source %s gives that right and the token', async (source, rule, variables) => {
    const documents = await render(`source-${source}`, { config: { kubernetes: { source } } }, 'watch');
    expect(only(documents, 'ClusterRole')).toMatchObject({ metadata: { name: 'watch-cgopher-pods' }, rules: [rule] });
    expect(only(documents, 'ClusterRoleBinding')).toMatchObject({
      roleRef: { kind: 'ClusterRole', name: 'watch-cgopher-pods' },
      subjects: [{ kind: 'ServiceAccount', name: 'watch-cgopher', namespace: 'cgopher' }],
    });
    const { pod, container } = agentOf(documents);
    expect(pod).toMatchObject({ serviceAccountName: 'watch-cgopher', automountServiceAccountToken: true });
    expect(container.env?.map(({ name }) => name)).toEqual(variables);
    expectSafe(documents, 2);
  });

  it('gives no right and no token without it, whatever is said of roles', async () => {
    for (const [name, values] of [
      ['source-unsaid', {}],
      ['source-none', { config: { kubernetes: { source: 'none' } } }],
      ['roles-wanted', { rbac: { create: true } }],
    ] as const) {
      const documents = await render(name, values);
      expect(documents.filter(({ kind }) => kind.startsWith('ClusterRole'))).toEqual([]);
      expect(agentOf(documents).pod.automountServiceAccountToken).toBe(false);
    }
  });

  it('hands the configuration on as the agent reads it, large numbers included', async () => {
    const config = configOf(
      await render('configuration', {
        config: { interval: '30s', metrics: { maxSeries: 1_000_000 }, rules: { disable: ['OomKilled'] } },
      }),
    );
    if (!config.ok) throw new Error(JSON.stringify(config.problems));
    expect(config.config.intervalMs).toBe(30_000);
    expect(config.config.metrics.maxSeries).toBe(1_000_000);
    expect([...config.config.rules.disable]).toEqual(['OomKilled']);
  });

  it.each(['256Mi', '192Mi', '0.5Gi', '200M', '1G', '268435456'])(
    'a limit of %s gives the heap of the manifests',
    async (memory) => {
      const { container } = agentOf(await render(`limit-${memory}`, { resources: { limits: { memory } } }));
      expect(container.command).toContain(`--max-old-space-size=${heapMebibytes(memory)}`);
      expect(container.resources?.requests).toEqual(RESOURCES.requests);
    },
  );

  it('takes a number of bytes without quotes', async () => {
    const { container } = agentOf(await render('limit-as-number', { resources: { limits: { memory: 268_435_456 } } }));
    // 256 MiB x 0.45 = 115.2
    expect(container.command).toContain('--max-old-space-size=115');
  });

  it("takes a heap of one's own, and that of the image without a limit", async () => {
    const own = agentOf(await render('own-heap', { node: { maxOldSpaceSizeMiB: 400 } }));
    expect(own.container.command).toContain('--max-old-space-size=400');
    const none = agentOf(await render('no-limit', { resources: { limits: { memory: null } } }));
    expect(none.container.resources?.limits ?? {}).toEqual({});
    const image = /--max-old-space-size=\d+/.exec(readFileSync(`${ROOT}Dockerfile`, 'utf8'))?.[0];
    expect(none.container.command).toContain(image);
  });

  it('has TLS and users from a Secret, and probes that know of it', async () => {
    const httpHeaders = [{ name: 'Authorization', value: 'Basic cHJvYmU6cHJvYmU=' }];
    const { pod, container } = agentOf(
      await render('web-secret', {
        web: { config: { existingSecret: 'cgopher-web' }, probe: { scheme: 'HTTPS', httpHeaders } },
      }),
    );
    expect(container.args).toContain('--web.config.file=/etc/cgopher/web/web.yml');
    expect(pod.volumes).toContainEqual({ name: 'web', secret: { secretName: 'cgopher-web' } });
    expect(container.volumeMounts).toContainEqual({ name: 'web', mountPath: '/etc/cgopher/web', readOnly: true });
    for (const probe of [container.startupProbe, container.livenessProbe, container.readinessProbe])
      expect(probe?.httpGet).toMatchObject({ scheme: 'HTTPS', httpHeaders, port: 'metrics' });
    const plain = agentOf(await render('probe-tcp', { web: { probe: { tcpSocket: true } } })).container.livenessProbe;
    expect(plain).toEqual({
      tcpSocket: { port: 'metrics' },
      periodSeconds: 20,
      timeoutSeconds: 5,
      failureThreshold: 3,
    });
  });

  it('has what users of such charts look for', async () => {
    const documents = await render('many-values', {
      image: { digest: `sha256:${'0f'.repeat(32)}`, pullSecrets: [{ name: 'registry' }] },
      commonLabels: { team: 'platform' },
      podLabels: { tenant: 'node' },
      podAnnotations: { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'true' },
      priorityClassName: 'system-node-critical',
      extraArgs: ['--log.format=json'],
      env: [{ name: 'TZ', value: 'UTC' }],
      secretMounts: [{ name: 'push', secretName: 'push', mountPath: '/etc/cgopher/secrets' }],
      web: { port: 20119, telemetryPath: '/m' },
      service: { enabled: true, annotations: { 'prometheus.io/scrape': 'true' } },
      serviceMonitor: {
        enabled: true,
        namespace: 'monitoring',
        additionalLabels: { release: 'kube-prometheus-stack' },
        interval: '30s',
        scheme: 'https',
        tlsConfig: { insecureSkipVerify: true },
      },
      extraManifests: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '{{ .Release.Name }}-more' } }],
    });
    const { pod, container, metadata } = agentOf(documents);
    expect(container.image).toBe(`registry.example.com/cgopher@sha256:${'0f'.repeat(32)}`);
    expect(pod).toMatchObject({ imagePullSecrets: [{ name: 'registry' }], priorityClassName: 'system-node-critical' });
    expect(metadata).toMatchObject({
      labels: { team: 'platform', tenant: 'node', 'app.kubernetes.io/instance': 'cgopher' },
      annotations: { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'true' },
    });
    expect(container.args?.slice(4)).toEqual([
      '--web.listen-address=:20119',
      '--web.telemetry-path=/m',
      '--log.format=json',
    ]);
    expect(container.env).toContainEqual({ name: 'TZ', value: 'UTC' });
    expect(only(documents, 'Service')['spec']).toMatchObject({
      clusterIP: 'None',
      ports: [{ name: 'metrics', port: 20119 }],
    });
    expect(only(documents, 'ServiceMonitor')).toMatchObject({
      metadata: { namespace: 'monitoring', labels: { release: 'kube-prometheus-stack' } },
      spec: {
        namespaceSelector: { matchNames: ['cgopher'] },
        endpoints: [
          {
            port: 'metrics',
            path: '/m',
            honorLabels: true,
            interval: '30s',
            scheme: 'https',
            tlsConfig: { insecureSkipVerify: true },
          },
        ],
      },
    });
    expect(only(documents, 'ConfigMap', 'cgopher-more')).toBeDefined();
    // The whole of it stays as safe, the mounted secret included.
    expectSafe(documents, 2);
  });

  it('brings alerts and dashboards with it, whole', async () => {
    const documents = await render('alerts-and-dashboards', {
      prometheusRule: { enabled: true, namespace: 'monitoring', additionalLabels: { release: 'x' } },
      dashboards: { enabled: true, annotations: { grafana_folder: 'cgopher' } },
    });
    const rule = parse(readFileSync(`${ROOT}deploy/prometheus/prometheusrule.yaml`, 'utf8')) as Manifest;
    expect(only(documents, 'PrometheusRule')).toMatchObject({
      metadata: { namespace: 'monitoring', labels: { release: 'x' } },
    });
    expect(only(documents, 'PrometheusRule')['spec']).toEqual(rule['spec']);
    for (const [name, text] of Object.entries(dashboardFiles())) {
      const map = only(documents, 'ConfigMap', name.replace('.json', '-dashboard'));
      expect(map.metadata).toMatchObject({
        labels: { grafana_dashboard: '1' },
        annotations: { grafana_folder: 'cgopher' },
      });
      expect(map['data']).toEqual({ [name]: text });
    }
  });

  it('lets nobody in with an empty list, and restricts what the agent asks when told to', async () => {
    const egress = [{ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }];
    const documents = await render('policy-strict', { networkPolicy: { enabled: true, ingressFrom: [], egress } });
    expect(only(documents, 'NetworkPolicy')['spec']).toMatchObject({
      policyTypes: ['Ingress', 'Egress'],
      ingress: [],
      egress,
    });
  });

  it('is installed as the pages say', async () => {
    for (const [name, page] of [
      ['page-readme', 'README.md'],
      ['page-deployment', 'docs/deployment.md'],
    ] as const) {
      const [command = ''] = blocks(read(page), 'sh').flatMap(
        (block) => /helm upgrade --install [^\n]*/.exec(block) ?? [],
      );
      const words = command
        .split(/\s+/)
        .slice(3)
        .filter((word) => word !== '--create-namespace');
      expect(words, page).toContain('./deploy/helm/cgopher');
      const documents = await kept.documents(
        name,
        { paths: [CHART], words },
        helm &&
          (() => helm('template', ...words.map((word) => word.replace(/^\.\//, ROOT)), '--kube-version', '1.34.0')),
      );
      for (const document of documents) validate(document);
      expectSafe(documents, 2);
      if (page !== 'README.md')
        expect(documents.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['PodMonitor', 'PrometheusRule']));
    }
  });

  it('tells after the installation what to do next, and that there is no image', async () => {
    // Without a cluster helm shows no notes: here they are a part of an object.
    const object = 'kind: Notes\nmetadata: { name: notes }\ntext: {{ tpl (.Files.Get "NOTES.txt") . | quote }}\n';
    const notes = async (name: string, ...words: readonly string[]): Promise<string> => {
      const [document] = await kept.documents(
        name,
        { paths: [CHART], words: { object, words } },
        helm && (() => templateNotes(helm, object, words)),
      );
      return String(document?.['text']);
    };
    expect(await notes('notes')).toContain('The image registry.example.com/cgopher:0.1.0 does not exist');
    const own = await notes(
      'notes-with-image',
      '--set',
      'image.repository=registry.example.net/cgopher',
      '--set',
      'podMonitor.enabled=true',
      '--set',
      'privilege.tier=0',
    );
    expect(own).not.toMatch(/does not exist|Nothing scrapes|capabilities/);
    expect(own).toContain('http://localhost:10119/');
  });

  it('has no rendering kept besides', () => {
    kept.expectNothingBesides();
  });
});

describe.skipIf(helm === undefined)(
  'the chart, by a real helm: on PATH, in the cache, or with CGOPHER_TOOLS=build',
  () => {
    it('passes helm lint', async () => {
      const said = await helm!('lint', '--strict', '--kube-version', '1.34.0', ROOT + CHART);
      expect(said.ok, said.out + said.err).toBe(true);
      expect(said.out).not.toMatch(/WARNING|ERROR/);
    });

    it.each([
      ['an unknown value', { podmonitor: { enabled: true } }, 'podmonitor'],
      ['tier 3', { privilege: { tier: 3 } }, 'tier'],
      ['an unknown setting of the agent', { config: { intervall: '30s' } }, 'intervall'],
      [
        'both monitors',
        { podMonitor: { enabled: true }, serviceMonitor: { enabled: true }, service: { enabled: true } },
        'scraped twice',
      ],
      ['a ServiceMonitor without a Service', { serviceMonitor: { enabled: true } }, 'needs service.enabled'],
      ['a limit that is none', { resources: { limits: { memory: 'much' } } }, 'is no quantity'],
      ['no account', { serviceAccount: { create: false } }, 'serviceAccount.name is needed'],
    ])('refuses %s and says so', async (_, values, word) => {
      const said = await template(helm!, values);
      expect(said.ok).toBe(false);
      expect(said.err).toContain(word);
    });
  },
);
