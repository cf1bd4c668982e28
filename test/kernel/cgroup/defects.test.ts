import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CONTROL_FILES } from '../../../src/kernel/cgroup/control-files.ts';
import { type CgroupParsers, createCgroupParsers } from '../../../src/kernel/cgroup/parsers.ts';

const folder = new URL('../../../fixtures-cgroupfs/defects/', import.meta.url);
const still = { avg10: 0, avg60: 0, avg300: 0, totalUsec: 0 };
const device = {
  rbytes: undefined,
  wbytes: undefined,
  rios: undefined,
  wios: undefined,
  dbytes: undefined,
  dios: undefined,
  costUsageUsec: undefined,
  costWaitUsec: undefined,
};
const noThrottling = { nrBursts: undefined, burstUsec: undefined };

/** What each file of the folder reads as. `undefined` = malformed. Matched as a subset for objects. */
const EXPECTED: Record<string, unknown> = {
  'cpu.max.three-fields': { quotaUsec: 'max', periodUsec: 100_000 },
  'cpu.max.one-field': undefined,
  'cpu.max.period-zero': undefined,
  'cpu.max.without-line-end': undefined,
  'cpu.stat.without-usage': undefined,
  'cpu.stat.without-controller': { usageUsec: 15, userUsec: 10, systemUsec: 5, nrPeriods: undefined },
  'cpu.stat.beyond-2-to-the-53': undefined,
  'cpu.stat.new-key-in-the-middle': {
    usageUsec: 15,
    nrPeriods: 7,
    nrThrottled: 2,
    throttledUsec: 900,
    ...noThrottling,
  },
  'cpu.pressure.without-full': {
    some: { avg10: 1.5, avg60: 0.25, avg300: 0.05, totalUsec: 1234 },
    full: undefined,
  },
  'irq.pressure.only-full': { some: undefined, full: { ...still, avg60: 0.1, avg300: 0.02, totalUsec: 77 } },
  'cpu.pressure.empty': undefined,
  'cpu.pressure.cut-in-total': undefined,
  'memory.pressure.binary': undefined,
  'memory.max.negative': undefined,
  'memory.max.fraction': undefined,
  'memory.max.with-unit': undefined,
  'memory.max.empty': undefined,
  'memory.max.max-with-space': undefined,
  'memory.current.max': undefined,
  'memory.stat.truncated-mid-number': undefined,
  'memory.stat.key-without-number': undefined,
  'memory.stat.key-twice': undefined,
  'memory.stat.web-page': undefined,
  'memory.stat.reordered': { anon: 1, file: 2, kernel: undefined },
  'memory.events.without-oom-group-kill': { low: 0, high: 3, max: 5, oom: 1, oomKill: 1, oomGroupKill: undefined },
  'cgroup.events.populated-two': undefined,
  'cgroup.procs.zeros': { pids: [250, 251], invisible: 2 },
  'cgroup.procs.not-a-number': undefined,
  'cgroup.controllers.empty': [],
  'cpuset.cpus.empty': [],
  'cpuset.cpus.billion': undefined,
  'cpuset.cpus.backwards': undefined,
  'cpuset.cpus.comma-at-end': undefined,
  'io.stat.line-without-pairs': [
    { ...device, device: '8:0' },
    { ...device, device: '253:1', rbytes: 4096, wbytes: 0, rios: 1, wios: 0, dbytes: 0, dios: 0 },
  ],
  'io.stat.devices-on-one-line': [
    { ...device, device: '7:7' },
    { ...device, device: '7:6' },
    { ...device, device: '7:4', rbytes: 28_672, wbytes: 0, rios: 22, wios: 0, dbytes: 0, dios: 0 },
  ],
  'io.stat.last-device-without-line-end': [
    { ...device, device: '8:0', rbytes: 1, wbytes: 2, rios: 3, wios: 4, dbytes: 5, dios: 6 },
    { ...device, device: '252:0' },
  ],
  'io.stat.unknown-device': [{ ...device, device: '8:0', rbytes: 2, wbytes: 0, rios: 1, wios: 0, dbytes: 0, dios: 0 }],
  'io.stat.iocost-keys': [
    {
      device: '8:16',
      rbytes: 10,
      wbytes: 20,
      rios: 1,
      wios: 2,
      dbytes: 0,
      dios: 0,
      costUsageUsec: 300,
      costWaitUsec: 40,
    },
  ],
  'io.stat.cut-in-number': undefined,
  'io.stat.value-not-a-number': undefined,
  'io.max.one-device': [{ device: '8:16', rbps: 2_097_152, wbps: 'max', riops: 'max', wiops: 120 }],
  'io.max.key-missing': undefined,
  'io.weight.two-forms': { defaultWeight: 100, byDevice: new Map([['8:16', 200]]) },
  'io.weight.word': undefined,
  'pids.events.other-key-only': undefined,
};

function parserOf(defect: string): keyof CgroupParsers | undefined {
  if (defect.startsWith('cgroup.procs.')) return 'procs';
  return CONTROL_FILES.filter((file) => defect.startsWith(`${file.name}.`)).sort(
    (a, b) => b.name.length - a.name.length,
  )[0]?.parser;
}

describe('fixtures-cgroupfs/defects', () => {
  const defects = readdirSync(folder).sort();

  it('has an expectation for every file, and a file for every expectation', () => {
    expect(defects).toEqual(Object.keys(EXPECTED).sort());
  });

  for (const defect of defects) {
    it(`${defect} reads as expected`, () => {
      const parser = parserOf(defect);
      const bytes = readFileSync(new URL(defect, folder));
      const value: unknown = createCgroupParsers()[parser!](bytes, bytes.length);
      if (EXPECTED[defect] === undefined) expect(value).toBeUndefined();
      else if (Array.isArray(EXPECTED[defect])) expect(value).toEqual(EXPECTED[defect]);
      else expect(value).toMatchObject(EXPECTED[defect] as object);
    });
  }
});
