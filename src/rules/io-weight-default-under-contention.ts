import type { ContainerModel } from '../model/container-types.ts';
import type { IoDeviceModel } from '../model/io-types.ts';
import { DEFAULT_WEIGHT, deviceRate, type IoShare, sharesOf, whoIs } from './io-competitors.ts';
import { humanBytes, percent } from './quantity.ts';
import type { ContainerContext, Evidence, Rule, Verdict } from './types.ts';
import { clear, unknown } from './verdict.ts';

const MAX_NAMED = 3;

interface Contest {
  readonly device: string;
  readonly competitors: readonly IoShare[];
}

/** The device the container uses on which others move most. */
function contestOf({ container, neighbours, thresholds }: ContainerContext): Contest | undefined {
  let worst: (Contest & { readonly share: number }) | undefined;
  for (const { device } of container.io.devices ?? []) {
    const shares = sharesOf(device, neighbours);
    if (!shares.some((share) => share.container.key === container.key)) continue;
    const competitors = shares.filter(
      (share) => share.container.key !== container.key && share.share >= thresholds.io.competitorRatio,
    );
    const share = competitors[0]?.share ?? 0;
    if (competitors.length > 0 && share > (worst?.share ?? 0)) worst = { device, competitors, share };
  }
  return worst;
}

function weightOn(container: ContainerModel, device: string): number | undefined {
  const own = container.io.devices?.find((candidate) => candidate.device === device);
  return own?.weight ?? container.io.weight ?? container.io.bfqWeight;
}

/** Whether it uses one of these devices, by an amount that is not known. */
function unratedOn({ io }: ContainerModel, devices: readonly IoDeviceModel[]): boolean {
  return (io.devices ?? []).some(
    (other) => deviceRate(other) === undefined && devices.some(({ device }) => device === other.device),
  );
}

function detect(context: ContainerContext): Verdict {
  const { container, processes, neighbours, thresholds, node } = context;
  if (processes.length === 0)
    return container.unseenProcesses > 0
      ? unknown(`executables of ${container.unseenProcesses} processes, to know whether one is a Go program`)
      : clear('no Go process in this container');
  const waited = container.pressure.io?.some?.stalledRatio;
  if (waited === undefined) return unknown('io.pressure of the container in two samples');
  const evidence: Evidence[] = [
    {
      signal: 'time some task waited for a device',
      value: waited,
      unit: 'ratio',
      bound: thresholds.io.waitedRatio,
      source: 'io.pressure some',
    },
  ];
  if (waited < thresholds.io.waitedRatio)
    return clear(`some task waited for a device ${percent(waited)} of the time`, evidence);
  const memory = container.pressure.memory?.some?.stalledRatio;
  if (memory !== undefined && memory >= waited / 2)
    return clear('it waits for pages that were reclaimed from it: lack of memory, not other containers', evidence);
  const { devices } = container.io;
  if (devices === undefined || devices.some((device) => deviceRate(device) === undefined))
    return unknown('io.stat of the container in two samples');
  const contest = contestOf(context);
  if (contest === undefined && neighbours.some((other) => other.key !== container.key && unratedOn(other, devices)))
    return unknown('io.stat of the other containers in two samples');
  if (contest === undefined)
    return clear(
      'no other container that is read moves much on a device it uses: the device itself is slow, or what it asks for is too much',
      evidence,
    );
  const name = node.blockDevices?.find(({ device }) => device === contest.device)?.name ?? contest.device;
  const named = contest.competitors.slice(0, MAX_NAMED);
  for (const { container: other, bytesPerSecond, share } of named)
    evidence.push({
      signal: `share of ${name} that ${whoIs(other)} moves`,
      value: share,
      unit: 'ratio',
      bound: thresholds.io.competitorRatio,
      source: `io.stat: ${humanBytes(bytesPerSecond)} per second`,
    });
  const weights = [container, ...contest.competitors.map((share) => share.container)].map((of) =>
    weightOn(of, contest.device),
  );
  if (weights.some((weight) => weight !== undefined && weight !== DEFAULT_WEIGHT))
    return clear('weights are set among them: see IoWeightIneffective', evidence);
  const unit = container.identity.kind === 'systemd';
  const rivals = named.map((share) => whoIs(share.container)).join(', ');
  return {
    outcome: 'holds',
    severity: 'warning',
    summary: `some task waited for ${name} ${percent(waited)} of the time, while ${rivals} ${named.length === 1 ? 'uses' : 'use'} it too and nobody has a weight other than the default`,
    evidence,
    remedy: {
      text: `${unit ? `Give the unit \`IOWeight=500\`, or ${rivals} one below 100` : `Kubernetes has no setting for I/O weight: let the runtime give ${rivals} less (block I/O classes of containerd and CRI-O), hold it with io.max, or put its data on another device`}. Weights count only where io.cost is on for the device or its scheduler is bfq: see IoWeightIneffective.`,
    },
  };
}

/** io.pressure some, io.stat rates by device, and io.weight of those who share it (cgroup-v2.rst, IO; psi.rst). */
export const ioWeightDefaultUnderContention: Rule = {
  id: 'IoWeightDefaultUnderContention',
  title: 'Containers contend for a disk and none has a weight',
  subject: 'container',
  forSeconds: 60,
  about: {
    meaning:
      'Tasks of the container wait for a device that other containers use heavily. All have the default weight, so the kernel makes no difference between a service that answers requests and a job that can wait.',
    firesWhen:
      'Some task waited for a device `io.waitedRatio` of the time or more, for 60 s; another container moves at least `io.competitorRatio` of the bytes on a device this one uses; and all of them have the default weight.',
    severity: 'warning.',
    change: 'Weights, where they count; else io.max for the others or another device. The competitors are named.',
    silentWhen:
      'It waits little, no other container that is read uses the device much, weights are set, or it waits for its own pages that were reclaimed.',
    unknownWhen:
      'io.pressure or io.stat of the container is not known in two samples, or that of others on its devices while no competitor was found.',
    sources: ['cgroup-v2.rst, IO', 'Documentation/accounting/psi.rst'],
  },
  detect,
};
