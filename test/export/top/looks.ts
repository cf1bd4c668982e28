import { type TopLook, topLook } from '../../../src/export/top/top-look.ts';
import type { GoProcessModel } from '../../../src/model/go-process-types.ts';
import type { NodeModel } from '../../../src/model/node-types.ts';
import type { Finding } from '../../../src/rules/types.ts';
import { container, goProcess, limitAt, nodeModel, pod } from '../../rules/models.ts';
import { FINDING } from '../base-model.ts';

export const SCREEN = { columns: 80, rows: 24, color: false, unicode: true } as const;

/** A finding for the container, or whom `over` names. */
export function fires(over: Partial<Finding>, key = container().key): Finding {
  return { ...FINDING, subject: { ...FINDING.subject, key }, ...over };
}

/** A program in a unit that has told nothing. */
export const silent: GoProcessModel = goProcess({
  key: '9@1',
  pid: 9,
  containerKey: undefined,
  cgroupPath: '/system.slice/silent.service',
  name: 'silent',
  usageCores: undefined,
  settings: { gomaxprocs: undefined, gomemlimit: undefined },
  runtime: { heapGoalBytes: undefined, heapLiveBytes: undefined, goroutines: undefined, gcCpuRatio: undefined },
  effective: { cpuCores: limitAt('max'), memoryMaxBytes: undefined, memoryHighBytes: undefined },
});

/** Of a program in shop/app-0/app that a warning and a critical finding fire for, and of the silent one. */
export const smallModel: NodeModel = nodeModel({
  containers: [container()],
  pods: [pod()],
  goProcesses: [goProcess(), silent],
});
export const smallFindings: readonly Finding[] = [
  fires({}),
  fires({ rule: 'GomaxprocsAboveCpuLimit', severity: 'critical', summary: 'GOMAXPROCS is 16 under a CPU limit of 2' }),
  fires({ rule: 'NodeSysctls', severity: 'info' }, 'node'),
];
export const smallLook: TopLook = {
  ...topLook(smallModel, smallFindings),
  hostname: 'node-a',
  kernelRelease: '6.1.0',
  // 2025-01-02 03:04:05 UTC
  takenUnixMs: Date.UTC(2025, 0, 2, 3, 4, 5),
};

/** Many programs, `w00` to `w29`, the first with the most goroutines. */
export function manyLook(count = 30): TopLook {
  const goProcesses = Array.from({ length: count }, (_, index) => {
    const name = `w${String(index).padStart(2, '0')}`;
    return goProcess({
      key: name,
      pid: index + 1,
      containerKey: undefined,
      cgroupPath: `/${name}`,
      name,
      runtime: { goroutines: { value: count - index, from: 'memory' } },
    });
  });
  return topLook(nodeModel({ goProcesses }), []);
}
