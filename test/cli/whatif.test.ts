import { describe, expect, it } from 'vitest';
import {
  coresArgument,
  gogcArgument,
  gomemlimitArgument,
  memoryArgument,
  procsArgument,
} from '../../src/cli/whatif-options.ts';
import { whatIfReport } from '../../src/export/whatif-report.ts';
import { whatIfTable } from '../../src/export/whatif-table.ts';
import { processContexts } from '../../src/rules/what-if/contexts.ts';
import { type Wish, whatIf } from '../../src/rules/what-if/what-if.ts';
import { container, goProcess, limitAt, MIB, nodeModel, THRESHOLDS, told } from '../rules/models.ts';

/** 100 MiB live, 90 MiB and 0.1 s of collecting a cycle, 4 cycles and 2 s of work in 10 s: half a core less than a half is used. */
const WORK = told({
  coveredSeconds: 10,
  collections: 4,
  forcedCollections: 0,
  gcCpuSeconds: 0.4,
  programCpuSeconds: 2,
  allocatedBytes: 360 * MIB,
  liveBytes: 100 * MIB,
  triggerRoomBytes: 90 * MIB,
  rootBytes: 0,
});
const PROCESS = goProcess({
  settings: { gomaxprocs: told(8) },
  runtime: { gcWork: WORK, gcCpuRatio: told(0.4 / 2.4) },
});
const MODEL = nodeModel({ containers: [container()], goProcesses: [PROCESS] });
const STYLE = { columns: 120, color: false };
const ANY = { namespace: undefined, pod: undefined, container: undefined, process: undefined };

const found = (wish: Wish = {}, names: Partial<typeof ANY> = {}) =>
  processContexts(MODEL, { ...ANY, ...names }, () => THRESHOLDS).map((context) => whatIf(context, wish));
const rowsOf = (wish: Wish) => {
  const { gc, cpu } = found(wish)[0]!;
  return { gc: 'rows' in gc ? gc.rows : [], cpu: cpu !== 'no limit' && 'rows' in cpu ? cpu.rows : [] };
};

describe('whom whatif is about', () => {
  it('is every Go process, or those of a name', () => {
    expect(found()).toHaveLength(1);
    for (const process of ['7', 'app', 'example.com/app']) expect(found({}, { process } as never)).toHaveLength(1);
    expect(found({}, { namespace: 'shop', pod: 'app-0', container: 'app' } as never)).toHaveLength(1);
    for (const other of [{ namespace: 'x' }, { pod: 'x' }, { container: 'x' }, { process: '70' }])
      expect(found({}, other as never)).toHaveLength(0);
  });
});

describe('what whatif tries', () => {
  it('is today and some sensible values without a wish', () => {
    const { gc, cpu } = rowsOf({});
    expect(
      gc.map(({ settings: { gogc, gomemlimit } }) => [gogc, gomemlimit === 'off' ? gomemlimit : gomemlimit / MIB]),
    ).toEqual([
      [100, 'off'],
      [25, 'off'],
      [50, 'off'],
      [200, 'off'],
      [400, 'off'],
      // 100 live x 1.1, 1.25, 1.5, 2, 3 and 20 beside; then 512 less 10 outside and 10 %: 450.8.
      [100, 130],
      [100, 145],
      [100, 170],
      [100, 220],
      [100, 320],
      [100, 450],
    ]);
    expect(gc.map(({ today }) => today).filter(Boolean)).toHaveLength(1);
    // A limit of 2: 8 today; 2 fit, and doubles of it up to the 16 CPUs.
    expect(cpu.map(({ settings }) => settings.gomaxprocs)).toEqual([8, 2, 4, 16]);
    expect(cpu.map(({ prediction }) => Math.round(prediction.worstSeconds * 1e4))).toEqual([750, 0, 500, 875]);
  });

  it('is what is wished, and nothing that was not asked for', () => {
    expect(rowsOf({ gogc: 50 }).gc.map(({ settings }) => settings.gogc)).toEqual([100, 50]);
    expect(rowsOf({ gogc: 50 }).cpu).toEqual([]);
    expect(rowsOf({ gomaxprocs: 2 }).gc).toEqual([]);
    expect(rowsOf({ cpuLimit: 8 }).cpu[1]?.prediction.worstSeconds).toBe(0);
    // 256 less 10 outside and 10 %: 220.4.
    const [, limited] = rowsOf({ memoryLimit: 256 * MIB }).gc;
    expect(limited).toMatchObject({
      settings: { gogc: 100, gomemlimit: 220 * MIB },
      memoryLimitBytes: 256 * MIB,
      fits: true,
    });
    expect(rowsOf({ memoryLimit: 128 * MIB, gomemlimit: 'off' }).gc[1]).toMatchObject({ fits: false });
  });

  /** {@link PROCESS} with something else about it. */
  const other = (over: Parameters<typeof goProcess>[0], wish: Wish) => {
    const process = goProcess({
      settings: { gomaxprocs: told(8) },
      runtime: { gcWork: WORK, gcCpuRatio: told(0.4 / 2.4) },
      ...over,
    });
    const model = nodeModel({ containers: [container()], goProcesses: [process] });
    const [context] = processContexts(model, ANY, () => THRESHOLDS);
    return { model, whatIf: whatIf(context!, wish) };
  };

  it('is no GOMEMLIMIT for a memory limit of which an unknown part is outside Go', () => {
    const unknown = { attribution: { anonShare: 1, nonGoBytes: undefined, detail: undefined } };
    const { model, whatIf: asked } = other(unknown, { memoryLimit: 256 * MIB });
    expect(asked.gc).toEqual({ missing: ['memory outside Go (share of the cgroup’s memory this process holds)'] });
    expect(whatIfTable([asked], model, STYLE)).toContain('collecting: not known; needs');
    // With one that was named there is a row, and whether it fits is not known.
    const { gc } = other(unknown, { memoryLimit: 256 * MIB, gomemlimit: 200 * MIB }).whatIf;
    expect('rows' in gc && gc.rows[1]).toMatchObject({ settings: { gomemlimit: 200 * MIB }, fits: undefined });
    // Of the sensible values the one that follows the limit is left out: 450 MiB above.
    const { gc: tried } = other(unknown, {}).whatIf;
    const values = 'rows' in tried ? tried.rows.map(({ settings }) => settings.gomemlimit) : [];
    expect(values).toContain(320 * MIB);
    expect(values.filter((value) => typeof value === 'number' && value > 320 * MIB)).toEqual([]);
  });

  it('is a wish for the container: a tighter limit of the pod still binds', () => {
    const ofPod = { effective: { cpuCores: limitAt(2, 'pod') } };
    for (const cpuLimit of [8, 'max'] as const) {
      const { model, whatIf: asked } = other(ofPod, { cpuLimit });
      const rows = asked.cpu !== 'no limit' && 'rows' in asked.cpu ? asked.cpu.rows : [];
      expect(rows[1]).toMatchObject({ settings: { limitCores: cpuLimit }, boundBy: { level: 'pod', limitCores: 2 } });
      // As today: 8 Ps use 2 cores up in a quarter of 100 ms.
      expect(rows.map(({ prediction }) => Math.round(prediction.worstSeconds * 1e4))).toEqual([750, 750]);
      expect(whatIfTable([asked], model, STYLE)).toContain(`${cpuLimit} (the pod’s 2 binds)`);
    }
    const { cpu } = other(ofPod, { cpuLimit: 1 }).whatIf;
    const lower = cpu !== 'no limit' && 'rows' in cpu ? cpu.rows[1] : undefined;
    expect(lower?.boundBy).toBeUndefined();
    expect(lower?.prediction.worstSeconds).toBeCloseTo(0.0875, 10);
  });

  it('tries a CPU limit where there is none yet', () => {
    const free = goProcess({ settings: { gomaxprocs: told(8) }, effective: { cpuCores: limitAt('max') } });
    const context = { process: free, container: undefined, thresholds: THRESHOLDS };
    expect(whatIf(context, {}).cpu).toBe('no limit');
    const { cpu } = whatIf(context, { cpuLimit: 2 });
    const worst = cpu !== 'no limit' && 'rows' in cpu ? cpu.rows.map(({ prediction }) => prediction.worstSeconds) : [];
    expect(worst.map((seconds) => Math.round(seconds * 1e4))).toEqual([0, 750]);
  });
});

describe('what whatif prints', () => {
  it('is a table with the row of today marked', () => {
    const text = whatIfTable(found(), MODEL, STYLE);
    expect(text).toContain('shop/app-0/app (app, pid 7)');
    // 18 MiB are allocated for the CPU of a collection; while it marks 18 x 0.2 / 7.8 = 0.46. Room 100.5, less 19 / 64 of it, and the 0.46:
    // 71.1 MiB a cycle. 18 / 71.1 = 0.253 to one: 20 %.
    expect(text).toMatch(/\* +100 +off +about 20 % \(measured 16\.7 %\) +GOGC +200\.9 MiB/);
    expect(text).toMatch(/\* +8 +2 +75 ms/);
    expect(text).toContain('512 MiB, fits');
  });

  it('is what is missing, and no escape of a terminal', () => {
    const odd = goProcess({ name: 'a\u001b[2Jb', goMinor: 19 });
    const [entry] = processContexts(nodeModel({ containers: [], goProcesses: [odd] }), ANY, () => THRESHOLDS);
    const text = whatIfTable([whatIf(entry!, {})], nodeModel({ containers: [], goProcesses: [odd] }), STYLE);
    expect(text).toContain('collecting: not known; needs CPU time by class, which Go 1.19 does not count');
    expect(text).not.toContain('\u001b');
  });

  it('is one object as JSON, without what is not known', () => {
    const report = JSON.parse(JSON.stringify(whatIfReport(found({ gogc: 50 }), MODEL, '1.0.0'))) as {
      processes: { gc: { rows: object[] }; cpu: object }[];
    };
    expect(report).toMatchObject({ schemaVersion: 1, cgopherVersion: '1.0.0' });
    expect(report.processes[0]).toMatchObject({ pid: 7, namespace: 'shop', pod: 'app-0', container: 'app' });
    expect(report.processes[0]?.gc.rows).toHaveLength(2);
    expect(report.processes[0]?.cpu).toEqual({ missing: [] });
  });
});

describe('its arguments', () => {
  it('are the grammars of the settings', () => {
    expect([gogcArgument('50'), gogcArgument('off')]).toEqual([50, 'off']);
    expect([gomemlimitArgument('512MiB'), gomemlimitArgument('off')]).toEqual([512 * MIB, 'off']);
    expect(memoryArgument('1GiB')).toBe(1024 * MIB);
    expect(procsArgument('16')).toBe(16);
    expect(['2', '0.5', '500m', '1.5', 'none'].map(coresArgument)).toEqual([2, 0.5, 0.5, 1.5, 'max']);
  });

  it('are refused when they are not', () => {
    for (const text of ['0', '-1', '5x', '1e3', '', '123456']) expect(() => gogcArgument(text)).toThrow('percentage');
    for (const text of ['512Mi', '1.5GiB', '10', 'x']) expect(() => gomemlimitArgument(text)).toThrow('512MiB');
    for (const text of ['0', '1.5', '99999', 'x']) expect(() => procsArgument(text)).toThrow('whole number');
    for (const text of ['0', '1m', '-1', 'x', '2 cores', '1e9']) expect(() => coresArgument(text)).toThrow('500m');
  });
});
