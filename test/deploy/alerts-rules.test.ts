import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { levelOf } from '../../deploy/source/alerts/levels.ts';
import { severitiesOf } from '../../deploy/source/alerts/severities.ts';
import { catalogue } from '../../src/rules/catalogue.ts';
import type { Rule, Severity } from '../../src/rules/types.ts';
import { ROOT } from './committed.ts';
import { promtool, run, withFile } from './promtool-check.ts';

/** Evaluated twice a minute, as scraped. */
const STEP = '30s';
/** The finding is there for five minutes (samples 0 to 10), away for two and a half (11 to 15), there again for ten (16 to 36), then gone. */
const VALUES = '1x10 stale _x4 1x20 stale';

/** Rules that compare with what was before, by hand. */
const LOOKING_BACK: ReadonlySet<string> = new Set([
  'StaleCpuLimit',
  'StaleMemoryLimit',
  'CpuThrottledByGc',
  'GcPauseStretchedByThrottling',
  'SchedulerLatencyHigh',
  'NonGoMemory',
  'RequestFarBelowLimit',
  'OomKilled',
  'OomKilledOutsidePods',
  'GoroutineGrowth',
  'GoroutineLeak',
  'StalledAfterSiblingExit',
  'ContainerRestartLoop',
  'SpecCgroupDrift',
  'ClockStepped',
]);

/** The labels of a finding of the rule, and the words for its subject. Written here anew: the generator is what is tested. */
function subjectOf(rule: Rule): { readonly labels: Readonly<Record<string, string>>; readonly who: string } {
  const level = levelOf(rule);
  if (level === 'node') return { labels: { node: 'n1' }, who: 'Node n1' };
  const pod = { namespace: 'shop', pod: 'web-0', node: 'n1' };
  if (level === 'pod') return { labels: pod, who: 'Pod shop/web-0 on node n1' };
  return { labels: { ...pod, container: 'app' }, who: 'Container app of pod shop/web-0 on node n1' };
}

/** What the table of docs/alerts.md says, by hand. */
function timingOf({ forSeconds = 0, keepSeconds }: Rule): { readonly waitsMinute: boolean } {
  return { waitsMinute: keepSeconds === undefined && forSeconds < 60 };
}

function alertTests(rule: Rule, severity: Severity): object {
  const { labels, who } = subjectOf(rule);
  const series = Object.entries({ rule: rule.id, severity, ...labels, job: 'cgopher', instance: '10.0.0.7:10119' });
  const firing = [
    {
      exp_labels: { rule: rule.id, severity, ...labels },
      exp_annotations: {
        summary: `${rule.title}.`,
        description: `${who}: ${rule.title}.\nEvidence and the exact change: /findings of the agent on that node, or ${LOOKING_BACK.has(rule.id) ? 'its pages. They remember what cgopher why, which looks once, cannot know.' : `cgopher why --rule ${rule.id}.`}`,
        runbook_url: `https://github.com/cgopher/cgopher/blob/main/docs/runbooks/Cgopher${rule.id}.md`,
      },
    },
  ];
  const at = (eval_time: string, exp_alerts: readonly object[]) => ({
    eval_time,
    alertname: `Cgopher${rule.id}`,
    exp_alerts,
  });
  const { waitsMinute } = timingOf(rule);
  return {
    name: `${rule.id} ${severity}`,
    interval: STEP,
    input_series: [
      { series: `cgopher_finding{${series.map(([name, value]) => `${name}="${value}"`).join(',')}}`, values: VALUES },
      // Another rule's finding about the same subject never makes this alert fire.
      {
        series: `cgopher_finding{rule="Another",severity="critical",${Object.entries(labels)
          .map(([name, value]) => `${name}="${value}"`)
          .join(',')}}`,
        values: '1x80',
      },
    ],
    alert_rule_test: [
      // Pending is not firing.
      at('0s', waitsMinute ? [] : firing),
      at('30s', waitsMinute ? [] : firing),
      at('1m', firing),
      // The gap from 5m30s to 7m30s is bridged, and after it nothing begins anew.
      at('6m', firing),
      at('7m', firing),
      at('8m30s', firing),
      // It is gone at 18m. Kept five minutes at least, and ten at most.
      at('22m', firing),
      at('30m', []),
    ],
  };
}

describe.skipIf(promtool === undefined)('Prometheus, given a finding of each severity a rule can have', () => {
  it('fires, bridges a gap, and ends, with all labels and texts', () => {
    const tests = catalogue.flatMap((rule) => severitiesOf(rule).map((severity) => alertTests(rule, severity)));
    expect(tests.length).toBeGreaterThan(catalogue.length);
    const text = stringify({
      rule_files: [`${ROOT}deploy/prometheus/cgopher-alerts.yaml`],
      evaluation_interval: STEP,
      tests,
    });
    const said = withFile('alerts.yaml', text, (path) => run(promtool!, 'test', 'rules', path));
    expect(said.ok, said.text.slice(0, 5000)).toBe(true);
  }, 180_000);

  it('says so when an alert is not what is expected', () => {
    const [rule] = catalogue;
    const wrong = { ...rule!, title: 'Something else' };
    const text = stringify({
      rule_files: [`${ROOT}deploy/prometheus/cgopher-alerts.yaml`],
      evaluation_interval: STEP,
      tests: [alertTests(wrong, 'warning')],
    });
    expect(withFile('alerts.yaml', text, (path) => run(promtool!, 'test', 'rules', path)).ok).toBe(false);
  }, 60_000);
});
