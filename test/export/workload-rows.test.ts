import { describe, expect, it } from 'vitest';
import { memoryShare, orderedRows, ROW_ORDERS } from '../../src/export/workload-order.ts';
import { rowName, workloadRows } from '../../src/export/workload-rows.ts';
import type { Finding } from '../../src/rules/types.ts';
import { container, goProcess, limitAt, MIB, memory, nodeModel, pod, told } from '../rules/models.ts';
import { FINDING } from './base-model.ts';

const fires = (key: string, severity: Finding['severity'], state: Finding['state'] = 'firing'): Finding => ({
  ...FINDING,
  severity,
  state,
  subject: { ...FINDING.subject, key },
});

describe('rows of workloads', () => {
  it('put a process together with its container', () => {
    const model = nodeModel({ containers: [container()], pods: [pod()], goProcesses: [goProcess()] });
    const [row] = workloadRows(model, []);
    expect(row).toMatchObject({
      key: '7@5000',
      namespace: 'shop',
      pod: 'app-0',
      container: 'app',
      sharedBy: 1,
      firing: 0,
    });
    expect(row!.severity).toBeUndefined();
    expect(row!.cpu).toEqual({ usageCores: 1.2, gomaxprocs: told(2), limitCores: limitAt(2), throttledRatio: 0.02 });
    expect(row!.memory).toEqual({
      heapLive: told(100 * MIB),
      heapGoal: told(200 * MIB),
      gomemlimit: told('off'),
      current: 300 * MIB,
      high: limitAt('max'),
      max: limitAt(512 * MIB),
    });
    expect(rowName(row!)).toBe('shop/app-0/app');
  });

  it('count what fires for the process, its container and its pod, and no more', () => {
    const { key } = container();
    const model = nodeModel({ containers: [container()], pods: [pod()], goProcesses: [goProcess()] });
    const findings = [
      fires('7@5000', 'info'),
      fires(key, 'warning'),
      fires(pod().key, 'critical'),
      fires('7@5000', 'critical', 'pending'),
      fires('node', 'critical'),
    ];
    expect(workloadRows(model, findings)[0]).toMatchObject({ severity: 'critical', firing: 3 });
    expect(workloadRows(model, findings.slice(0, 2))[0]).toMatchObject({ severity: 'warning', firing: 2 });
  });

  it('leave open what is not known of a process without a container', () => {
    const model = nodeModel({ goProcesses: [goProcess({ containerKey: undefined, cgroupPath: '/a/b' })] });
    const row = workloadRows(model, [])[0]!;
    expect(row.memory.current).toBeUndefined();
    expect(row.cpu.throttledRatio).toBeUndefined();
    // Of the process itself.
    expect(row.cpu.usageCores).toBe(1);
    expect(rowName(row)).toBe('/a/b');
  });
});

describe('the order of rows', () => {
  const rowOf = (
    name: string,
    currentMib: number | undefined,
    goroutines: number | undefined,
    severity?: Finding['severity'],
  ) => {
    const current = currentMib === undefined ? undefined : currentMib * MIB;
    const own = container({
      memory: memory({ currentBytes: current }),
      identity: { ...container().identity, pod: name },
    });
    const process = goProcess({
      key: name,
      runtime: { goroutines: goroutines === undefined ? undefined : told(goroutines) },
    });
    const model = nodeModel({ containers: [own], goProcesses: [process] });
    return workloadRows(model, severity === undefined ? [] : [fires(name, severity)])[0]!;
  };
  // Of 512 MiB: 128 is 0.25, 256 is 0.5, 384 is 0.75.
  const rows = [
    rowOf('a', 128, 5),
    rowOf('b', 384, undefined),
    rowOf('c', undefined, 50, 'info'),
    rowOf('d', 256, 500, 'critical'),
    rowOf('e', 384, 1, 'critical'),
  ];
  const names = (order: (typeof ROW_ORDERS)[number], filter = {}) =>
    orderedRows(rows, order, filter)
      .map(({ key }) => key)
      .join('');

  it('is by severity, then by how full the memory is', () => {
    expect(rows.map(memoryShare)).toEqual([0.25, 0.75, undefined, 0.5, 0.75]);
    expect(names('worst')).toBe('edcba');
  });

  it('puts what is not known last', () => {
    expect(names('goroutines')).toBe('dcaeb');
    expect(names('memory')).toBe('bedac');
    expect(names('name')).toBe('abcde');
    for (const order of ROW_ORDERS) expect(names(order)).toHaveLength(5);
  });

  it('keeps what fits', () => {
    expect(names('worst', { severity: 'critical' })).toBe('ed');
    expect(names('worst', { severity: 'none' })).toBe('ba');
    expect(names('name', { namespace: 'shop', severity: 'info' })).toBe('c');
    expect(names('name', { namespace: 'other' })).toBe('');
  });
});
