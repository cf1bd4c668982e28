import { describe, expect, it } from 'vitest';
import type { ContainerModel } from '../../src/model/container-types.ts';
import type { IoDeviceModel } from '../../src/model/io-types.ts';
import { ioWeightDefaultUnderContention } from '../../src/rules/io-weight-default-under-contention.ts';
import { ioWeightIneffective } from '../../src/rules/io-weight-ineffective.ts';
import { container, evidence, holds, judgeContainer, MIB, missing, nodeModel, waiting, whyClear } from './models.ts';

const disk = (mibPerSecond: number | undefined, over: Partial<IoDeviceModel> = {}): IoDeviceModel => ({
  device: '8:0',
  readBytesTotal: 1,
  writtenBytesTotal: 1,
  readsTotal: 1,
  writesTotal: 1,
  readBytesPerSecond: mibPerSecond === undefined ? undefined : 0,
  writtenBytesPerSecond: mibPerSecond === undefined ? undefined : mibPerSecond * MIB,
  weight: 100,
  costControlled: false,
  ...over,
});
const waits = (io: number | undefined, memory?: number) => ({
  cpu: undefined,
  memory: memory === undefined ? undefined : waiting(memory),
  io: io === undefined ? undefined : waiting(io),
  irq: undefined,
});
/** The usual program, waiting 40 % of the time, moving 10 MiB/s. */
const slow = (over: Partial<ContainerModel> = {}): ContainerModel =>
  container({ pressure: waits(0.4), io: { devices: [disk(10)], weight: 100, bfqWeight: undefined }, ...over });
/** A backup beside it. */
const backup = (mibPerSecond = 90, over: Partial<IoDeviceModel> = {}): ContainerModel =>
  container({
    key: '/kubepods/pod-b/dump#2',
    identity: { ...container().identity, namespace: 'ops', pod: 'backup-1', container: 'dump' },
    io: { devices: [disk(mibPerSecond, over)], weight: 100, bfqWeight: undefined },
  });
const node = nodeModel({ node: { blockDevices: [{ device: '8:0', name: 'sda', scheduler: 'mq-deadline' }] } }).node;

describe('IoWeightDefaultUnderContention', () => {
  const judge = (of = slow(), other = backup(), over: Parameters<typeof judgeContainer>[2] = {}) =>
    judgeContainer(ioWeightDefaultUnderContention, of, { neighbours: [of, other], node, ...over });

  it('fires and names who contends', () => {
    const verdict = holds(judge());
    expect(verdict.summary).toBe(
      'some task waited for sda 40 % of the time, while ops/backup-1/dump uses it too and nobody has a weight other than the default',
    );
    // 90 of 100 MiB/s.
    expect(evidence(verdict, 'share of sda that ops/backup-1/dump moves')).toBeCloseTo(0.9);
    expect(verdict.remedy.text).toContain('Kubernetes has no setting for I/O weight');
    const unit = slow({
      identity: { ...container().identity, kind: 'systemd', unit: 'db.service', container: undefined },
    });
    expect(holds(judge(unit)).remedy.text).toContain('IOWeight=500');
    expect(ioWeightDefaultUnderContention.forSeconds).toBe(60);
  });

  it('is silent, each time with its reason', () => {
    expect(whyClear(judge(slow({ pressure: waits(0.19) })))).toContain('waited for a device 19 % of the time');
    // 2 of 12 MiB/s is no competitor.
    expect(whyClear(judge(slow(), backup(2)))).toContain('no other container that is read moves much');
    expect(whyClear(judge(slow(), backup(90, { device: '8:16' })))).toContain(
      'no other container that is read moves much',
    );
    expect(whyClear(judge(slow(), backup(90, { weight: 50 })))).toContain('weights are set');
    expect(whyClear(judge(slow({ pressure: waits(0.4, 0.3) })))).toContain('lack of memory');
    expect(whyClear(judge(slow(), backup(), { processes: [] }))).toBe('no Go process in this container');
  });

  it('is unknown for each missing input', () => {
    expect(missing(judge(slow({ pressure: waits(undefined) })))).toContain('io.pressure');
    expect(missing(judge(slow({ io: { devices: undefined, weight: 100, bfqWeight: undefined } })))).toContain(
      'io.stat',
    );
    expect(missing(judge(slow({ io: { devices: [disk(undefined)], weight: 100, bfqWeight: undefined } })))).toContain(
      'io.stat',
    );
    expect(missing(judge(slow({ unseenProcesses: 2 }), backup(), { processes: [] }))).toContain('executables of 2');
    const unrated = { readBytesPerSecond: undefined };
    expect(missing(judge(slow(), backup(90, unrated)))).toBe('io.stat of the other containers in two samples');
    // On a device it does not use.
    expect(judge(slow(), backup(90, { ...unrated, device: '8:16' })).outcome).toBe('clear');
    // A competitor that is known is enough.
    const own = slow();
    expect(judge(own, backup(), { neighbours: [own, backup(), backup(90, unrated)] }).outcome).toBe('holds');
  });
});

describe('IoWeightIneffective', () => {
  const weighted = (weight: number, over: Partial<IoDeviceModel> = {}, bfqWeight?: number): ContainerModel =>
    slow({ pressure: waits(0), io: { devices: [disk(10, { weight, ...over })], weight, bfqWeight } });
  const judge = (of: ContainerModel, over: Parameters<typeof judgeContainer>[2] = {}) =>
    judgeContainer(ioWeightIneffective, of, { neighbours: [of], node, ...over });

  it('fires when nothing reads the weight', () => {
    const verdict = holds(judge(weighted(500)));
    expect([verdict.severity, verdict.summary]).toEqual([
      'info',
      'an I/O weight is set, but does nothing on sda: neither the cost controller nor BFQ is on there',
    ]);
    expect(verdict.remedy.text).toContain('`echo "8:0 enable=1" > /sys/fs/cgroup/io.cost.qos`');
    expect(verdict.remedy.text).toContain('echo bfq > /sys/block/sda/queue/scheduler');
    expect(evidence(verdict, 'scheduler of sda')).toBe('mq-deadline');
    expect(holds(judge({ ...weighted(500), pressure: waits(0.3) })).severity).toBe('warning');
    // BFQ reads a weight of its own only.
    const bfq = nodeModel({ node: { blockDevices: [{ device: '8:0', name: 'sda', scheduler: 'bfq' }] } }).node;
    expect(judge(weighted(500), { node: bfq }).outcome).toBe('holds');
    expect(judge(weighted(100, {}, 500)).outcome).toBe('holds');
  });

  it('is silent, each time with its reason', () => {
    expect(whyClear(judge(weighted(100)))).toBe('no weight other than the default');
    expect(whyClear(judge(weighted(500, { costControlled: true })))).toBe('the weight counts on the devices it uses');
    const bfq = nodeModel({ node: { blockDevices: [{ device: '8:0', name: 'sda', scheduler: 'bfq' }] } }).node;
    expect(whyClear(judge(weighted(100, {}, 500), { node: bfq }))).toContain('counts');
    expect(whyClear(judge(weighted(500, { writtenBytesPerSecond: 0 })))).toContain('no device the weight is for');
    // A neighbour’s line tells that the controller is on.
    const of = weighted(500);
    expect(judge(of, { neighbours: [of, backup(1, { costControlled: true })] }).outcome).toBe('clear');
  });

  it('is unknown for each missing input', () => {
    const noDisks = nodeModel({ node: { blockDevices: undefined } }).node;
    expect(missing(judge(weighted(100, {}, 500), { node: noDisks }))).toBe('scheduler of the device 8:0');
    expect(missing(judge(slow({ io: { devices: undefined, weight: 500, bfqWeight: undefined } })))).toBe(
      'io.stat of the container',
    );
    expect(judge(slow({ io: { devices: undefined, weight: 100, bfqWeight: undefined } })).outcome).toBe('clear');
  });
});
