import { describe, expect, it } from 'vitest';
import type { GoProcessModel } from '../../src/model/go-process-types.ts';
import { overviewLink, workloadLink } from '../../src/page/links.ts';
import { overviewQuery } from '../../src/page/overview-query.ts';
import { container, goProcess, MIB, nodeModel, told } from '../rules/models.ts';
import { overviewOf, type PageInputs, pageInputs, USUAL } from './all-pages.ts';
import { expectStrictHtml } from './strict-html.ts';

const inputsOf = (processes: readonly GoProcessModel[]): PageInputs => ({
  model: nodeModel({ containers: [container()], goProcesses: processes }),
  findings: [],
  judged: [],
  unjudged: [],
});
const query = (text: string) => overviewQuery(new URLSearchParams(text));

describe('the overview', () => {
  it('puts what fires first, with its numbers and the setting to copy', () => {
    const page = overviewOf(pageInputs());
    expectStrictHtml(page);
    expect(page.indexOf('id="findings"')).toBeLessThan(page.indexOf('id="workloads"'));
    expect(page).toContain('GomaxprocsAboveCpuLimit');
    // 16 Ps against the 2 that fit a limit of 2 cores.
    expect(page).toContain('<dt>GOMAXPROCS</dt><dd>16 <small>against 2</small></dd>');
    expect(page).toContain('env:\n  - name: GOMAXPROCS\n    value: &quot;2&quot;</pre>');
    expect(page).toContain('href="./evidence/GomaxprocsAboveCpuLimit-1-1" download');
  });

  it('draws bars to scale', () => {
    // The largest is memory.max with 512 MiB; the scale goes 4 % beyond it: 532.48 MiB.
    const page = overviewOf(inputsOf([goProcess()]));
    // 300 of 532.48 is 56.34 %, the 100 live 18.78 %, the goal of 200 lies at 37.56 %, the limit at 96.15 %.
    expect(page).toContain('<rect class="f-current" x="0%" y="4" width="56.34%" height="18"/>');
    expect(page).toContain('<rect class="f-live" x="0%" y="9" width="18.78%" height="8"/>');
    expect(page).toContain('<line class="m-goal" x1="37.56%"');
    expect(page).toContain('<line class="m-max" x1="96.15%"');
    expect(page).toContain('Memory: current 300 MiB, limit 512 MiB, heap goal 200 MiB');
  });

  it('shows the part beyond the memory limit when the next collection lies there', () => {
    const page = overviewOf(inputsOf([goProcess({ runtime: { heapGoalBytes: told(600 * MIB) } })]));
    // From 512 to the end of the scale, which is 1.04 x 600 = 624: 82.05 % and the rest, 17.95 %.
    expect(page).toContain('<rect class="f-beyond" x="82.05%" y="4" width="17.95%" height="18"/>');
  });

  it('says what is not known and draws nothing of it', () => {
    const silent = goProcess({
      containerKey: undefined,
      usageCores: undefined,
      settings: { gomaxprocs: undefined, gomemlimit: undefined },
      runtime: { goroutines: undefined, heapLiveBytes: undefined, heapGoalBytes: undefined, gcCpuRatio: undefined },
      effective: { cpuCores: undefined, memoryMaxBytes: undefined, memoryHighBytes: undefined },
    });
    const page = overviewOf(inputsOf([silent]));
    const row = page.slice(page.indexOf('<ul class="rows">'));
    expect(row).not.toMatch(/class="[fm]-/);
    // Six of memory, four of CPU, four of the last hour.
    expect(row.split('<dd class="unknown">not known</dd>')).toHaveLength(15);
    expect(row).not.toMatch(/>(0|0 %|0 KiB|0 cores|NaN|undefined|Infinity)</);
  });

  it('marks what was worked out, and does not let a far GOMEMLIMIT press the bar together', () => {
    const far = goProcess({
      settings: { gomaxprocs: { value: 2, from: 'inferred' }, gomemlimit: told(1024 * 1024 * MIB) },
    });
    const page = overviewOf(inputsOf([far]));
    expect(page).toContain('<dt>GOMAXPROCS</dt><dd>~2</dd>');
    expect(page).toContain('<dt>GOMEMLIMIT</dt><dd>1024 GiB</dd>');
    expect(page).not.toContain('class="m-gomemlimit"');
  });

  it('shows 25 workloads and 10 findings at a time', () => {
    const many = Array.from({ length: 60 }, (_, index) => goProcess({ key: `${index}@1`, pid: index }));
    const findings = Array.from({ length: 23 }, (_, index) => {
      const finding = pageInputs().findings.find(({ state }) => state === 'firing')!;
      return { ...finding, subject: { ...finding.subject, key: `${index}@1` } };
    });
    const inputs = { ...inputsOf(many), findings };
    const first = overviewOf(inputs);
    expect(first.split('<li class="row">')).toHaveLength(26);
    expect(first.split('<article class="finding')).toHaveLength(11);
    expect(first).toContain('1 to 25 of 60');
    expect(first).toContain('href="./?page=2#workloads"');
    const last = overviewOf(inputs, query('page=99&findings=3'));
    expect(last.split('<li class="row">')).toHaveLength(11);
    expect(last).toContain('21 to 23 of 23');
    expect(last).toContain('href="./?page=2&amp;findings=3#workloads"');
  });

  it('filters both lists, and says when nothing fits', () => {
    const inputs = pageInputs();
    expect(overviewOf(inputs, query('namespace=other'))).toContain('None of the 2 Go workloads fits the filter.');
    const calm = overviewOf(inputs, query('severity=none'));
    expect(calm).toContain('fits the filter.');
    expect(calm).toContain('tool, pid 8');
    expect(calm).not.toContain('app, pid 7, go');
    expect(overviewOf({ ...inputs, findings: [] })).toContain('Nothing fires.');
    expect(overviewOf(inputsOf([]))).toContain('No Go process was found.');
  });

  it('says so on a node without the unified hierarchy', () => {
    const inputs = inputsOf([]);
    const model = {
      ...inputs.model,
      node: { ...inputs.model.node, hierarchy: 'v1', hierarchyDetail: 'no cgroup2' } as const,
    };
    expect(overviewOf({ ...inputs, model })).toContain('only the node itself is judged');
  });
});

describe('the query of the overview', () => {
  it('takes what it knows, and leaves out the rest', () => {
    expect(query('')).toEqual(USUAL);
    expect(query('namespace=shop&severity=critical&sort=memory&page=3&findings=2&refresh=15')).toEqual({
      namespace: 'shop',
      severity: 'critical',
      order: 'memory',
      page: 3,
      findingsPage: 2,
      refreshSeconds: 15,
    });
    for (const odd of [
      'page=0',
      'page=-1',
      'page=1e3',
      'page=99999',
      'sort=__proto__',
      'severity=x',
      'refresh=1',
      `namespace=${'n'.repeat(254)}`,
    ])
      expect(query(odd), odd).toEqual(USUAL);
  });

  it('is written as it is read', () => {
    const text = 'namespace=a+%26b&severity=info&sort=gc&page=2&findings=4&refresh=30';
    expect(overviewLink('./', query(text))).toBe(`./?${text}`);
    expect(overviewLink('../', USUAL, 'workloads')).toBe('../#workloads');
    expect(workloadLink('./', 'a/b?c#d')).toBe('./workload/a%2Fb%3Fc%23d');
  });
});
