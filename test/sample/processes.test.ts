import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ID_A, ID_B, POD_A, SmallNode, scope, termination, UID_A } from './small-node.ts';
import { taking } from './take.ts';

let node: SmallNode;
beforeEach(() => {
  node = new SmallNode();
  node.cgroup(POD_A);
});
afterEach(() => {
  node.close();
});

describe('the census of processes', () => {
  it('finds Go programs by their executables and keeps what is fixed for their life', () => {
    node.container(ID_A, 101, { environment: ['GOGC=50', 'SECRET=x'], start: 4711 });
    const { sampler, take } = taking(node.paths);
    const go = take().go.get(101)!;
    expect(go).toMatchObject({
      pid: 101,
      startTimeTicks: 4711,
      cgroupPath: scope(ID_A),
      workloadPath: scope(ID_A),
      handlers: { pprof: false, expvar: false, promhttp: false },
      endpoint: undefined,
      endpointDetail: 'endpoints are switched off',
    });
    expect(go.build.goVersion.text).toBe('go1.25.1');
    expect(go.environment?.GOGC).toBe('50');
    expect(JSON.stringify(go)).not.toContain('SECRET');
    // utime 300 and stime 200 ticks, as the builder writes them.
    expect(go.stat.utimeTicks + go.stat.stimeTicks).toBe(500);
    sampler.close();
  });

  it('lets other programs be, without a miss', () => {
    node.container(ID_A, 101, { exe: 'other' });
    const { sampler, take } = taking(node.paths);
    const sample = take();
    expect(sample.go.size).toBe(0);
    expect(sample.unseen).toEqual([]);
    expect(sample.misses.filter((miss) => miss.source.includes('/101/'))).toEqual([]);
    expect(sample.identities.get(scope(ID_A))?.container).toBe('web');
    sampler.close();
  });

  it('finds every Go program of a container, and none twice', () => {
    node.go('worker', {});
    node.container(ID_A, 101);
    node.process(102, { exe: 'worker' });
    node.process(103, { exe: 'other' });
    node.procs(scope(ID_A), [101, 103, 102, 101]);
    const { sampler, take } = taking(node.paths);
    const modules = [...take().go.values()].map((go) => [go.pid, go.build.main?.path]);
    expect(modules).toEqual([
      [101, 'example.com/app'],
      [102, 'example.com/worker'],
    ]);
    sampler.close();
  });

  it('picks up a process that comes later and drops one that ends', () => {
    node.container(ID_A, 101);
    const { sampler, take } = taking(node.paths, { slowEvery: 4, rareEvery: 20 });
    take();
    node.process(102);
    node.procs(scope(ID_A), [101, 102]);
    expect([...take().go.keys()]).toEqual([101, 102]);
    node.remove('proc/101');
    node.procs(scope(ID_A), [102]);
    expect([...take().go.keys()]).toEqual([102]);
    sampler.close();
  });

  it('reads the list of a settled cgroup with the slow files only, and at once when a Go process went', () => {
    node.container(ID_A, 101);
    const { sampler, take } = taking(node.paths, { slowEvery: 1000, rareEvery: 1000 });
    take(4);
    node.process(102);
    node.procs(scope(ID_A), [101, 102]);
    expect([...take().go.keys()]).toEqual([101]);
    node.remove('proc/101');
    node.procs(scope(ID_A), [102]);
    expect([...take().go.keys()]).toEqual([]);
    expect([...take().go.keys()]).toEqual([102]);
    sampler.close();
  });

  it('takes a process number that was given out again for another process', () => {
    node.go('second', {});
    node.container(ID_A, 101, { start: 5000 });
    const { sampler, take } = taking(node.paths, { slowEvery: 1000, rareEvery: 1000 });
    take(5);
    node.process(101, { start: 6000, exe: 'second', environment: ['GOGC=7'] });
    expect(take().go.size).toBe(0);
    const go = take().go.get(101)!;
    expect([go.startTimeTicks, go.build.main?.path, go.environment?.GOGC]).toEqual([6000, 'example.com/second', '7']);
    sampler.close();
  });

  it('sees through a runtime or shell that executes the program later, soon after its start', () => {
    node.container(ID_A, 101, { exe: 'other' });
    const { sampler, take } = taking(node.paths, { slowEvery: 1000, rareEvery: 1000 });
    expect(take().go.size).toBe(0);
    node.process(101, { exe: 'app' });
    expect([...take().go.keys()]).toEqual([101]);
    sampler.close();
  });

  it('sees a program that was executed much later with the rare files', () => {
    node.go('second', {});
    node.container(ID_A, 101);
    const { sampler, take } = taking(node.paths, { slowEvery: 4, rareEvery: 8 });
    take(5);
    node.process(101, { exe: 'second' });
    const seen = Array.from({ length: 8 }, () => take().go.get(101)?.build.main?.path);
    expect(seen.at(-1)).toBe('example.com/second');
    sampler.close();
  });

  it('leaves a process without an executable alone: a kernel thread, or one that just ended', () => {
    node.container(ID_A, 101);
    node.process(102, { exe: 'no-such-image' });
    node.process(103, { exe: '' });
    node.procs(scope(ID_A), [101, 102, 103, 104]);
    const { sampler, take } = taking(node.paths);
    const sample = take();
    expect([...sample.go.keys()]).toEqual([101]);
    expect(sample.unseen).toEqual([]);
    sampler.close();
  });

  it('counts a process whose executable may not be read as unseen, and tells the miss with every sample', () => {
    node.container(ID_A, 101);
    node.process(102);
    // A directory opens, and reading it fails with EISDIR: the nearest to EACCES that root can meet.
    node.write('images/directory/x', '');
    node.process(102, { exe: 'directory' });
    node.procs(scope(ID_A), [101, 102]);
    const { sampler, take } = taking(node.paths, { slowEvery: 4, rareEvery: 20 });
    for (const sample of [take(), take(), take(), take(), take()]) {
      expect(sample.unseen).toEqual([{ workloadPath: scope(ID_A), count: 1, detail: 'failed: EISDIR' }]);
      expect(sample.misses.filter((miss) => miss.source.endsWith('/102/exe'))).toEqual([
        { kind: 'failed', reader: 'build_info', source: join(node.paths.procfs, '102/exe'), detail: 'EISDIR' },
      ]);
      expect([...sample.go.keys()]).toEqual([101]);
    }
    node.procs(scope(ID_A), [101]);
    node.remove('proc/102');
    const later = Array.from({ length: 4 }, () => take()).at(-1)!;
    expect(later.unseen).toEqual([]);
    expect(later.misses.filter((miss) => miss.reader === 'build_info')).toEqual([]);
    sampler.close();
  });

  it('counts broken build information as a miss and not as Go', () => {
    const image = readFileSync(join(node.directory, 'images/app'));
    const at = image.indexOf('\xff Go buildinf:', 0, 'latin1');
    image.fill(0xff, at + 32, at + 40);
    node.write('images/broken', image);
    node.container(ID_A, 101, { exe: 'broken' });
    const { sampler, take } = taking(node.paths, { slowEvery: 4, rareEvery: 20 });
    for (const sample of [take(), take(), take(), take()]) {
      expect(sample.go.size).toBe(0);
      expect(sample.misses.filter((miss) => miss.reader === 'build_info').map((miss) => miss.kind)).toEqual([
        'malformed',
      ]);
    }
    sampler.close();
  });

  it('tells of an environment that cannot be read, and keeps the process', () => {
    node.container(ID_A, 101);
    node.remove('proc/101/environ');
    node.write('proc/101/environ/is-a-directory', '');
    const { sampler, take } = taking(node.paths);
    const sample = take();
    expect(sample.go.get(101)).toMatchObject({ environment: undefined });
    expect(sample.misses.find((miss) => miss.reader === 'proc.environ')).toMatchObject({ kind: 'failed' });
    sampler.close();
  });

  it('tells of processes of a foreign pid namespace for as long as they are there', () => {
    node.container(ID_A, 101);
    node.procs(scope(ID_A), [0, 101, 0]);
    const { sampler, take } = taking(node.paths, { slowEvery: 4, rareEvery: 20 });
    const told = () => take().misses.filter((miss) => miss.reader === 'cgroup.procs');
    for (let cycle = 0; cycle < 5; cycle += 1) {
      const misses = told();
      expect(misses.map((miss) => [miss.kind, miss.source])).toEqual([['denied', scope(ID_A)]]);
      expect(misses[0]!.detail).toContain('2 processes');
    }
    node.procs(scope(ID_A), [101]);
    expect(Array.from({ length: 4 }, told).at(-1)).toEqual([]);
    sampler.close();
  });

  it('counts the processes of crun’s sub-cgroup to the container, and reads the limits there', () => {
    node.cgroup(scope(ID_A));
    node.cgroup(`${scope(ID_A)}/container`, { 'cpu.max': '50000 100000\n' });
    node.procs(`${scope(ID_A)}/container`, [101]);
    node.process(101, { mounts: [termination('web')] });
    const { sampler, take } = taking(node.paths);
    const sample = take();
    expect(sample.go.get(101)).toMatchObject({
      cgroupPath: `${scope(ID_A)}/container`,
      workloadPath: scope(ID_A),
    });
    expect(sample.cgroups.get(`${scope(ID_A)}/container`)?.cpuMax).toEqual({ quotaUsec: 50_000, periodUsec: 100_000 });
    expect([...sample.identities.keys()]).toEqual([scope(ID_A)]);
    sampler.close();
  });

  it('takes systemd units and docker scopes with Go processes for workloads, and units without for none', () => {
    const unit = '/system.slice/registry.service';
    const docker = `/system.slice/docker-${ID_B}.scope`;
    node.cgroup(unit);
    node.procs(unit, [201]);
    node.process(201);
    node.cgroup('/system.slice/cron.service');
    node.procs('/system.slice/cron.service', [202]);
    node.process(202, { exe: 'other' });
    node.cgroup(docker);
    node.procs(docker, [203]);
    node.process(203);
    const { sampler, take } = taking(node.paths);
    const sample = take();
    expect([...sample.go.keys()].sort()).toEqual([201, 203]);
    expect([...sample.identities.keys()].sort()).toEqual([docker, unit].sort());
    expect(sample.identities.get(unit)).toMatchObject({ kind: 'systemd', state: 'resolved', unit: 'registry.service' });
    expect(sample.identities.get(docker)).toMatchObject({ kind: 'docker', state: 'unresolved', containerId: ID_B });
    expect(sample.cgroups.has(unit)).toBe(true);
    expect(sample.cgroups.has('/system.slice/cron.service')).toBe(false);
    sampler.close();
  });

  it('reads the slice above once more when its only unit has gone: the count of a kill is there', () => {
    const unit = '/machine.slice/web.service';
    node.cgroup(unit);
    node.procs(unit, [201]);
    node.process(201);
    const { sampler, take } = taking(node.paths);
    expect(take().cgroups.has('/machine.slice')).toBe(true);
    node.remove(`cgroup${unit}`);
    node.remove('proc/201');
    sampler.hint();
    expect(take().cgroups.has('/machine.slice')).toBe(true);
    expect(take().cgroups.has('/machine.slice')).toBe(false);
    sampler.close();
  });
});

describe('a node without the unified hierarchy', () => {
  const v1 = () => {
    node.remove('cgroup');
    node.write('cgroup/memory/tasks', '');
    node.write('cgroup/cpu,cpuacct/tasks', '');
  };

  it('lists Go processes from /proc alone', () => {
    v1();
    node.process(101);
    node.process(102, { exe: 'other' });
    node.process(103, { exe: '' });
    const { sampler, take } = taking(node.paths);
    const sample = take();
    expect(sample.hierarchy.mode).toBe('v1');
    expect(sample.cgroups.size).toBe(0);
    expect([...sample.go.values()].map((go) => [go.pid, go.workloadPath])).toEqual([[101, '/']]);
    node.process(104);
    node.remove('proc/101');
    expect([...take().go.keys()]).toEqual([104]);
    sampler.close();
  });

  it('calls a hybrid node hybrid, and names the v2 path of a process', () => {
    v1();
    node.write('cgroup/unified/cgroup.controllers', '');
    node.process(101, { procCgroup: '4:memory:/a\n0::/system.slice/x.service\n' });
    const { sampler, take } = taking(node.paths);
    const sample = take();
    expect(sample.hierarchy.mode).toBe('hybrid');
    expect(sample.go.get(101)?.cgroupPath).toBe('/system.slice/x.service');
    expect(sample.identities.size).toBe(0);
    sampler.close();
  });

  it('notices there, too, what a shell executes later, and a number given out again', () => {
    v1();
    node.process(101, { exe: 'other' });
    node.process(102, { start: 1 });
    const { sampler, take } = taking(node.paths);
    expect([...take().go.keys()]).toEqual([102]);
    node.process(101);
    expect([...take().go.keys()].sort()).toEqual([101, 102]);
    node.process(102, { start: 9 });
    take();
    expect(take().go.get(102)?.startTimeTicks).toBe(9);
    sampler.close();
  });

  it('says so when there is nothing at all', () => {
    node.remove('cgroup');
    node.remove('proc');
    const { sampler, take } = taking(node.paths);
    const sample = take();
    expect(sample.hierarchy.mode).toBe('none');
    expect(sample.go.size).toBe(0);
    expect(sample.misses.map((miss) => miss.reader)).toContain('proc');
    sampler.close();
  });
});

describe('names', () => {
  const identity = (take: ReturnType<typeof taking>['take']) => take().identities.get(scope(ID_A));

  it('come from mounts and log directories, also when those appear later', () => {
    node.container(ID_A, 101);
    const { sampler, take } = taking(node.paths, { slowEvery: 4, rareEvery: 20 });
    expect(identity(take)).toMatchObject({
      state: 'unresolved',
      container: 'web',
      namespace: undefined,
      podUid: UID_A,
    });
    node.write(`pods/shop_web-0_${UID_A}/web/2.log`, '');
    expect(identity(take)).toMatchObject({
      state: 'resolved',
      namespace: 'shop',
      pod: 'web-0',
      container: 'web',
      restartCount: 2,
    });
    sampler.close();
  });

  it('are looked for again with the regular refresh when the directory comes much later', () => {
    node.container(ID_A, 101);
    const { sampler, take } = taking(node.paths, { slowEvery: 4, rareEvery: 20 });
    // Cycles 0 to 9; the next regular refresh is cycle 20.
    take(10);
    node.write(`pods/shop_web-0_${UID_A}/web/0.log`, '');
    expect(identity(take)?.state).toBe('unresolved');
    // Cycles 11 to 20.
    expect(take(10).identities.get(scope(ID_A))?.state).toBe('resolved');
    sampler.close();
  });

  it('are found although the first look was at a runtime that had not mounted anything yet', () => {
    node.write(`pods/shop_web-0_${UID_A}/web/0.log`, '');
    node.container(ID_A, 101, { mounts: [] });
    const { sampler, take } = taking(node.paths, { slowEvery: 4, rareEvery: 20 });
    expect(identity(take)?.state).toBe('unresolved');
    node.process(101, { mounts: [termination('web')] });
    expect(identity(take)).toMatchObject({ state: 'resolved', container: 'web' });
    sampler.close();
  });

  it('are found when the first process comes after many cycles', () => {
    node.write(`pods/shop_web-0_${UID_A}/web/0.log`, '');
    node.cgroup(scope(ID_A));
    const { sampler, take } = taking(node.paths);
    take(8);
    node.container(ID_A, 101);
    expect(identity(take)?.state).toBe('resolved');
    sampler.close();
  });

  it('are never guessed', () => {
    node.write(`pods/shop_web-0_${UID_A}/web/0.log`, '');
    node.container(ID_A, 101, { mounts: [termination('other', '99999999-2222-4333-8444-555555555555')] });
    const { sampler, take } = taking(node.paths);
    expect(identity(take)).toMatchObject({ state: 'unresolved', container: undefined, pod: 'web-0' });
    sampler.close();
  });
});
