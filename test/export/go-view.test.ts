import { describe, expect, it } from 'vitest';
import { goView, heapView } from '../../src/export/go-view.ts';
import { goProcess, MIB, told } from '../rules/models.ts';

const STYLE = { columns: 120, color: false };
const linesOf = (text: string) => text.split('\n');
const line = (text: string, name: string) => linesOf(text).find((one) => one.trimStart().startsWith(name));

describe('goView', () => {
  const process = goProcess({
    settings: {
      gogc: { value: 50, from: 'memory', detail: 'gcController.gcPercent', ageSeconds: 0.2 },
      contradictions: [
        {
          setting: 'gogc',
          values: [
            { value: 50, from: 'memory', detail: 'gcController.gcPercent' },
            { value: 100, from: 'environment', detail: 'GOGC not set: the default' },
          ],
        },
      ],
    },
    runtime: {
      heapLiveBytes: { value: 100 * MIB, from: 'endpoint', detail: 'metrics', ageSeconds: 42 },
      gcCpuRatio: undefined,
      goroutineSites: [
        {
          count: 40,
          growth: 12,
          growthSeconds: 600,
          site: 'main.work (/a.go:3)',
          createdBy: 'main.main (/a.go:9)',
          cause: 'chan send',
          waitSeconds: 180,
          from: 'memory',
          ageSeconds: 1,
        },
      ],
      leakedGoroutines: told(3),
      blocking: {
        windowSeconds: 300,
        events: 4,
        delaySeconds: 2,
        delayWeightedP99OfMeansSeconds: 0.5,
        sites: [{ site: 'a.Lock (/a.go:7)', events: 4, delaySeconds: 2, meanDelaySeconds: 0.5 }],
        ageSeconds: 0,
      },
    },
    memorySource: { state: 'attested', detail: 'layout of Go 1.26' },
  });
  const text = goView(process, { goroutines: true }, STYLE);

  it('names the process and where its figures come from', () => {
    expect(linesOf(text).slice(0, 3)).toEqual([
      'app (pid 7): go1.26.4, example.com/app',
      '  memory:   attested (layout of Go 1.26)',
      '  endpoint: 10.0.0.7:6060',
    ]);
  });

  it('gives each figure its source, and its age from a second on', () => {
    expect(line(text, 'GOGC ')).toMatch(/^ {2}GOGC +50 {2}memory: gcController\.gcPercent$/);
    expect(line(text, 'heap live')).toMatch(/^ {2}heap live +100 MiB {2}endpoint: metrics, 42 s old$/);
    expect(line(text, 'heap goal (GOGC)')).toContain('200 MiB');
    expect(line(text, 'GC share of CPU')).toMatch(/\?$/);
  });

  it('shows what is told differently', () => {
    expect(line(text, 'gogc is told')).toBe(
      '  gogc is told differently: 50 (memory: gcController.gcPercent), 100 (environment: GOGC not set: the default)',
    );
  });

  it('lists goroutines, and what they wait for, only when asked', () => {
    expect(line(text, '40')).toBe(
      '    40  +12  chan send  >= 3 min  main.work (/a.go:3)  started at main.main (/a.go:9)',
    );
    expect(line(text, 'can never run on')).toContain('3');
    expect(line(text, '2 s')).toBe('    2 s  4 x  500 ms  a.Lock (/a.go:7)');
    expect(goView(process, { goroutines: false }, STYLE)).not.toContain('main.work');
    expect(goView(goProcess(), { goroutines: true }, STYLE)).toContain('goroutines by site: not known');
  });

  it('says why there is no endpoint, and obeys no control character of a name', () => {
    const hidden = goProcess({
      name: 'a\u001b[2Jb',
      endpoint: undefined,
      endpointDetail: 'links no debug handler',
      memorySource: { state: 'off', detail: '' },
    });
    const [head, memory, endpoint] = linesOf(goView(hidden, { goroutines: false }, STYLE));
    expect(head).toContain('a?[2Jb');
    expect(memory).toBe('  memory:   off');
    expect(endpoint).toBe('  endpoint: none (links no debug handler)');
  });
});

describe('heapView', () => {
  it('lists where memory in use was allocated, by the first frame outside the runtime', () => {
    const stack = ['runtime.mallocgc', 'main.fill'].map((name, index) => ({
      function: name,
      file: '/a.go',
      line: index,
    }));
    const sites = [
      { inUseObjects: 2, inUseBytes: 3 * MIB, allocObjects: 5, allocBytes: 8 * MIB, stack },
      { inUseObjects: 1, inUseBytes: 1024, allocObjects: 1, allocBytes: 1024, stack: [] },
    ];
    const view = heapView({
      inUseObjects: 3,
      inUseBytes: 3 * MIB + 1024,
      allocObjects: 6,
      allocBytes: 8 * MIB + 1024,
      sites,
    });
    expect(linesOf(view)).toEqual([
      '  memory profile, as sampled: 3 MiB in 3 objects in use, 8 MiB allocated',
      '    IN USE  OBJECTS  ALLOCATED  WHERE',
      '     3 MiB        2      8 MiB  main.fill (/a.go:1)',
      '     1 KiB        1      1 KiB  unknown',
    ]);
    expect(heapView('the program cannot profile memory')).toContain('not known (the program cannot profile memory)');
  });
});
