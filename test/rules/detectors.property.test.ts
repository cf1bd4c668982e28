import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ContainerModel } from '../../src/model/container-types.ts';
import type { GoProcessModel } from '../../src/model/go-process-types.ts';
import { catalogue } from '../../src/rules/catalogue.ts';
import type { Judging, Rule, Verdict } from '../../src/rules/types.ts';
import { anyContainer, anyProcess } from './arbitrary-models.ts';
import { containerContext, goProcess, MIB, nodeModel, pod, podContext, processContext } from './models.ts';

/** A rule asked once, with what it remembers of that one model. */
function detected<C>(rule: Judging<C>, context: C): Verdict {
  return rule.detect(context, rule.observe?.(undefined, context));
}

function judge(rule: Rule, process: GoProcessModel, container: ContainerModel): Verdict {
  const { thresholds, at, windowSeconds } = processContext(process);
  switch (rule.subject) {
    case 'process':
      return detected(rule, { ...processContext(process), container });
    case 'container':
      return detected(rule, { ...containerContext(container), processes: [process] });
    case 'pod':
      return detected(rule, {
        ...podContext(pod({ oomKillsInWindow: container.oomKillsInWindow, memoryEvents: container.memory.events })),
        containers: [container],
        processes: [process],
        firstSeen: container.unseenProcesses === 0,
      });
    case 'node':
      return detected(rule, { model: nodeModel(), thresholds, at, windowSeconds });
  }
}

const textOf = (verdict: Verdict): string =>
  verdict.outcome === 'holds'
    ? `${verdict.summary} ${verdict.remedy.text} ${Object.values(verdict.remedy.patch?.set ?? {}).join(' ')}`
    : verdict.outcome === 'clear'
      ? verdict.reason
      : verdict.missing.join(' ');

describe.each(catalogue)('$id on any model', (rule) => {
  it('gives a verdict with finite numbers and whole sentences', () => {
    fc.assert(
      fc.property(anyProcess, anyContainer, (process, container) => {
        const verdict = judge(rule, process, container);
        expect(textOf(verdict)).not.toMatch(/NaN|Infinity|undefined|null|\[object|^$/);
        if (verdict.outcome === 'unknown') {
          expect(verdict.missing.length).toBeGreaterThan(0);
          return;
        }
        for (const { value, bound, source, signal } of verdict.evidence) {
          expect(typeof value === 'string' || Number.isFinite(value), signal).toBe(true);
          expect(bound === undefined || Number.isFinite(bound), signal).toBe(true);
          expect(source).not.toBe('');
        }
      }),
      { numRuns: 200 },
    );
  });

  it('says the same twice', () => {
    fc.assert(
      fc.property(anyProcess, anyContainer, (process, container) => {
        expect(judge(rule, process, container)).toEqual(judge(rule, process, container));
      }),
      { numRuns: 30 },
    );
  });
});

type Take = (process: GoProcessModel) => GoProcessModel;

const CPU_INPUTS: readonly (readonly [string, Take])[] = [
  ['GOMAXPROCS', (p) => ({ ...p, settings: { ...p.settings, gomaxprocs: undefined } })],
  ['CPU limit', (p) => ({ ...p, effective: { ...p.effective, cpuCores: undefined } })],
  ['own CPU limit', (p) => ({ ...p, leafCpuLimitCores: undefined })],
  ['awareness', (p) => ({ ...p, expectedGomaxprocs: { ...p.expectedGomaxprocs, containerAware: undefined } })],
];
const MEMORY_INPUTS: readonly (readonly [string, Take])[] = [
  ['memory limit', (p) => ({ ...p, effective: { ...p.effective, memoryMaxBytes: undefined } })],
  ['GOMEMLIMIT', (p) => ({ ...p, settings: { ...p.settings, gomemlimit: undefined } })],
  ['GOGC', (p) => ({ ...p, settings: { ...p.settings, gogc: undefined } })],
  ['heap goal', (p) => ({ ...p, runtime: { ...p.runtime, heapGoalBytes: undefined } })],
  ['memory beside the heap', (p) => ({ ...p, runtime: { ...p.runtime, nonHeapBytes: undefined } })],
  ['attribution', (p) => ({ ...p, attribution: { anonShare: undefined, nonGoBytes: undefined, detail: 'gone' } })],
];

/** What each rule reads, and how to take it away. Taking it away may never turn the verdict to clear. */
const required = catalogue
  .filter((rule) => rule.subject === 'process')
  .flatMap(({ id }) =>
    (id.startsWith('Gomaxprocs') ? CPU_INPUTS : MEMORY_INPUTS).map(([name, take]) => ({ id, name, take })),
  );

describe.each(required)('$id without its $name', ({ id, take }) => {
  const rule = catalogue.find((one) => one.id === id)!;

  it('never becomes clear because of that', () => {
    fc.assert(
      fc.property(anyProcess, anyContainer, (process, container) => {
        const before = judge(rule, process, container);
        const after = judge(rule, take(process), container);
        if (before.outcome !== 'clear') expect(after.outcome).not.toBe('clear');
      }),
      { numRuns: 150 },
    );
  });
});

it('a level that was not read never makes a rule clear that holds or is unknown with it', () => {
  const partly = (process: GoProcessModel): GoProcessModel => {
    const { cpuCores, memoryMaxBytes } = process.effective;
    return {
      ...process,
      effective: {
        ...process.effective,
        cpuCores: cpuCores === undefined ? undefined : { ...cpuCores, complete: false },
        memoryMaxBytes: memoryMaxBytes === undefined ? undefined : { ...memoryMaxBytes, complete: false },
      },
    };
  };
  fc.assert(
    fc.property(fc.constantFrom(...catalogue), anyProcess, anyContainer, (rule, process, container) => {
      const before = judge(rule, process, container);
      if (before.outcome !== 'clear') expect(judge(rule, partly(process), container).outcome).not.toBe('clear');
    }),
    { numRuns: 1000 },
  );
});

it('the healthy program of the builders is clear of every rule about processes', () => {
  const healthy = goProcess({ settings: { gomemlimit: { value: 440 * MIB, from: 'environment' } } });
  // What grows is told over time only, never from one look.
  for (const rule of catalogue)
    if (rule.subject === 'process' && rule.id !== 'GoroutineGrowth')
      expect(detected(rule, { ...processContext(healthy), container: undefined }).outcome, rule.id).toBe('clear');
});
