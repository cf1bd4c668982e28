import { describe, expect, it } from 'vitest';
import { cellsOf } from '../../../src/export/top/cell-text.ts';
import { frame, plainTable, type TopScene } from '../../../src/export/top/frame.ts';
import { topLook } from '../../../src/export/top/top-look.ts';
import { FIRST_VIEW, type TopView } from '../../../src/export/top/view.ts';
import { container, goProcess, nodeModel } from '../../rules/models.ts';
import { fires, manyLook, SCREEN, smallLook } from './looks.ts';

const scene = (over: Partial<TopScene>): TopScene => ({
  look: smallLook,
  view: FIRST_VIEW,
  screen: { ...SCREEN, rows: 12 },
  notice: undefined,
  ...over,
});
const view = (over: Partial<TopView>): TopView => ({ ...FIRST_VIEW, ...over });
const KEYS = 'arrows select  Enter details  s sort  w c m g sort by  / filter  ? help  q quit';

describe('the list', () => {
  // The memory bar has 14 cells to 512 MiB, 36.6 MiB each: live 100 is 3, current 300 is 8, the goal of 200 is in cell 5.
  it('is this at 80 columns', () => {
    expect(frame(scene({}))).toEqual([
      'node-a: 2 Go programs; 1 critical, 1 warning, 1 info; kernel 6.1..  03:04:05 UTC',
      'sorted by worst',
      '',
      '  WORKLOAD                  FIRING      CPU      MEMORY  HEAP, LIMITS    GOROUT.',
      '> shop/app-0/app            crit 2      1.2     300 MiB  ███▒▒G▒▒·····┃       50',
      '  /system.slice/silent.s..  -             ?           ?  ?                     ?',
      '',
      '',
      '',
      'CRITICAL GomaxprocsAboveCpuLimit (and 1 more): GOMAXPROCS is 16 under a CPU',
      'limit of 2',
      KEYS,
    ]);
  });

  // The CPU bar has 12 cells to 2 cores: 1.2 is 7, and of 2 % throttled the least that can be drawn, 1.
  it('is this at 140 columns', () => {
    expect(frame(scene({ screen: { ...SCREEN, columns: 140, rows: 12 } }))).toEqual([
      `${'node-a: 2 Go programs; 1 critical, 1 warning, 1 info; kernel 6.1.0, cgroup v2'.padEnd(126)}  03:04:05 UTC`,
      'sorted by worst',
      '',
      '  WORKLOAD                                 FIRING      CPU  CPU OF LIMIT  THROTTLED      MEMORY       LIMIT  HEAP, LIMITS    GOROUT.  GC CPU',
      '> shop/app-0/app                           crit 2      1.2  ██████x····┃        2 %     300 MiB     512 MiB  ███▒▒G▒▒·····┃       50     2 %',
      '  /system.slice/silent.service             -             ?  ?                     -           ?           ?  ?                     ?       ?',
      '',
      '',
      '',
      'CRITICAL GomaxprocsAboveCpuLimit (and 1 more): GOMAXPROCS is 16 under a CPU limit of 2',
      '',
      KEYS,
    ]);
  });

  it('has colours where the terminal has', () => {
    const lines = frame(scene({ screen: { ...SCREEN, rows: 12, color: true } }));
    expect(lines[4]).toContain('\u001b[31mcrit 2 \u001b[0m');
    expect(lines[4]?.startsWith('\u001b[1m> shop/app-0/app')).toBe(true);
    expect(lines[9]?.startsWith('\u001b[31mCRITICAL GomaxprocsAboveCpuLimit (and 1 more):\u001b[0m')).toBe(true);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
    expect(lines.map((line) => line.replace(/\u001b\[\d+m/g, '').trimEnd())).toEqual(frame(scene({})));
  });

  it('is ASCII where the locale is not UTF-8', () => {
    expect(frame(scene({ screen: { ...SCREEN, unicode: false } }))[4]).toBe(
      '> shop/app-0/app            crit 2      1.2     300 MiB  ###==G==.....|       50',
    );
  });

  it('says what it waits for, and what went wrong', () => {
    const waits = frame(scene({ look: undefined, notice: 'collecting: looking at this node ...' }));
    expect(waits.slice(0, 3)).toEqual(['cgopher top', 'sorted by worst', 'collecting: looking at this node ...']);
    const look = topLook(nodeModel(), []);
    const notice = 'could not look: no cgroup v2 file system at /sys/fs/cgroup, so nothing can be told of it';
    const empty = frame(scene({ look, notice }));
    expect(empty[4]).toBe('  No Go programs are seen.');
    expect(empty[6]).toBe('  could not look: no cgroup v2 file system at /sys/fs/cgroup, so nothing can be');
    expect(empty[7]).toBe('  told of it');
  });

  it('shows the rows around the cursor, and which they are', () => {
    const lines = frame(scene({ look: manyLook(), view: view({ selected: 'w07' }) }));
    // 12 rows less title, status, notice, head, keys and two lines about the workload.
    expect(lines[1]).toBe('sorted by worst  rows 4-8 of 30');
    expect(lines.slice(4, 9).map((line) => line.slice(0, 6))).toEqual([
      '  /w03',
      '  /w04',
      '  /w05',
      '  /w06',
      '> /w07',
    ]);
    expect(lines[9]).toBe('Nothing fires for it.');
  });

  it('says what is filtered, while it is typed too', () => {
    const kept = frame(scene({ view: view({ filter: 'app' }) }));
    expect(kept[1]).toBe('sorted by worst  filter "app": 1 of 2');
    const typing = frame(scene({ view: view({ typing: 'nobody' }) }));
    expect(typing[1]).toBe('sorted by worst  filter "nobody": 0 of 2');
    expect(typing[4]).toBe('  No workload fits the filter.');
    expect(typing.at(-1)).toBe('/nobody_');
    const long = frame(scene({ view: view({ typing: `${'x'.repeat(90)}end` }) })).at(-1);
    expect(long).toHaveLength(80);
    expect(long?.endsWith('xend_')).toBe(true);
  });
});

describe('pages', () => {
  const details = scene({ view: view({ screen: 'details', selected: '7@5000' }), screen: { ...SCREEN, rows: 40 } });

  // The bars have 60 cells: 1.2 of 2 cores is 36 with 1 throttled; of 512 MiB live is 12, current 35, and the goal is in cell 23.
  it('have the figures of a workload with their sources, and what to change', () => {
    expect(frame(details).slice(2, 36)).toEqual([
      'shop/app-0/app',
      'app (pid 7), go1.26.4',
      '/kubepods/pod-a/app',
      '',
      `  ${'█'.repeat(35)}x${'·'.repeat(23)}┃`,
      '  CPU used           1.2',
      '  GOMAXPROCS           2  endpoint: metrics',
      '  CPU limit            2  container',
      '  throttled periods  2 %',
      '',
      `  ${'█'.repeat(12)}${'▒'.repeat(11)}G${'▒'.repeat(11)}${'·'.repeat(24)}┃`,
      '  memory.current  300 MiB',
      '  heap live       100 MiB  endpoint: metrics',
      '  heap goal       200 MiB  endpoint: metrics',
      '  GOMEMLIMIT          off  endpoint: metrics',
      '  memory.high        none  container',
      '  memory.max      512 MiB  container',
      '',
      '  goroutines        50',
      '  GC share of CPU  2 %',
      '',
      '2 findings:',
      '',
      'CRITICAL  GomaxprocsAboveCpuLimit',
      '  GOMAXPROCS is 16 under a CPU limit of 2',
      '    - throttled periods: 25 % (bound 5 %)  [cpu.stat]',
      '  change: raise the limit',
      '  set:    limits.cpu=2  (resources)',
      '',
      'WARNING   CpuThrottled',
      '  it is throttled',
      '    - throttled periods: 25 % (bound 5 %)  [cpu.stat]',
      '  change: raise the limit',
      '  set:    limits.cpu=2  (resources)',
    ]);
  });

  it('scroll, and stop at the end', () => {
    const lines = frame({ ...details, view: { ...details.view, pageTop: 999 }, screen: { ...SCREEN, rows: 10 } });
    // 34 lines; of the 10 rows title, blank and keys take three.
    expect(lines.at(-1)).toBe('Esc back  arrows, PageUp, PageDown scroll  q quit  lines 28-34 of 34');
    expect(lines.at(-2)).toBe('  set:    limits.cpu=2  (resources)');
  });

  it('say what went wrong, too', () => {
    expect(frame({ ...details, notice: 'no answer' })[1]).toBe('no answer');
  });

  it('say so when the workload has gone', () => {
    expect(frame({ ...details, view: { ...details.view, selected: 'gone' } })[2]).toBe('This workload is gone.');
  });

  it('explain the keys and the bars', () => {
    const help = frame(scene({ view: view({ screen: 'help' }), screen: { ...SCREEN, rows: 40 } })).join('\n');
    for (const word of ['q, Ctrl-C', 'GOMEMLIMIT', 'memory.max', 'Enter, d', '┃', '▒']) expect(help).toContain(word);
  });
});

describe('any terminal', () => {
  const hostile = '\u001b]0;owned\u0007\u202e夜夜夜夜夜夜夜夜夜夜夜夜夜夜夜\n';
  const { identity } = container();
  const look = topLook(
    nodeModel({
      containers: [container({ identity: { ...identity, namespace: hostile, pod: hostile, container: hostile } })],
      goProcesses: [goProcess({ name: hostile, goVersion: hostile })],
      node: { hostname: hostile, kernelRelease: hostile },
    }),
    [
      fires({
        summary: hostile.repeat(50),
        evidence: [{ signal: hostile, value: hostile, unit: '', source: hostile }],
        remedy: { text: hostile, patch: { kind: 'env', set: { [hostile]: hostile } } },
      }),
    ],
  );

  it.each([1, 2, 5, 20, 37, 80, 140, 300])(
    'of %i columns gets no line that is wider, and nothing it would obey',
    (columns) => {
      for (const rows of [1, 4, 11, 24])
        for (const unicode of [true, false])
          for (const each of [smallLook, look, undefined])
            for (const screen of ['list', 'details', 'help'] as const) {
              const lines = frame({
                look: each,
                view: view({ screen, selected: '7@5000', typing: screen === 'list' ? hostile : undefined }),
                screen: { columns, rows, color: false, unicode },
                notice: rows === 4 ? hostile : undefined,
              });
              expect(lines.length).toBeLessThanOrEqual(rows);
              for (const line of lines) {
                // One character a line is the least: a wide one needs two cells.
                expect(cellsOf(line), line).toBeLessThanOrEqual(Math.max(2, columns));
                expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
                if (!unicode) expect(line).toMatch(/^[ -~]*$/);
              }
            }
    },
  );

  it('keeps what fires when it is narrow', () => {
    const lines = frame(scene({ screen: { ...SCREEN, columns: 30, rows: 12 } }));
    // 28 cells beside the cursor, less 7 and a gap for what fires.
    expect(lines[4]).toBe('> shop/app-0/app       crit 2');
    const narrow = frame(scene({ screen: { ...SCREEN, columns: 20, rows: 12 } }));
    expect(narrow[4]).toBe('> shop/app-0/app');
  });
});

it('what is no terminal gets every row', () => {
  const lines = plainTable({
    ...scene({}),
    look: manyLook(100),
    screen: { ...SCREEN, rows: Number.POSITIVE_INFINITY },
  });
  expect(lines).toHaveLength(103);
  expect(lines[0]).toBe('n1: 100 Go programs; 0 critical, 0 warning, 0 info; kernel 6.12.0, cgroup v2');
  // 80 columns do not hold the time as well: two lines, then the head.
  expect(lines.at(-1)).toMatch(/^ {2}\/w99 /);
});
