import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prometheusProgram } from '../tools/promtool.ts';
import { type RunningDemo, runningDemo } from '../tools/running-demo.ts';
import { parseExposition } from './parse-exposition.ts';

const promtool = prometheusProgram('promtool');
let demo: RunningDemo;
let text = '';
beforeAll(async () => {
  demo = await runningDemo();
  text = await demo
    .until(
      '/metrics',
      (now) =>
        now.includes('cgopher_go_goroutines{') &&
        now.includes('cgopher_finding{') &&
        now.includes('cgopher_misses_total'),
    )
    .catch(async () => (await demo.get('/metrics')).text);
}, 60_000);
afterAll(() => demo.close());

describe('the metrics of the demo', () => {
  it.skipIf(promtool === undefined)('have nothing that promtool objects to', () => {
    // promtool exits with 3 for a lint finding and 1 for text it cannot read.
    const said = execFileSync(promtool!, ['check', 'metrics'], { input: text, encoding: 'utf8', stdio: 'pipe' });
    expect(said).toBe('');
  });

  it('are text format 0.0.4, workloads and the agent alike', async () => {
    const parsed = parseExposition(text);
    expect(text).not.toMatch(/ (?:NaN|[+-]?Inf)$/m);
    const names = (prefix: string) => [...parsed.types.keys()].filter((name) => name.startsWith(prefix));
    expect(names('cgopher_container_').length).toBeGreaterThan(20);
    expect(names('cgopher_go_').length).toBeGreaterThan(15);
    expect(parsed.find('cgopher_finding').length).toBeGreaterThan(0);
    expect(parsed.find('cgopher_build_info')).toHaveLength(1);
    expect(parsed.find('cgopher_collector_success').every((sample) => sample.value === 1)).toBe(true);
    expect((await demo.get('/metrics')).type).toBe('text/plain; version=0.0.4; charset=utf-8');
  });

  it('show every container of the demo once, with the value of its file', () => {
    const parsed = parseExposition(text);
    const containers = parsed.find('cgopher_container_memory_current_bytes');
    const names = new Set(containers.map((sample) => `${sample.labels['pod']!}/${sample.labels['container']!}`));
    expect(names.size).toBe(containers.length);
    for (const { subject, container } of demo.node.workloads) {
      const [, pod] = subject.split('/');
      if (subject.startsWith('/') || subject.startsWith('pod ')) continue;
      expect(names).toContain(`${pod!}/${container}`);
    }
  });

  it('help with the misses counter: it counts each missing value once a cycle', () => {
    expect(text).toMatch(/^# HELP cgopher_misses_total .*once in every cycle in which it is missing\.$/m);
  });
});
