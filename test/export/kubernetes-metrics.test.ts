import { expect, it } from 'vitest';
import { ExpositionWriter } from '../../src/export/exposition-writer.ts';
import type { PodModel } from '../../src/model/container-types.ts';
import type { NodeModel } from '../../src/model/node-types.ts';
import type { PodSpecModel } from '../../src/model/pod-spec-types.ts';
import { nodeModel, pod } from '../rules/models.ts';

const spec = (owner: PodSpecModel['owner'], name = 'app-0'): Partial<PodModel> => ({
  pod: name,
  spec: { ageSeconds: 0, uid: 'a', namespace: 'shop', name, owner, resources: undefined, ignore: [] },
});

const lines = (model: Partial<Omit<NodeModel, 'node'>>): string[] => {
  const text = new ExpositionWriter().write({ model: nodeModel(model), findings: [], unjudgedByRule: new Map() });
  return text
    .toString()
    .split('\n')
    .filter((line) => /^cgopher_(pod_info|kubernetes)/.test(line));
};

it('tells the workload of each pod once, and how old that is', () => {
  const kind = 'Deployment';
  const pods = [
    pod(spec({ kind, name: 'app' })),
    // One that makes room for another of the same name, a pod of its own, one the API does not know, and a hostile name.
    pod({ ...spec({ kind, name: 'app' }), podUid: 'b' }),
    pod(spec(undefined, 'alone')),
    pod({ pod: 'unknown' }),
    pod(spec({ kind: 'A"\n', name: 'x'.repeat(2000) }, 'hostile')),
  ];
  const got = lines({ pods, kubernetes: { source: 'api', pods: 4, ageSeconds: 2.5 } });
  expect(got.slice(0, 2)).toEqual([
    'cgopher_pod_info{namespace="shop",pod="app-0",owner_kind="Deployment",owner_name="app"} 1',
    'cgopher_pod_info{namespace="shop",pod="alone",owner_kind="",owner_name=""} 1',
  ]);
  expect(got[2]).toMatch(
    /^cgopher_pod_info\{namespace="shop",pod="hostile",owner_kind="A\\"\\n",owner_name="x{50,400}[^"]*"\} 1$/,
  );
  expect(got.slice(3)).toEqual([
    'cgopher_kubernetes_pods{source="api"} 4',
    'cgopher_kubernetes_pods_age_seconds{source="api"} 2.5',
  ]);
});

it('has no series where the API is not asked, and no age before the first answer', () => {
  expect(lines({ pods: [pod()] })).toEqual([]);
  expect(lines({ kubernetes: { source: 'kubelet', pods: 0, ageSeconds: undefined } })).toEqual([]);
});
