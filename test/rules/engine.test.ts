import { describe, expect, it } from 'vitest';
import type { NodeModel } from '../../src/model/node-types.ts';
import { cpuThrottled } from '../../src/rules/cpu-throttled.ts';
import { type EngineOptions, RuleEngine, type RuleOverride } from '../../src/rules/engine.ts';
import { gomaxprocsAboveCpuLimit } from '../../src/rules/gomaxprocs-above-cpu-limit.ts';
import { nodeNotUnifiedCgroupV2 } from '../../src/rules/node-not-unified.ts';
import { oomKilled } from '../../src/rules/oom-killed.ts';
import { type ProcessContext, type Rule, type RuleAbout, remembering, type Verdict } from '../../src/rules/types.ts';
import { clear } from '../../src/rules/verdict.ts';
import { container, goProcess, nodeModel, pod, THRESHOLDS, told } from './models.ts';

/** One model every 10 s. */
function timeline(options: Partial<EngineOptions> = {}) {
  const base: EngineOptions = {
    rules: [gomaxprocsAboveCpuLimit],
    thresholds: THRESHOLDS,
    forCycles: 2,
    clearCycles: 3,
    ...options,
  };
  const engine = new RuleEngine(base);
  let cycle = 0;
  const next = (model: Partial<NodeModel>) => {
    const wallMs = 1_700_000_000_000 + 10_000 * cycle++;
    return engine.evaluate(nodeModel({ at: { wallMs, monotonicMs: wallMs }, ...model }));
  };
  return {
    engine,
    next,
    states: (...models: Partial<NodeModel>[]) =>
      models.map((model) => next(model).findings.map((finding) => finding.state)),
  };
}
const withProcs = (procs: number | undefined, key = '7@5000'): Partial<NodeModel> => ({
  containers: [container()],
  goProcesses: [{ ...goProcess({ settings: { gomaxprocs: procs === undefined ? undefined : told(procs) } }), key }],
});
const BAD = withProcs(16);
const GOOD = withProcs(2);
const UNKNOWN = withProcs(undefined);
const GONE: Partial<NodeModel> = { containers: [], goProcesses: [] };
const EACH_KIND: readonly Rule[] = [gomaxprocsAboveCpuLimit, cpuThrottled, oomKilled, nodeNotUnifiedCgroupV2];
const ENGINE: EngineOptions = { rules: [], thresholds: THRESHOLDS, forCycles: 1, clearCycles: 3 };
const HOLDS = { outcome: 'holds', severity: 'info', summary: '', evidence: [], remedy: { text: '' } } as const;
const ABOUT: RuleAbout = {
  meaning: '',
  firesWhen: '',
  severity: '',
  change: '',
  silentWhen: '',
  unknownWhen: '',
  sources: [],
};

describe('a condition', () => {
  it('fires at once where what it foretells may come before a second look', () => {
    const soon: Rule = { ...gomaxprocsAboveCpuLimit, detect: () => ({ ...HOLDS, atOnce: true }) };
    const later: Rule = { ...gomaxprocsAboveCpuLimit, detect: () => ({ ...HOLDS, atOnce: false }) };
    expect(timeline({ rules: [soon] }).states(BAD)).toEqual([['firing']]);
    expect(timeline({ rules: [later] }).states(BAD, BAD)).toEqual([['pending'], ['firing']]);
  });

  it('is pending until it has held in enough models in a row', () => {
    expect(timeline().states(BAD, BAD, BAD)).toEqual([['pending'], ['firing'], ['firing']]);
    expect(timeline({ forCycles: 1 }).states(BAD)).toEqual([['firing']]);
  });

  it('that does not last is dropped and starts again', () => {
    expect(timeline().states(BAD, GOOD, BAD, BAD)).toEqual([['pending'], [], ['pending'], ['firing']]);
  });

  it('resolves once, after enough clear models in a row', () => {
    expect(timeline().states(BAD, BAD, GOOD, GOOD, GOOD, GOOD)).toEqual([
      ['pending'],
      ['firing'],
      ['firing'],
      ['firing'],
      ['resolved'],
      [],
    ]);
    // Two clear ones are not three.
    expect(timeline().states(BAD, BAD, GOOD, GOOD, BAD, GOOD, GOOD)).toEqual(
      Array.from({ length: 7 }, (_, i) => [i ? 'firing' : 'pending']),
    );
  });

  it('keeps the time it began, and takes the newest numbers', () => {
    const { next } = timeline();
    next(BAD);
    const [finding] = next(withProcs(32)).findings;
    expect(finding?.sinceUnixMs).toBe(1_700_000_000_000);
    expect(finding?.summary).toContain('GOMAXPROCS is 32');
    for (let i = 0; i < 3; i += 1) next(GOOD);
    next(BAD);
    // It began again in the sixth model, 50 s after the first.
    expect(next(BAD).findings[0]?.sinceUnixMs).toBe(1_700_000_050_000);
  });
});

describe('severity', () => {
  /** Every 10 s; one letter a look: c(ritical), w(arning), i(nfo), - clear, ? unknown. */
  const told = (looks: string, options: Partial<EngineOptions> = {}): string => {
    let index = 0;
    const severities = { c: 'critical', w: 'warning', i: 'info' } as const;
    const detect = (): Verdict => {
      const letter = looks[index++];
      if (letter === 'c' || letter === 'w' || letter === 'i') return { ...HOLDS, severity: severities[letter] };
      return letter === '?' ? { outcome: 'unknown', missing: [] } : clear('');
    };
    const rule: Rule = { id: 'NodeSysctls', title: '', subject: 'node', about: ABOUT, detect };
    const { next } = timeline({ rules: [rule], forCycles: 1, clearCycles: 3, ...options });
    return Array.from(looks, () => next({}).findings[0]?.severity[0] ?? '-').join('');
  };

  it('rises at once, and falls after two minutes of milder looks, to the gravest of them', () => {
    expect(told('wc')).toBe('wc');
    // The last critical look is the first; 120 s later is the thirteenth.
    expect(told('cwwwwwwwwwwww')).toBe('ccccccccccccw');
    expect(told('ciiiiwiiiiiii')).toBe('ccccccccccccw');
    // Then info holds for two minutes more.
    expect(told('cwiiiiiiiiiiiiiiiiiiiiiii')).toBe('ccccccccccccwwwwwwwwwwwwi');
  });

  it('stays while it goes to and fro, whatever the time between', () => {
    expect(told('cwcwcwcwcwcwcwcwcwcwcwcwcwcw')).toBe('c'.repeat(28));
    const slow = 'c' + 'w'.repeat(11);
    expect(told(slow.repeat(4))).toBe('c'.repeat(48));
    // One critical look in five minutes is told for two of them: long enough for an alert that waits one.
    const rare = 'c' + 'w'.repeat(29);
    expect(told(rare.repeat(2))).toBe(('c'.repeat(12) + 'w'.repeat(18)).repeat(2));
  });

  it('falls no sooner than after so many looks, of which unknown ones are none', () => {
    expect(told('cww????????????w')).toBe('c'.repeat(15) + 'w');
    expect(told('cw????????????w')).toBe('c'.repeat(15));
  });

  it('begins with what the rule says when the finding is new or pending', () => {
    expect(told('c---w')).toBe('cccc' + 'w');
    expect(told('cwww', { forCycles: 3 })).toBe('cwww');
  });
});

describe('unknown', () => {
  it('neither fires nor resolves, and is told', () => {
    expect(timeline().states(UNKNOWN, UNKNOWN, UNKNOWN)).toEqual([[], [], []]);
    expect(timeline().states(BAD, UNKNOWN, UNKNOWN, UNKNOWN, BAD)).toEqual([
      ['pending'],
      ['pending'],
      ['pending'],
      ['pending'],
      ['firing'],
    ]);
    const unknowns = Array.from({ length: 6 }, () => UNKNOWN);
    expect(
      timeline()
        .states(BAD, BAD, ...unknowns)
        .at(-1),
    ).toEqual(['firing']);
    const { unjudged } = timeline().next(UNKNOWN);
    expect(unjudged).toMatchObject([{ rule: 'GomaxprocsAboveCpuLimit', missing: ['GOMAXPROCS'], subject: { pid: 7 } }]);
  });

  it('does not count as clear', () => {
    expect(timeline().states(BAD, BAD, GOOD, GOOD, UNKNOWN, UNKNOWN, GOOD).slice(4)).toEqual([
      ['firing'],
      ['firing'],
      ['resolved'],
    ]);
  });
});

describe('a subject', () => {
  it('that misses one model keeps its finding', () => {
    expect(timeline().states(BAD, BAD, GONE, BAD)).toEqual([['pending'], ['firing'], ['firing'], ['firing']]);
    expect(timeline().states(BAD, GONE, BAD)).toEqual([['pending'], ['pending'], ['firing']]);
  });

  it('that misses two is gone: resolved once when it fired, else dropped', () => {
    expect(timeline().states(BAD, BAD, GONE, GONE, GONE)).toEqual([
      ['pending'],
      ['firing'],
      ['firing'],
      ['resolved'],
      [],
    ]);
    expect(timeline().states(BAD, GONE, GONE, GONE)).toEqual([['pending'], ['pending'], [], []]);
  });

  it('is another one after a restart', () => {
    const restarted = withProcs(16, '7@9000');
    const { next } = timeline();
    next(BAD);
    next(BAD);
    const { findings } = next(restarted);
    expect(findings.map(({ subject, state }) => [subject.key, state])).toEqual([
      ['7@5000', 'firing'],
      ['7@9000', 'pending'],
    ]);
    expect(next(restarted).findings.map(({ subject, state }) => [subject.key, state])).toEqual([
      ['7@5000', 'resolved'],
      ['7@9000', 'firing'],
    ]);
  });

  it('carries the names of its container, without guessing', () => {
    const subject = timeline().next(BAD).findings[0]?.subject;
    expect(subject).toMatchObject({
      kind: 'process',
      namespace: 'shop',
      pod: 'app-0',
      container: 'app',
      pid: 7,
      process: 'app',
    });
    const orphan = timeline().next({
      goProcesses: [{ ...goProcess({ settings: { gomaxprocs: told(16) } }), containerKey: undefined }],
    });
    expect(orphan.findings[0]?.subject).toMatchObject({
      namespace: undefined,
      pod: undefined,
      container: undefined,
      pid: 7,
    });
    const nameless = container();
    const identity = { ...nameless.identity, container: undefined };
    expect(timeline().next({ ...BAD, containers: [{ ...nameless, identity }] }).findings[0]?.subject.container).toBe(
      'c'.repeat(12),
    );
  });
});

describe('an event', () => {
  const events = (oomKill: number) => ({ low: 0, high: 0, max: 0, oom: oomKill, oomKill, oomGroupKill: 0 });
  const killed = (total: number, inWindow: number | undefined): Partial<NodeModel> => ({
    pods: [pod({ memoryEvents: events(total), oomKillsInWindow: inWindow })],
  });
  const oom = () => timeline({ rules: [oomKilled] });

  it('fires at once: by the next model it is over', () => {
    expect(oom().states(killed(0, undefined), killed(1, 1))).toEqual([[], ['firing']]);
  });

  it('is kept for ten minutes after the last one, then resolved once', () => {
    const { states } = oom();
    // 60 models of 10 s after the kill at 0 s: the one at 600 s is the 60th after it.
    const quiet = Array.from({ length: 61 }, () => killed(1, 0));
    const seen = states(killed(1, 1), ...quiet).map(([state]) => state ?? 'none');
    expect(seen.slice(0, 60)).toEqual(Array.from({ length: 60 }, () => 'firing'));
    expect(seen.slice(60)).toEqual(['resolved', 'none']);
  });

  it('before the first look is told, once', () => {
    const { next } = oom();
    expect(next(killed(3, undefined)).findings[0]).toMatchObject({ state: 'firing', severity: 'warning' });
    expect(next(killed(3, 0)).findings[0]).toMatchObject({ state: 'firing', severity: 'warning' });
  });

  it('long past is not told again when the pod misses one model', () => {
    const { next } = oom();
    next(killed(0, undefined));
    next(killed(3, 3));
    next({ pods: [] });
    const back = next(killed(3, undefined));
    expect(back.unjudged).toHaveLength(1);
    expect(back.findings[0]).toMatchObject({ severity: 'critical', state: 'firing' });
  });
});

describe('the node', () => {
  it('alone is judged where the hierarchy is not unified', () => {
    const { next } = timeline({ rules: EACH_KIND, forCycles: 1 });
    const hybrid = { ...BAD, pods: [pod()], node: { ...nodeModel().node, hierarchy: 'hybrid' as const } };
    const { findings, unjudged } = next(hybrid);
    expect(findings.map(({ rule, subject }) => [rule, subject.kind, subject.key])).toEqual([
      ['NodeNotUnifiedCgroupV2', 'node', 'node'],
    ]);
    expect(unjudged).toEqual([]);
  });

  it('is judged with everything else where it is', () => {
    const { findings, unjudged } = timeline({ rules: EACH_KIND, forCycles: 1 }).next({ ...BAD, pods: [pod()] });
    expect(findings.map(({ rule }) => rule)).toEqual(['GomaxprocsAboveCpuLimit']);
    expect(unjudged).toEqual([]);
  });
});

describe('reconfigure', () => {
  it('drops the findings of rules that are gone, without a word', () => {
    const { engine, next } = timeline({ rules: [gomaxprocsAboveCpuLimit, nodeNotUnifiedCgroupV2], forCycles: 1 });
    expect(next(BAD).findings).toHaveLength(1);
    engine.reconfigure({ rules: [nodeNotUnifiedCgroupV2], thresholds: THRESHOLDS, forCycles: 1, clearCycles: 1 });
    expect(next(BAD).findings).toEqual([]);
  });

  it('keeps the others, and judges by the new numbers', () => {
    const { engine, next } = timeline();
    next(BAD);
    next(BAD);
    engine.reconfigure({ rules: [gomaxprocsAboveCpuLimit], thresholds: THRESHOLDS, forCycles: 5, clearCycles: 1 });
    expect(next(BAD).findings[0]).toMatchObject({ state: 'firing', sinceUnixMs: 1_700_000_000_000 });
    expect(next(GOOD).findings[0]?.state).toBe('resolved');
  });
});

describe('an override', () => {
  const of = (entry: Partial<RuleOverride>): RuleOverride => ({ disable: [], thresholds: THRESHOLDS, ...entry });
  const found = (...overrides: RuleOverride[]) =>
    timeline({ overrides, forCycles: 1 })
      .next(BAD)
      .findings.map(({ severity }) => severity);

  it('switches rules off for the subjects that all its names fit, and for no others', () => {
    const disable = ['GomaxprocsAboveCpuLimit'];
    expect(found()).toHaveLength(1);
    expect(found(of({ namespace: 'shop', disable }))).toEqual([]);
    expect(found(of({ namespace: 'shop', pod: 'app-0', container: 'app', disable }))).toEqual([]);
    expect(found(of({ namespace: 'shop', pod: 'app-1', disable }))).toHaveLength(1);
    // A name is compared whole.
    expect(found(of({ pod: 'app', disable }))).toHaveLength(1);
    expect(found(of({ namespace: 'shop', disable: ['CpuThrottled'] }))).toHaveLength(1);
  });

  it('adds up with others in what it switches off', () => {
    const overrides = [of({ namespace: 'shop' }), of({ pod: 'app-0', disable: ['GomaxprocsAboveCpuLimit'] })];
    expect(found(...overrides)).toEqual([]);
  });

  it('gives its thresholds, the first that fits', () => {
    // 16 Ps on 2 cores, 2 % of the periods throttled: a warning from 1 % on, and critical from 2 % on.
    expect(found()).toEqual(['warning']);
    const lower = { ...THRESHOLDS, gomaxprocs: { warningThrottledRatio: 0.01, criticalThrottledRatio: 0.02 } };
    const higher = { ...THRESHOLDS, gomaxprocs: { warningThrottledRatio: 0.03, criticalThrottledRatio: 0.1 } };
    const [first, second] = [of({ pod: 'app-0', thresholds: lower }), of({ namespace: 'shop', thresholds: higher })];
    expect(found(first, second)).toEqual(['critical']);
    expect(found(second, first)).toEqual(['info']);
    expect(found(of({ pod: 'other', thresholds: lower }), second)).toEqual(['info']);
  });

  it('that comes with a new configuration ends a finding as if its subject were gone', () => {
    const { engine, next } = timeline({ forCycles: 1 });
    expect(next(BAD).findings).toHaveLength(1);
    engine.reconfigure({
      rules: [gomaxprocsAboveCpuLimit],
      thresholds: THRESHOLDS,
      forCycles: 1,
      clearCycles: 1,
      overrides: [of({ namespace: 'shop', disable: ['GomaxprocsAboveCpuLimit'] })],
    });
    expect([next(BAD), next(BAD), next(BAD)].map(({ findings }) => findings.map(({ state }) => state))).toEqual([
      ['firing'],
      ['resolved'],
      [],
    ]);
  });
});

describe('the cool-down', () => {
  // Fires at 10 s, resolves at 40 s after three clear models.
  const resolved = [BAD, BAD, GOOD, GOOD, GOOD];

  it('makes a finding that comes back soon the old one, which fires at once', () => {
    const { next } = timeline({ coolDownSeconds: 30 });
    for (const model of resolved) next(model);
    next(GOOD);
    // 60 s: 20 s after it resolved.
    expect(next(BAD).findings).toMatchObject([{ state: 'firing', sinceUnixMs: 1_700_000_000_000 }]);
  });

  it('is over when it has passed', () => {
    const { next } = timeline({ coolDownSeconds: 30 });
    for (const model of [...resolved, GOOD, GOOD]) next(model);
    // 70 s: 30 s after it resolved.
    expect(next(BAD).findings).toMatchObject([{ state: 'pending', sinceUnixMs: 1_700_000_070_000 }]);
  });

  it('is not there by default', () => {
    const { next } = timeline();
    for (const model of resolved) next(model);
    expect(next(BAD).findings).toMatchObject([{ state: 'pending', sinceUnixMs: 1_700_000_050_000 }]);
  });

  it('does not bring back what never fired', () => {
    expect(timeline({ coolDownSeconds: 30 }).states(BAD, GOOD, BAD)).toEqual([['pending'], [], ['pending']]);
  });
});

describe('forSeconds', () => {
  const slow: Rule = { ...gomaxprocsAboveCpuLimit, forSeconds: 30 };

  it('keeps a finding pending until it has held so long, besides the cycles', () => {
    const states = (rule: Rule, forCycles: number) =>
      timeline({ rules: [rule], forCycles })
        .states(BAD, BAD, BAD, BAD, BAD)
        .flat();
    // 0 s, 10 s, 20 s, 30 s.
    expect(states(slow, 1)).toEqual(['pending', 'pending', 'pending', 'firing', 'firing']);
    expect(states(slow, 5)).toEqual(['pending', 'pending', 'pending', 'pending', 'firing']);
  });

  it('begins anew when it was clear between', () => {
    expect(
      timeline({ rules: [slow] })
        .states(BAD, BAD, BAD, GOOD, BAD, BAD, BAD, BAD)
        .map(([state]) => state),
    ).toEqual(['pending', 'pending', 'pending', undefined, 'pending', 'pending', 'pending', 'firing']);
  });

  it('is measured by the clock that nobody sets', () => {
    const { engine } = timeline({ rules: [slow], forCycles: 1 });
    const state = (wallMs: number, monotonicMs: number) =>
      engine.evaluate(nodeModel({ at: { wallMs, monotonicMs }, ...BAD })).findings[0];
    expect(state(1_700_000_000_000, 5000)?.state).toBe('pending');
    // An hour forward in ten seconds, then an hour back.
    expect(state(1_700_003_600_000, 15_000)?.state).toBe('pending');
    expect(state(1_700_000_030_000, 35_000)).toMatchObject({ state: 'firing', sinceUnixMs: 1_700_000_000_000 });
  });

  it('goes on while the input is missing', () => {
    expect(
      timeline({ rules: [slow] })
        .states(BAD, UNKNOWN, UNKNOWN, BAD)
        .at(-1),
    ).toEqual(['firing']);
  });
});

describe('what a rule remembers', () => {
  /** Says how often it has seen its subject. */
  const counting = (id: Rule['id']): Rule => ({
    id,
    title: 'counts',
    about: ABOUT,
    subject: 'process',
    ...remembering<ProcessContext, number>(
      (before) => (before ?? 0) + 1,
      (_, seen) => ({ ...HOLDS, summary: String(seen) }),
    ),
  });
  const once = { rules: [counting('CpuThrottled')], forCycles: 1 };
  const told = (engine: ReturnType<typeof timeline>, model: Partial<NodeModel>) =>
    engine
      .next(model)
      .findings.filter(({ state }) => state !== 'resolved')
      .map(({ summary }) => summary);

  it('is given to it again with the next model', () => {
    const engine = timeline(once);
    expect([told(engine, BAD), told(engine, GOOD), told(engine, BAD)]).toEqual([['1'], ['2'], ['3']]);
  });

  it('survives a model in which the subject is missing', () => {
    const engine = timeline(once);
    told(engine, BAD);
    told(engine, BAD);
    told(engine, GONE);
    expect(told(engine, BAD)).toEqual(['3']);
  });

  it('ends with the subject', () => {
    const engine = timeline(once);
    told(engine, BAD);
    told(engine, GONE);
    told(engine, GONE);
    told(engine, GONE);
    expect(told(engine, BAD)).toEqual(['1']);
  });

  it('is not that of the process before: another start is another subject', () => {
    const engine = timeline(once);
    told(engine, BAD);
    told(engine, BAD);
    engine.next(withProcs(16, '7@9000'));
    const { findings } = engine.next(withProcs(16, '7@9000'));
    expect(findings.find(({ subject }) => subject.key === '7@9000')?.summary).toBe('2');
  });

  it('is dropped when the rule is switched off, and that of other rules is kept', () => {
    const engine = timeline(once);
    const set = (...ids: Rule['id'][]) => {
      engine.engine.reconfigure({ ...ENGINE, rules: ids.map(counting) });
    };
    set('CpuThrottled', 'OomKilled');
    expect(told(engine, BAD)).toEqual(['1', '1']);
    set('OomKilled');
    expect(told(engine, BAD)).toEqual(['2']);
    set('CpuThrottled', 'OomKilled');
    expect(told(engine, BAD).sort()).toEqual(['1', '3']);
  });

  it('is each subject’s own', () => {
    const engine = timeline(once);
    told(engine, BAD);
    const both = { ...BAD, goProcesses: [...(BAD.goProcesses ?? []), ...(withProcs(16, '8@1').goProcesses ?? [])] };
    expect(told(engine, both).sort()).toEqual(['1', '2']);
  });

  it('is nothing for a rule that does not look back', () => {
    const seen: unknown[] = [];
    const rule: Rule = {
      id: 'CpuThrottled',
      title: 'does not',
      about: ABOUT,
      subject: 'process',
      detect: (_, remembered) => {
        seen.push(remembered);
        return clear('fine');
      },
    };
    const engine = timeline({ rules: [rule] });
    engine.next(BAD);
    engine.next(BAD);
    expect(seen).toEqual([undefined, undefined]);
  });
});
