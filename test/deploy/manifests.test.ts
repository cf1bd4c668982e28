import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ruleFiles } from '../../deploy/source/alerts/rule-files.ts';
import { baseDocuments, manifestFiles, USUAL_CONFIG } from '../../deploy/source/manifests/files.ts';
import { heapMebibytes } from '../../deploy/source/manifests/heap.ts';
import { IMAGE, PORT, VERSION } from '../../deploy/source/manifests/names.ts';
import { parseConfig } from '../../src/config/validate.ts';
import type { Said } from '../tools/helm.ts';
import { KUSTOMIZE, type Kustomize, realKustomize } from '../tools/kustomize.ts';
import { expectCommitted, ROOT } from './committed.ts';
import { dashboardFiles } from './dashboard-files.ts';
import { KeptRenderings, RENDER_ANEW } from './kept-renderings.ts';
import { agentOf, documentsOf, type Manifest, only, validate } from './manifest-documents.ts';
import { expectSafe } from './safe-pod.ts';

const MANIFESTS = 'deploy/manifests';
const kustomize = await realKustomize(RENDER_ANEW);
const kept = new KeptRenderings(KUSTOMIZE);
const files = manifestFiles({ prometheusRule: ruleFiles()['prometheusrule.yaml'] ?? '', dashboards: dashboardFiles() });
const base = documentsOf(files.find(({ path }) => path === 'install.yaml')?.text ?? '');

describe('the files of deploy/manifests', () => {
  it.each(files)('$path is what the source says; UPDATE_DEPLOY=1 writes it', ({ path, text }) => {
    expectCommitted(`deploy/manifests/${path}`, text);
  });

  it('are all there is in the directory', () => {
    const there = readdirSync(`${ROOT}deploy/manifests`, { recursive: true, withFileTypes: true }).flatMap((entry) =>
      entry.isFile() ? [`${entry.parentPath}/${entry.name}`.replace(`${ROOT}deploy/manifests/`, '')] : [],
    );
    expect(there.sort()).toEqual(files.map(({ path }) => path).sort());
  });

  it('are of the version of the package', () => {
    const { version } = parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { readonly version: string };
    expect(VERSION).toBe(version);
  });

  it('hold objects that Kubernetes takes', () => {
    const objects = files.flatMap(({ path, text }) =>
      path.endsWith('.json') || path.endsWith('kustomization.yaml') ? [] : documentsOf(text),
    );
    expect(objects.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['ClusterRole', 'NetworkPolicy', 'PodMonitor', 'PrometheusRule']),
    );
    for (const object of objects)
      expect(() => {
        validate(object);
      }, object.kind).not.toThrow();
  });

  it('are refused when they are wrong', () => {
    const wrong = structuredClone(only(base, 'DaemonSet')) as unknown as {
      spec: { template: { spec: { hostPID: unknown } } };
    };
    wrong.spec.template.spec.hostPID = 'yes';
    expect(() => {
      validate(wrong as unknown as Manifest);
    }).toThrow(/hostPID/);
  });
});

describe('the base', () => {
  const { pod, container } = agentOf(base);

  it('is a namespace, an account, a configuration and the agents', () => {
    expect(base.map(({ kind, metadata: { name } }) => `${kind}/${name}`)).toEqual([
      'Namespace/cgopher',
      'ServiceAccount/cgopher',
      'ConfigMap/cgopher',
      'DaemonSet/cgopher',
    ]);
    expect(base).toEqual(baseDocuments());
  });

  it('is tier 2 and nothing more', () => {
    expectSafe(base, 2);
  });

  it('allows in its own namespace what the pod has', () => {
    expect(only(base, 'Namespace').metadata.labels).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'privileged',
    });
  });

  it('has a configuration that the agent takes', () => {
    expect(only(base, 'ConfigMap')['data']).toEqual({ 'cgopher.yaml': USUAL_CONFIG });
    expect(parseConfig(USUAL_CONFIG, 'cgopher.yaml').ok).toBe(true);
  });

  it('reads its configuration from a volume, which the kubelet changes under it, and not from a part of one', () => {
    expect(container.args).toContain('--config.file=/etc/cgopher/config/cgopher.yaml');
    expect(container.volumeMounts).toContainEqual({ name: 'config', mountPath: '/etc/cgopher/config', readOnly: true });
    expect(pod.volumes).toContainEqual({ name: 'config', configMap: { name: 'cgopher' } });
  });

  it('starts the image as it starts itself, with a heap of 45 % of the memory limit', () => {
    const entry = /^ENTRYPOINT (.*)$/m.exec(readFileSync(`${ROOT}Dockerfile`, 'utf8'))?.[1] ?? '';
    const image = JSON.parse(entry) as string[];
    // 256 MiB x 0.45 = 115.2
    expect(container.resources?.limits).toEqual({ memory: '256Mi' });
    expect(container.command).toEqual(
      image.map((word) => (word.startsWith('--max-old-space-size=') ? '--max-old-space-size=115' : word)),
    );
    expect(readFileSync(`${ROOT}Dockerfile`, 'utf8')).toContain(`EXPOSE ${PORT.number}`);
  });
});

describe('the heap for a memory limit', () => {
  it.each([
    ['256Mi', 115],
    // 192 MiB x 0.45 = 86.4
    ['192Mi', 86],
    // 0.5 x 1024 x 0.45 = 230.4
    ['0.5Gi', 230],
    // 200,000,000 x 0.45 / 1,048,576 = 85.8
    ['200M', 85],
    // 268,435,456 B = 256 MiB
    ['268435456', 115],
  ])('%s: %i MiB', (limit, wanted) => {
    expect(heapMebibytes(limit)).toBe(wanted);
  });

  it.each(['', 'much', '256 Mi', '1Ti', '-1Mi'])('%j is refused', (limit) => {
    expect(() => heapMebibytes(limit)).toThrow('not a memory limit');
  });
});

/** Builds an overlay in a folder of its own, beside a copy of the manifests, as somebody would who uses them. */
async function buildOverlay(run: Kustomize, overlay: object): Promise<Said> {
  const folder = mkdtempSync(join(tmpdir(), 'cgopher-overlay-'));
  try {
    cpSync(ROOT + MANIFESTS, `${folder}/manifests`, { recursive: true });
    mkdirSync(`${folder}/own`);
    writeFileSync(`${folder}/own/kustomization.yaml`, JSON.stringify(overlay));
    return await run(`${folder}/own`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('the manifests, built by kustomize', () => {
  /** A folder of the manifests; `others` are those it refers to. */
  const build = async (folder: string, ...others: readonly string[]): Promise<Manifest[]> => {
    const paths = [folder, ...others].map((each) => `${MANIFESTS}/${each}`);
    const documents = await kept.documents(
      folder,
      { paths, words: folder },
      kustomize && (() => kustomize(`${ROOT}${MANIFESTS}/${folder}`)),
    );
    for (const document of documents) validate(document);
    return documents;
  };

  it('makes of the base what install.yaml holds', async () => {
    const order = (documents: readonly Manifest[]) => [...documents].sort((a, b) => a.kind.localeCompare(b.kind));
    expect(order(await build('base'))).toEqual(order(base));
  });

  it('makes of the example the base with scraping, alerts, dashboards and a policy', async () => {
    const documents = await build('example', 'base', 'components');
    const kinds = documents.map(({ kind }) => kind).sort();
    expect(kinds).toEqual([
      'ConfigMap',
      'ConfigMap',
      'ConfigMap',
      'ConfigMap',
      'DaemonSet',
      'Namespace',
      'NetworkPolicy',
      'PodMonitor',
      'PrometheusRule',
      'ServiceAccount',
    ]);
    for (const each of documents) if (each.kind !== 'Namespace') expect(each.metadata.namespace).toBe('cgopher');
    const dashboards = documents.filter(({ metadata }) => metadata.labels?.['grafana_dashboard'] === '1');
    expect(dashboards.map(({ metadata: { name } }) => name).sort()).toEqual([
      'cgopher-node-dashboard',
      'cgopher-overview-dashboard',
      'cgopher-workload-dashboard',
    ]);
    for (const [name, text] of Object.entries(dashboardFiles()))
      expect(only(dashboards, 'ConfigMap', name.replace('.json', '-dashboard'))['data']).toEqual({ [name]: text });
    expectSafe(documents, 2);
  });

  /** The base with some components, and an image and a namespace of one's own. */
  const withComponents = async (...names: readonly string[]): Promise<Manifest[]> => {
    const overlay = {
      namespace: 'observability',
      resources: ['../manifests/base'],
      components: names.map((name) => `../manifests/components/${name}`),
      images: [{ name: IMAGE, newName: 'registry.example.net/cgopher', digest: `sha256:${'ab'.repeat(32)}` }],
    };
    const paths = ['base', ...names.map((name) => `components/${name}`)].map((each) => `${MANIFESTS}/${each}`);
    const documents = await kept.documents(
      names.join('-and-'),
      { paths, words: overlay },
      kustomize && (() => buildOverlay(kustomize, overlay)),
    );
    for (const document of documents) validate(document);
    return documents;
  };

  it("puts an image and a namespace of one's own in place", async () => {
    const documents = await withComponents('kubernetes-api', 'networkpolicy');
    expect(agentOf(documents).container.image).toBe(`registry.example.net/cgopher@sha256:${'ab'.repeat(32)}`);
    expect(only(documents, 'Namespace').metadata.name).toBe('observability');
    expect(only(documents, 'DaemonSet').metadata.namespace).toBe('observability');
    expect(only(documents, 'ClusterRoleBinding')['subjects']).toEqual([
      { kind: 'ServiceAccount', name: 'cgopher', namespace: 'observability' },
    ]);
  });

  it.each([0, 1] as const)('tier-%i has its capabilities and no other', async (tier) => {
    expectSafe(await withComponents(`tier-${tier}`), tier);
  });

  it.each([
    ['kubernetes-api', 'api', { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] }, ['NODE_NAME']],
    [
      'kubelet-api',
      'kubelet',
      { apiGroups: [''], resources: ['nodes/pods'], verbs: ['get'] },
      ['NODE_NAME', 'NODE_IP'],
    ],
  ])('%s gives that right, the token and the setting', async (name, source, rule, variables) => {
    const documents = await withComponents(name);
    expectSafe(documents, 2);
    expect(only(documents, 'ClusterRole')['rules']).toEqual([rule]);
    expect(only(documents, 'ServiceAccount')['automountServiceAccountToken']).toBe(true);
    const { pod, container } = agentOf(documents);
    expect(pod.automountServiceAccountToken).toBe(true);
    expect(container.env?.map((each) => each.name)).toEqual(variables);
    const data = only(documents, 'ConfigMap')['data'] as Readonly<Record<string, string>>;
    const config = parseConfig(data['cgopher.yaml'] ?? '', 'cgopher.yaml');
    expect(config.ok && config.config.kubernetes.source).toBe(source);
  });

  it('have no rendering kept besides', () => {
    kept.expectNothingBesides();
  });
});
