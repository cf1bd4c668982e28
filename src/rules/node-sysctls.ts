import type { Evidence, NodeContext, Rule, Severity, Verdict } from './types.ts';
import { clear, unknown } from './verdict.ts';

interface Setting {
  readonly name: string;
  /** What a value is wrong for, and how bad it is; undefined: nothing. */
  readonly wrong: (value: number) => { readonly severity: Severity; readonly why: string } | undefined;
  readonly value: number;
}

/**
 * Only what is wrong for any Go service. Swappiness and transparent huge pages are not here: whether they hurt shows in what they do,
 * and SwapUnderGc and ThpInflatesRss judge that.
 */
const SETTINGS: readonly Setting[] = [
  {
    name: 'vm.overcommit_memory',
    value: 1,
    wrong: (value) =>
      value === 2
        ? {
            severity: 'warning',
            why: 'vm.overcommit_memory=2 counts memory when it is mapped: Go maps its heap in pieces of 64 MiB and keeps what it gave back mapped, so programs end with "cannot allocate memory" while memory is free',
          }
        : undefined,
  },
  {
    name: 'vm.panic_on_oom',
    value: 0,
    wrong: (value) =>
      value === 2
        ? { severity: 'critical', why: 'vm.panic_on_oom=2: one container at its memory limit panics the whole node' }
        : value === 1
          ? {
              severity: 'warning',
              why: 'vm.panic_on_oom=1: the node panics when it runs out of memory, instead of killing the pod that fits least',
            }
          : undefined,
  },
];

const RANK: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 };

function detect({ model }: NodeContext): Verdict {
  const { sysctls } = model.node;
  const evidence: Evidence[] = [];
  const missing: string[] = [];
  const wrong: { readonly severity: Severity; readonly why: string }[] = [];
  const set: Record<string, string> = {};
  for (const setting of SETTINGS) {
    const value = sysctls[setting.name];
    if (typeof value !== 'number') {
      missing.push(setting.name);
      continue;
    }
    evidence.push({ signal: setting.name, value, unit: '', source: `/proc/sys/${setting.name.replace('.', '/')}` });
    const found = setting.wrong(value);
    if (found === undefined) continue;
    wrong.push(found);
    set[setting.name] = String(setting.value);
  }
  const worst = wrong.toSorted((a, b) => RANK[b.severity] - RANK[a.severity])[0];
  if (worst === undefined)
    return missing.length > 0
      ? unknown(...missing)
      : clear('overcommit and behaviour at lack of memory are as the kubelet wants them', evidence);
  return {
    outcome: 'holds',
    severity: worst.severity,
    summary: wrong.map(({ why }) => why).join('; '),
    evidence,
    remedy: {
      text: `Set ${Object.entries(set)
        .map(([name, value]) => `${name}=${value}`)
        .join(' and ')} in /etc/sysctl.d, as the kubelet does itself unless protectKernelDefaults is on.`,
      patch: { kind: 'sysctl', set },
    },
  };
}

/** Documentation/admin-guide/sysctl/vm.rst, Linux 6.12; the kubelet's own values: pkg/kubelet/cm, setupKernelTunables. */
export const nodeSysctls: Rule = {
  id: 'NodeSysctls',
  title: 'A kernel setting of the node is wrong for Go services',
  subject: 'node',
  about: {
    meaning:
      'Two settings do harm to every Go service of a node. Strict overcommit refuses memory that is mapped and not used, of which Go has much. Panic on lack of memory turns one pod’s fault into that of the whole node.',
    firesWhen: '`vm.overcommit_memory` is 2, or `vm.panic_on_oom` is 1 or 2.',
    severity: 'warning; critical for `vm.panic_on_oom` 2, where the limit of one container is enough.',
    change: 'Set them to 1 and 0, which are the kubelet’s values.',
    silentWhen:
      'Neither is set so. `vm.swappiness` and transparent huge pages are not judged by their values, which suit one program and harm another: SwapUnderGc and ThpInflatesRss judge what they do.',
    unknownWhen: 'A setting could not be read and the other is not wrong.',
    sources: ['Documentation/admin-guide/sysctl/vm.rst, Linux 6.12', 'runtime/malloc.go, heapArenaBytes, Go 1.26'],
  },
  detect,
};
