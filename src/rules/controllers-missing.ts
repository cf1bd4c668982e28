import type { ContainerModel } from '../model/container-types.ts';
import type { NodeModel } from '../model/node-types.ts';
import type { Evidence, NodeContext, Rule, Verdict } from './types.ts';
import { clear, unknown } from './verdict.ts';

interface Controller {
  readonly name: string;
  /** What cannot be seen or held without it. */
  readonly lost: string;
  /** A file of it was there in this container. Undefined: nobody expects it in every container. */
  readonly present?: (container: ContainerModel) => boolean;
  /** A file that tells by its miss that it is there and may not be read. */
  readonly file?: string;
}

/** What the kubelet needs (pkg/kubelet/cm, needed controllers), and io. Without cpu or memory at the root see NodeNotUnifiedCgroupV2. */
const CONTROLLERS: readonly Controller[] = [
  {
    name: 'cpu',
    lost: 'CPU limits and requests',
    present: ({ cpu }) => cpu.limitCores !== undefined,
    file: '/cpu.max',
  },
  {
    name: 'memory',
    lost: 'memory limits',
    present: ({ memory }) => memory.maxBytes !== undefined,
    file: '/memory.max',
  },
  {
    name: 'pids',
    lost: 'limits of tasks',
    present: ({ pids }) => pids.max !== undefined || pids.current !== undefined,
    file: '/pids.max',
  },
  { name: 'io', lost: 'disk traffic by container' },
];

const JUDGED_ELSEWHERE = new Set(['cpu', 'memory']);

/** Controllers the root has, of which no pod's container has a file: kubepods or a level above it does not pass them on. */
function notPassedOn({ containers, node, misses }: NodeModel): Controller[] | 'unread' {
  const inPods = containers.filter(({ identity }) => identity.kind === 'kubernetes');
  if (inPods.length === 0) return [];
  const lacking = CONTROLLERS.filter(
    ({ name, present }) => present !== undefined && node.controllers.includes(name) && !inPods.some(present),
  );
  const unread = lacking.some(({ file }) => file !== undefined && misses.some(({ source }) => source.endsWith(file)));
  return unread ? 'unread' : lacking;
}

function detect({ model }: NodeContext): Verdict {
  const { hierarchy, hierarchyDetail, controllers } = model.node;
  if (hierarchy === 'none') return unknown(`a cgroup file system: ${hierarchyDetail}`);
  if (hierarchy !== 'unified') return clear('no unified cgroup v2 hierarchy: see NodeNotUnifiedCgroupV2');
  const evidence: Evidence[] = [
    {
      signal: 'controllers in the v2 root',
      value: controllers.join(' ') || 'none',
      unit: '',
      source: 'cgroup.controllers',
    },
  ];
  const atRoot = CONTROLLERS.filter(({ name }) => !controllers.includes(name) && !JUDGED_ELSEWHERE.has(name));
  const below = notPassedOn(model);
  if (below === 'unread' && atRoot.length === 0)
    return unknown('limit files of containers, which are there and could not be read');
  const passed = below === 'unread' ? [] : below;
  if (passed.length > 0)
    evidence.push({
      signal: 'controllers that no container has',
      value: passed.map(({ name }) => name).join(' '),
      unit: '',
      source: 'control files of the containers',
    });
  const lacking = [...atRoot, ...passed];
  if (lacking.length === 0) return clear('cpu, memory, pids and io are there, in containers as well', evidence);
  const names = lacking.map(({ name }) => name).join(', ');
  const lost = lacking.map((controller) => controller.lost).join(', ');
  return {
    outcome: 'holds',
    severity: lacking.every(({ name }) => name === 'io') ? 'info' : 'warning',
    summary:
      `${passed.length > 0 ? 'containers have' : 'the cgroup v2 hierarchy has'} no ${names} controller: ${lost} ${passed.length > 0 ? 'are not in force and' : ''} cannot be judged`.replace(
        '  ',
        ' ',
      ),
    evidence,
    remedy: {
      text:
        passed.length > 0
          ? `Let the levels above the pods pass them on: \`Delegate=${passed.map(({ name }) => name).join(' ')}\` for the service that runs the kubelet (rootless set-ups: user@.service), which writes cgroup.subtree_control.`
          : `Remove cgroup_disable from the kernel arguments, and unmount v1 hierarchies that keep ${names} from v2.`,
    },
  };
}

/** A controller works in a cgroup only when every level above enables it (cgroup-v2.rst, Controlling Controllers; Delegation). */
export const controllersMissing: Rule = {
  id: 'ControllersMissing',
  title: 'A cgroup controller is missing, at the root or in the containers',
  subject: 'node',
  about: {
    meaning:
      'A limit is in force only where the controller is enabled at every level from the root down. In rootless and nested set-ups systemd often delegates only memory and pids: CPU limits of pods are then accepted and do nothing.',
    firesWhen:
      'The root of the hierarchy has no pids or io controller, or it has cpu, memory or pids and no container of any pod has a file of it.',
    severity: 'warning; info when only io is missing.',
    change:
      'Delegate the controllers to the service that runs the kubelet, or take cgroup_disable off the kernel arguments.',
    silentWhen: 'They are there. cpu and memory missing at the root are told by NodeNotUnifiedCgroupV2.',
    unknownWhen: 'There is no cgroup file system, or limit files are there and could not be read.',
    sources: ['cgroup-v2.rst, Controlling Controllers', 'systemd.resource-control(5), Delegate='],
  },
  detect,
};
