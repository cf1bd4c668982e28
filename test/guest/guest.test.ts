import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { type CheckReport, checkReportSchema } from '../../src/export/check-schema.ts';
import { replayFolder } from '../record/replay-folder.ts';
import { saidInLog, saidInReplay } from '../record/said.ts';
import {
  keyed,
  metric,
  nameOf,
  type Results,
  readResults,
  reportOf,
  rulesInMetrics,
  stalledSeconds,
  type Workload,
} from './results.ts';

const CANNOT_RUN_HERE = 77;
/** Results of an earlier run.sh, to judge them again without another run. */
const earlier = process.env['CGOPHER_GUEST_RESULTS'];
const folder = earlier ?? mkdtempSync(join(tmpdir(), 'cgopher-guest-results.'));
let results: Results | undefined;
let whyNot = 'the guest has not run';

function runGuest(): Promise<{ readonly code: number; readonly lastWords: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(import.meta.dirname, 'run.sh'), [folder], { stdio: ['ignore', 'pipe', 'pipe'] });
    let lastWords = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (part: string) => {
        process.stderr.write(part);
        lastWords = (lastWords + part).slice(-2000);
      });
    }
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code: code ?? 1, lastWords });
    });
  });
}

/** Workloads whose process is another one, or none, after the look, though nobody ended it. */
function endedByThemselves({ workloads, before, after }: Results): string[] {
  return workloads
    .filter(({ restarts, cgroup }) => !restarts && before[cgroup]?.startTicks !== after[cgroup]?.startTicks)
    .map(nameOf);
}

function lastWordsOf(results: string): string {
  const file = join(results, 'last-words');
  return existsSync(file) ? readFileSync(file, 'utf8').slice(-4000) : '';
}

beforeAll(async () => {
  if (earlier !== undefined) {
    results = readResults(earlier);
    return;
  }
  let { code, lastWords } = await runGuest();
  // Under emulation a packaged program sometimes ends by itself, for reasons of its own: nothing was learnt then about the agent.
  const gone = code === 0 ? endedByThemselves(readResults(folder)) : [];
  if (gone.length > 0) {
    process.stderr.write(
      `guest: once more, because these ended by themselves: ${gone.join(', ')}\n${lastWordsOf(folder)}\n`,
    );
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    ({ code, lastWords } = await runGuest());
  }
  if (code === CANNOT_RUN_HERE && process.env['CI'] !== 'true') {
    whyNot = /cannot run here: .*/.exec(lastWords)?.[0] ?? 'cannot run here';
    // The runner of all parts reads it: a part whose tests all skipped has not passed.
    const mark = process.env['CGOPHER_SKIPPED_FILE'];
    if (mark !== undefined) writeFileSync(mark, whyNot);
    return;
  }
  expect(code, lastWords).toBe(0);
  results = readResults(folder);
});
afterAll(() => {
  if (earlier === undefined) rmSync(folder, { recursive: true, force: true });
});

function guest(context: TestContext): Results {
  return results ?? context.skip(whyNot);
}

function looked(context: TestContext): { readonly results: Results; readonly report: CheckReport } {
  const had = guest(context);
  if (had.check === undefined) return context.skip('dist/cgopher.mjs is not built');
  return { results: had, report: reportOf(had) };
}

/** What the report says of a workload's cgroup, with the two moments around the look. */
function* reported({ results, report }: ReturnType<typeof looked>) {
  for (const workload of results.workloads) {
    const container = report.containers.find((one) => one.cgroupPath === workload.cgroup);
    const before = results.before[workload.cgroup]!;
    const after = results.after[workload.cgroup]!;
    yield { workload, name: nameOf(workload), container, before, after };
  }
}

const kept = (name: string): string => readFileSync(join(earlier ?? folder, name), 'utf8');

function rulesFiring(report: CheckReport, workload: Workload): string[] {
  return report.findings
    .filter(({ state }) => state === 'firing')
    .filter(({ subject }) =>
      workload.pod === undefined
        ? subject.cgroupPath === workload.cgroup
        : subject.namespace === workload.namespace && subject.pod === workload.pod,
    )
    .map(({ rule }) => rule);
}

/** Rules that ought to have fired and did not, or fired without cause. */
function wrong(workload: Workload, fired: readonly string[]): string[] {
  // Whatever these programs serve, they serve to everybody.
  const allowed = new Set([...workload.fires, ...workload.may, 'PprofExposed']);
  return [
    ...workload.fires
      .filter((rule) => !fired.includes(rule))
      .map((rule) => `${nameOf(workload)}: ${rule} did not fire`),
    ...fired.filter((rule) => !allowed.has(rule)).map((rule) => `${nameOf(workload)}: ${rule} fired`),
  ];
}

describe('the guest', () => {
  test('every workload starts, and is the same process after the look', (context) => {
    const { workloads, before } = guest(context);
    expect(workloads.length).toBeGreaterThanOrEqual(21);
    expect(endedByThemselves(guest(context))).toEqual([]);
    expect(workloads.filter(({ cgroup }) => before[cgroup]?.startTicks === undefined).map(nameOf)).toEqual([]);
  });

  test('the Go program was built in every variant', (context) => {
    const skipped = guest(context).variants.flatMap((variant) => variant.skipped ?? []);
    if (skipped[0] !== undefined) context.skip(skipped[0]);
  });

  test('the runtime of a container-aware program saw its CPU limit, so the namespaces are as in a real container', (context) => {
    const { workloads, before } = guest(context);
    const good = workloads.find(({ namespace, pod }) => namespace === 'demo-good' && pod === 'not-container-aware');
    if (good === undefined) return context.skip('no toolchain of Go 1.25 or later');
    expect(metric(before[good.cgroup]?.metrics, 'go_sched_gomaxprocs_threads')).toBe(2);
  });
});

describe('check', () => {
  test('ends with 1, because there are findings, and its report follows its schema', (context) => {
    const { results } = looked(context);
    expect(results.check?.code, results.check?.log).toBe(1);
  });

  test('names every container', (context) => {
    const seen = [];
    const expected = [];
    for (const { workload, container } of reported(looked(context))) {
      const { kind, namespace, pod, podUid, container: name } = container?.identity ?? {};
      seen.push({ cgroup: workload.cgroup, kind, namespace, pod, podUid, name });
      expected.push({
        cgroup: workload.cgroup,
        kind: workload.kind,
        namespace: workload.namespace,
        pod: workload.pod,
        podUid: workload.podUid,
        name: workload.container,
      });
    }
    expect(seen).toEqual(expected);
  });

  test('counters lie between what the kernel said just before and just after', (context) => {
    const outside = [];
    for (const { name, container, before, after } of reported(looked(context))) {
      const micro = (moment: typeof before, key: string) => (keyed(moment, 'cpu.stat', key) ?? Number.NaN) / 1e6;
      const plain = (moment: typeof before, key: string) => keyed(moment, 'cpu.stat', key) ?? Number.NaN;
      const kills = (moment: typeof before) => keyed(moment, 'memory.events', 'oom_kill') ?? Number.NaN;
      const stalled = (moment: typeof before) => stalledSeconds(moment, 'cpu.pressure') ?? Number.NaN;
      const peak = (moment: typeof before) => Number(moment.files['memory.peak']);
      const counters: [string, number, number | undefined, number][] = [
        ['CPU', micro(before, 'usage_usec'), container?.cpu.usageSecondsTotal, micro(after, 'usage_usec')],
        [
          'throttled',
          plain(before, 'nr_throttled'),
          container?.cpu.throttledPeriodsTotal,
          plain(after, 'nr_throttled'),
        ],
        ['periods', plain(before, 'nr_periods'), container?.cpu.periodsTotal, plain(after, 'nr_periods')],
        ['OOM kills', kills(before), container?.memory.events?.oomKill, kills(after)],
        ['waited for CPU', stalled(before), container?.pressure.cpu?.some?.stalledSecondsTotal, stalled(after)],
        ['peak memory', peak(before), container?.memory.peakBytes, peak(after)],
      ];
      for (const [what, low, value, high] of counters) {
        if (value === undefined || !(low <= value && value <= high)) outside.push({ name, what, low, value, high });
      }
    }
    expect(outside).toEqual([]);
  });

  test('limits equal the files', (context) => {
    const different = [];
    for (const { name, container, before } of reported(looked(context))) {
      const [quota = '', period = ''] = (before.files['cpu.max'] ?? '').trim().split(' ');
      const cores = quota === 'max' ? 'max' : Number(quota) / Number(period);
      const maximum = before.files['memory.max']?.trim();
      const bytes = maximum === 'max' ? 'max' : Number(maximum);
      if (container?.cpu.limitCores !== cores) different.push({ name, limitCores: container?.cpu.limitCores, cores });
      if (container?.memory.maxBytes !== bytes) different.push({ name, maxBytes: container?.memory.maxBytes, bytes });
    }
    expect(different).toEqual([]);
  });

  test('runtime settings and counters are the ones the program itself gives', (context) => {
    const had = looked(context);
    const different = [];
    for (const { workload, name, before, after } of reported(had)) {
      if (workload.restarts || before.metrics === undefined) continue;
      const process = had.report.goProcesses.find(({ pid }) => pid === workload.pid);
      const expectations: [string, number | undefined, string | number | undefined][] = [
        ['GOMAXPROCS', metric(before.metrics, 'go_sched_gomaxprocs_threads'), process?.settings.gomaxprocs?.value],
        ['GOGC', metric(before.metrics, 'go_gc_gogc_percent'), process?.settings.gogc?.value],
        ['GOMEMLIMIT', metric(before.metrics, 'go_gc_gomemlimit_bytes'), process?.settings.gomemlimit?.value],
      ];
      for (const [what, truth, value] of expectations) {
        // The runtime says "off" with a number next to the largest one it has.
        const said = value === 'off' ? truth !== undefined && truth > 2 ** 62 : value === truth;
        if (truth !== undefined && !said) different.push({ name, what, truth, value });
      }
      const cycles = process?.runtime.gcCycles?.value ?? Number.NaN;
      const low = metric(before.metrics, 'go_gc_duration_seconds_count') ?? Number.NaN;
      const high = metric(after.metrics, 'go_gc_duration_seconds_count') ?? Number.NaN;
      if (!(low <= cycles && cycles <= high)) different.push({ name, what: 'GC cycles', low, cycles, high });
    }
    expect(different).toEqual([]);
  });

  test('finds a Go process in every container that has one, and in no other', (context) => {
    const { results, report } = looked(context);
    const found = results.workloads.filter(({ restarts }) => !restarts);
    const missed = found.filter(({ go, pid }) => go !== report.goProcesses.some((process) => process.pid === pid));
    expect(missed.map(nameOf)).toEqual([]);
  });

  test('says where pprof answers beyond loopback, and where not', (context) => {
    const { results, report } = looked(context);
    const served = results.workloads.filter(({ serves, restarts }) => serves !== undefined && !restarts);
    const exposed = served.filter((workload) => rulesFiring(report, workload).includes('PprofExposed'));
    // containerd.service listens on 127.0.0.1; Alertmanager links pprof and serves it.
    expect(served.filter((workload) => !exposed.includes(workload)).map(nameOf)).toEqual([
      results.workloads.find(({ kind }) => kind === 'systemd')?.cgroup,
    ]);
  });

  test('fires exactly where the fault is', (context) => {
    const { results, report } = looked(context);
    expect(results.workloads.flatMap((workload) => wrong(workload, rulesFiring(report, workload)))).toEqual([]);
  });
});

describe('a recording', () => {
  test('replayed here gives the findings of the live run there, to the word', async (context) => {
    looked(context);
    expect(kept('recording.code').trim(), kept('recording.log')).toBe('0');
    const { cycles, events, problems } = await replayFolder(join(earlier ?? folder, 'recording'));
    expect(problems).toEqual([]);
    // An emulated machine takes ten seconds and more for its first looks; at the second one findings fire.
    expect(cycles).toBeGreaterThanOrEqual(2);
    const live = saidInLog(kept('recording.log'));
    expect(live.length).toBeGreaterThan(5);
    expect(saidInReplay(events)).toEqual(live);
  });
});

describe('without asking any program', () => {
  const memoryOnly = (context: TestContext) => {
    const had = looked(context);
    const report = checkReportSchema.parse(JSON.parse(kept('memory.json')));
    const known = had.results.workloads.filter(({ go, restarts }) => go && !restarts);
    return { ...had, report, known };
  };

  test('the runtime of every Go process is read from its memory, by a layout that proved itself', (context) => {
    const { report, known } = memoryOnly(context);
    const states = known.map((workload) => {
      const process = report.goProcesses.find(({ pid }) => pid === workload.pid);
      return [nameOf(workload), process?.memorySource.state ?? 'not seen', process?.endpoint];
    });
    expect(states).toEqual(known.map((workload) => [nameOf(workload), 'attested', undefined]));
    // Prometheus, Alertmanager, and every workload of the program of this harness.
    expect(known.length).toBeGreaterThan(20);
  });

  test('settings equal what the programs say, and counters lie between what they said before and after', (context) => {
    const { results, report, known } = memoryOnly(context);
    const different = [];
    for (const workload of known) {
      const [before, after] = [results.after[workload.cgroup]?.metrics, results.later?.[workload.cgroup]?.metrics];
      if (before === undefined || after === undefined) continue;
      const process = report.goProcesses.find(({ pid }) => pid === workload.pid);
      const equal: [string, number | undefined, string | number | undefined][] = [
        ['GOMAXPROCS', metric(after, 'go_sched_gomaxprocs_threads'), process?.settings.gomaxprocs?.value],
        ['GOGC', metric(after, 'go_gc_gogc_percent'), process?.settings.gogc?.value],
        ['GOMEMLIMIT', metric(after, 'go_gc_gomemlimit_bytes'), process?.settings.gomemlimit?.value],
      ];
      for (const [what, truth, value] of equal) {
        const said = value === 'off' ? truth !== undefined && truth > 2 ** 62 : value === truth;
        if (truth !== undefined && !said) different.push({ workload: nameOf(workload), what, truth, value });
      }
      const between: [string, string, number | undefined][] = [
        ['GC cycles', 'go_gc_duration_seconds_count', process?.runtime.gcCycles?.value],
        ['pauses', 'go_gc_duration_seconds_sum', process?.runtime.gcPauseSecondsTotal?.value],
      ];
      for (const [what, name, value] of between) {
        const [low, high] = [metric(before, name), metric(after, name)];
        // The text has nine digits behind the point.
        const inside =
          value !== undefined && low !== undefined && high !== undefined && low - 1e-9 <= value && value <= high + 1e-9;
        if (!inside) different.push({ workload: nameOf(workload), what, low, value, high });
      }
    }
    expect(different).toEqual([]);
  });

  test('goroutines are counted by the place that started them in a program that serves nothing', (context) => {
    const { report, known } = memoryOnly(context);
    const silent = known.filter(({ pod }) => pod === 'no-endpoint');
    expect(silent).toHaveLength(2);
    for (const workload of silent) {
      const { runtime } = report.goProcesses.find(({ pid }) => pid === workload.pid)!;
      // A go statement with arguments starts a wrapper, so it is the place of the statement that names them.
      const parked = runtime.goroutineSites?.find(({ count }) => count === 300);
      expect(parked).toMatchObject({ cause: 'chan receive', from: 'memory' });
      expect(parked?.createdBy).toMatch(/^main\.main .*main\.go:\d+\)$/);
    }
  });

  test('a fault is found in a program that serves nothing', (context) => {
    const { report, known } = memoryOnly(context);
    const bad = known.find(({ namespace, pod }) => namespace === 'demo-bad' && pod === 'no-endpoint')!;
    expect(rulesFiring(report, bad)).toContain('NextGcBeyondMemoryLimit');
  });

  test('with no capability the cgroups are still read, and it is said what cannot be seen and why', (context) => {
    const { results } = looked(context);
    const report = checkReportSchema.parse(JSON.parse(kept('bare.json')));
    expect(report.goProcesses).toEqual([]);
    expect(report.node.privileges).toEqual({ ptrace: false, dacReadSearch: false });
    const limits = [];
    const expected = [];
    // A unit is worth a line when it holds Go, which is not known now; a container always is.
    for (const workload of results.workloads.filter(({ restarts, kind }) => !restarts && kind !== 'systemd')) {
      const container = report.containers.find(({ cgroupPath }) => cgroupPath === workload.cgroup);
      const maximum = results.after[workload.cgroup]?.files['memory.max']?.trim();
      limits.push([nameOf(workload), container?.memory.maxBytes, (container?.unseenProcesses ?? 0) > 0]);
      expected.push([nameOf(workload), maximum === 'max' ? 'max' : Number(maximum), true]);
    }
    expect(limits).toEqual(expected);
    expect(kept('bare.code').trim()).toBe('2');
    expect(kept('bare.log')).toContain('SYS_PTRACE');
  });
});

describe('agent', () => {
  test('exposes the same findings', (context) => {
    const { results } = looked(context);
    const exposition = results.agent?.metrics ?? '';
    // The kill happened before this process started, which it says with less certainty, but says.
    const pods = results.workloads.filter(({ pod }) => pod !== undefined);
    expect(pods.flatMap((workload) => wrong(workload, rulesInMetrics(exposition, workload)))).toEqual([]);
  });

  test('stops cleanly on SIGTERM', (context) => {
    const { results } = looked(context);
    expect(results.agent?.code, results.agent?.log.slice(-2000)).toBe(0);
  });
});

describe('a node that changes or cannot be judged', () => {
  test('is read without harm while cgroups come and go', (context) => {
    const { results, report } = looked(context);
    expect(Number(kept('churned'))).toBeGreaterThan(20);
    const trouble = report.misses.filter(({ source, kind }) => source.includes('00000000c0de') && kind !== 'absent');
    expect(trouble).toEqual([]);
    const exposition = results.agent?.metrics ?? '';
    expect(exposition).toContain('cgopher_collector_success{collector="cgroups"} 1');
    expect(exposition).toContain('cgopher_collector_success{collector="tree"} 1');
  });

  test('is said to run cgroup v1 where it does, and is judged for nothing else', (context) => {
    looked(context);
    const report = JSON.parse(kept('v1.json')) as CheckReport;
    expect(kept('v1.code').trim()).toBe('2');
    expect(report.findings.map(({ rule, state }) => [rule, state])).toEqual([['NodeNotUnifiedCgroupV2', 'firing']]);
    expect(report.goProcesses.length).toBeGreaterThan(5);
    expect(kept('v1.log')).toContain('systemd.unified_cgroup_hierarchy=1');
  });
});
