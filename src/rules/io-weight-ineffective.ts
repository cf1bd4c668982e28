import type { IoDeviceModel } from '../model/io-types.ts';
import { DEFAULT_WEIGHT, deviceRate } from './io-competitors.ts';
import type { ContainerContext, Evidence, Rule, Verdict } from './types.ts';
import { clear, unknown } from './verdict.ts';

interface Judged {
  readonly device: IoDeviceModel;
  /** Undefined: cannot be told. */
  readonly effective: boolean | undefined;
}

function judgeDevice({ container, neighbours, node }: ContainerContext, device: IoDeviceModel): Judged {
  const { bfqWeight } = container.io;
  const byCost = device.weight !== undefined && device.weight !== DEFAULT_WEIGHT;
  const byBfq = bfqWeight !== undefined && bfqWeight !== DEFAULT_WEIGHT;
  const costOn = [container, ...neighbours].some((of) =>
    of.io.devices?.some((other) => other.device === device.device && other.costControlled),
  );
  if (byCost && costOn) return { device, effective: true };
  if (!byBfq) return { device, effective: false };
  const scheduler = node.blockDevices?.find((other) => other.device === device.device)?.scheduler;
  return { device, effective: scheduler === undefined ? undefined : scheduler === 'bfq' };
}

function detect(context: ContainerContext): Verdict {
  const { container, thresholds, node } = context;
  const { weight, bfqWeight, devices } = container.io;
  const set = (value: number | undefined): boolean => value !== undefined && value !== DEFAULT_WEIGHT;
  const evidence: Evidence[] = [];
  if (weight !== undefined)
    evidence.push({ signal: 'I/O weight', value: weight, unit: '', bound: DEFAULT_WEIGHT, source: 'io.weight' });
  if (bfqWeight !== undefined)
    evidence.push({
      signal: 'I/O weight for BFQ',
      value: bfqWeight,
      unit: '',
      bound: DEFAULT_WEIGHT,
      source: 'io.bfq.weight',
    });
  if (devices === undefined)
    return set(weight) || set(bfqWeight)
      ? unknown('io.stat of the container')
      : clear('no weight other than the default', evidence);
  if (!set(weight) && !set(bfqWeight) && !devices.some((device) => set(device.weight)))
    return clear('no weight other than the default', evidence);
  const judged = devices
    .filter((device) => set(device.weight) || set(bfqWeight))
    .filter((device) => (deviceRate(device) ?? 1) > 0)
    .map((device) => judgeDevice(context, device));
  const useless = judged.filter(({ effective }) => effective === false);
  if (useless.length === 0) {
    const untold = judged.filter(({ effective }) => effective === undefined);
    if (untold.length > 0) return unknown(...untold.map(({ device }) => `scheduler of the device ${device.device}`));
    return clear(
      judged.length === 0 ? 'it uses no device the weight is for' : 'the weight counts on the devices it uses',
      evidence,
    );
  }
  const named = useless.map(({ device }) => {
    const disk = node.blockDevices?.find((other) => other.device === device.device);
    if (disk !== undefined)
      evidence.push({
        signal: `scheduler of ${disk.name}`,
        value: disk.scheduler ?? 'none',
        unit: '',
        source: `/sys/block/${disk.name}/queue/scheduler`,
      });
    return { device: device.device, name: disk?.name };
  });
  const first = named[0];
  const waited = container.pressure.io?.some?.stalledRatio ?? 0;
  const bfq =
    first?.name === undefined
      ? 'or choose the bfq scheduler for it'
      : `or \`echo bfq > /sys/block/${first.name}/queue/scheduler\` with io.bfq.weight`;
  return {
    outcome: 'holds',
    severity: waited >= thresholds.io.waitedRatio ? 'warning' : 'info',
    summary: `an I/O weight is set, but does nothing on ${named.map(({ device, name }) => name ?? device).join(', ')}: neither the cost controller nor BFQ is on there`,
    evidence,
    remedy: {
      text: `Switch the cost controller on for the device: \`echo "${first?.device ?? 'MAJ:MIN'} enable=1" > /sys/fs/cgroup/io.cost.qos\`; ${bfq}. Without either take the weight out: it tells a wrong story.`,
    },
  };
}

/**
 * io.weight acts only where io.cost.qos has enable=1, which io.stat shows as `cost.usage`; io.bfq.weight only where the scheduler is bfq
 * (cgroup-v2.rst, IO; block/blk-iocost.c ioc_pd_stat and block/bfq-cgroup.c, Linux 6.12).
 */
export const ioWeightIneffective: Rule = {
  id: 'IoWeightIneffective',
  title: 'An I/O weight is set that has no effect on the disks in use',
  subject: 'container',
  about: {
    meaning:
      'The file io.weight is there on most kernels and takes any value, but only the cost controller reads it, and it is off unless somebody switched it on for the device. io.bfq.weight is read by the BFQ scheduler alone.',
    firesWhen:
      'A container or unit has a weight other than 100 and uses a device on which neither the cost controller is on nor, for a BFQ weight, BFQ is the scheduler.',
    severity: 'info; warning when tasks wait `io.waitedRatio` of the time or more for devices.',
    change: 'io.cost.qos enable=1 or the bfq scheduler for the device, or take the weight out.',
    silentWhen: 'No weight is set, or it counts on the devices in use.',
    unknownWhen: 'io.stat of the container or the scheduler of a device is not known.',
    sources: ['cgroup-v2.rst, IO Interface Files', 'block/blk-iocost.c, block/bfq-cgroup.c, Linux 6.12'],
  },
  detect,
};
