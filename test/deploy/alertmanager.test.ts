import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AGENT_ALERTS } from '../../deploy/source/alerts/agent-alerts.ts';
import { alertmanagerConfig, alertmanagerFile, inhibitRulesOf } from '../../deploy/source/alerts/alertmanager.ts';
import { inhibitions, symptomsOf } from '../../deploy/source/alerts/inhibitions.ts';
import { levelOf, SUBJECT_LABELS } from '../../deploy/source/alerts/levels.ts';
import { severitiesOf } from '../../deploy/source/alerts/severities.ts';
import { ruleOf } from '../../deploy/source/alerts/timing.ts';
import { RULE_IDS, type RuleId } from '../../src/rules/types.ts';
import { row } from '../docs/pages.ts';
import { alertmanagerProgram } from '../tools/amtool.ts';
import {
  type GettableAlert,
  type RunningAlertmanager,
  startAlertmanager,
  withoutAlertmanager,
} from '../tools/running-alertmanager.ts';
import { expectCommitted, expectCommittedPart, ROOT } from './committed.ts';
import { run } from './promtool-check.ts';

const CONFIG = `${ROOT}deploy/alertmanager/alertmanager.yaml`;
const amtool = alertmanagerProgram('amtool');
const ids: readonly string[] = RULE_IDS;

describe('deploy/alertmanager/alertmanager.yaml', () => {
  it('is what the source says; UPDATE_DEPLOY=1 writes it', () => {
    expectCommitted('deploy/alertmanager/alertmanager.yaml', alertmanagerFile());
    expect(readdirSync(`${ROOT}deploy/alertmanager`)).toEqual(['alertmanager.yaml']);
  });

  it.skipIf(amtool === undefined)('is what Alertmanager takes', () => {
    const said = run(amtool!, 'check-config', CONFIG);
    expect(said.ok, said.text).toBe(true);
  });

  it.skipIf(amtool === undefined).each([
    ['pager', ['alertname=CgopherOomKilled', 'severity=critical', 'namespace=shop', 'pod=web-0']],
    ['tickets', ['alertname=CgopherOomKilled', 'severity=warning', 'namespace=shop', 'pod=web-0']],
    ['nobody', ['alertname=CgopherPprofExposed', 'severity=info', 'namespace=shop', 'pod=web-0']],
    ['tickets', ['alertname=CgopherDown', 'severity=warning', 'instance=10.0.0.7:10119']],
    ['nobody', ['alertname=CgopherCannotSee', 'severity=info', 'instance=10.0.0.7:10119']],
    // Of nobody here: what has no severity is still told.
    ['tickets', ['alertname=SomethingElse']],
  ])('sends to %s: %s', (receiver, labels) => {
    const said = run(
      amtool!,
      'config',
      'routes',
      'test',
      `--config.file=${CONFIG}`,
      `--verify.receivers=${receiver}`,
      ...labels,
    );
    expect(said, said.text).toMatchObject({ ok: true });
    expect(said.text.trim()).toContain(receiver);
  });

  it.skipIf(amtool === undefined)('sends nothing to a receiver it is not for', () => {
    const words = ['alertname=CgopherOomKilled', 'severity=critical'];
    expect(
      run(amtool!, 'config', 'routes', 'test', `--config.file=${CONFIG}`, '--verify.receivers=nobody', ...words).ok,
    ).toBe(false);
  });
});

describe('inhibition', () => {
  it('names alerts that are there, and labels both sides have', () => {
    const names = [...ids.map((id) => `Cgopher${id}`), ...AGENT_ALERTS, 'Cgopher.+'];
    for (const { source_matchers, target_matchers } of alertmanagerConfig().inhibit_rules)
      for (const matcher of [...source_matchers, ...target_matchers]) {
        const [, alternatives] = /^alertname=~?"(.*)"$/.exec(matcher) ?? [];
        for (const name of alternatives?.split('|') ?? []) expect(names).toContain(name);
      }
    for (const inhibition of inhibitions)
      for (const { equal } of inhibitRulesOf(inhibition)) {
        const own = [inhibition.cause, ...inhibition.symptoms].map((id) => SUBJECT_LABELS[levelOf(ruleOf(id))]);
        // Where the subject is, and everything that both sides are told apart by.
        expect(equal.slice(0, 2)).toEqual(['cluster', 'instance']);
        for (const label of equal.slice(2)) for (const labels of own) expect(labels).toContain(label);
        expect(equal).toContain('node');
      }
  });

  it('has no circles, and each cause once', () => {
    const causes = inhibitions.map(({ cause }) => cause);
    expect(new Set(causes).size).toBe(causes.length);
    const reach = (id: RuleId, path: readonly RuleId[]): void => {
      expect(path, [...path, id].join(' > ')).not.toContain(id);
      for (const next of symptomsOf(id)) reach(next, [...path, id]);
    };
    for (const cause of causes) reach(cause, []);
  });

  it('is told in docs/alerts.md', () => {
    const rows = inhibitions.map(({ cause, symptoms, why }) =>
      row(
        `[${cause}](runbooks/Cgopher${cause}.md)`,
        symptoms.map((id) => `[${id}](runbooks/Cgopher${id}.md)`).join(', '),
        why,
      ),
    );
    expectCommittedPart(
      'docs/alerts.md',
      'inhibitions',
      ['| Cause | Holds back | Because |', '| --- | --- | --- |', ...rows].join('\n'),
    );
  });
});

/** An alert with what holds it back. */
type KeptAlert = GettableAlert & { readonly status: { readonly inhibitedBy: readonly string[] } };

describe.skipIf(withoutAlertmanager() !== undefined)('Alertmanager itself', () => {
  let manager: RunningAlertmanager;
  beforeAll(async () => {
    manager = await startAlertmanager({ config: readFileSync(CONFIG, 'utf8') });
  }, 60_000);
  afterAll(() => manager.stop());

  async function post(alerts: readonly Readonly<Record<string, string>>[]): Promise<void> {
    const answer = await fetch(`${manager.url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(alerts.map((labels) => ({ labels }))),
    });
    expect(answer.status).toBe(200);
  }

  const alertOf = (id: RuleId, severity: string, namespace: string): Record<string, string> => ({
    alertname: `Cgopher${id}`,
    rule: id,
    severity,
    ...Object.fromEntries(
      SUBJECT_LABELS[levelOf(ruleOf(id))].map((label) => [
        label,
        { node: `n-${namespace}`, namespace, pod: 'web-0', container: 'app' }[label] ?? '',
      ]),
    ),
  });

  function isHeld(alerts: readonly KeptAlert[], labels: Readonly<Record<string, string>>): boolean {
    const kept = alerts.find((alert) => Object.entries(labels).every(([name, value]) => alert.labels[name] === value));
    expect(kept, JSON.stringify(labels)).toBeDefined();
    return kept!.status.inhibitedBy.length > 0;
  }

  /** Whether the alert with these labels is held back, once Alertmanager has it. */
  async function heldBack(labels: Readonly<Record<string, string>>): Promise<boolean> {
    return isHeld((await manager.alerts()) as readonly KeptAlert[], labels);
  }

  it('holds back each symptom while its cause is there, and only for the same subject', async () => {
    const pairs = inhibitions.flatMap(({ cause, symptoms }) => symptoms.map((symptom) => ({ cause, symptom })));
    const posted = pairs.flatMap(({ cause, symptom }, index) => {
      const severity = severitiesOf(ruleOf(cause)).at(-1)!;
      const target = severitiesOf(ruleOf(symptom))
        .filter((one) => severity !== 'warning' || one !== 'critical')
        .at(-1)!;
      const here = alertOf(symptom, target, `shop-${index}`);
      return [
        { labels: alertOf(cause, severity, `shop-${index}`), held: false },
        { labels: here, held: true },
        { labels: alertOf(symptom, target, `other-${index}`), held: false },
      ];
    });
    await post(posted.map(({ labels }) => labels));
    await expect
      .poll(
        async () => {
          const alerts = (await manager.alerts()) as readonly KeptAlert[];
          return posted.filter(({ labels, held }) => isHeld(alerts, labels) !== held).map(({ labels }) => labels);
        },
        { timeout: 30_000 },
      )
      .toEqual([]);
  }, 60_000);

  it('never holds back what is worse than its cause', async () => {
    const cause = alertOf('StaleCpuLimit', 'warning', 'worse');
    const symptom = alertOf('GomaxprocsAboveCpuLimit', 'critical', 'worse');
    const milder = alertOf('GomaxprocsBelowCpuLimit', 'info', 'worse');
    await post([cause, symptom, milder]);
    // Held back by the same cause, so it shows when Alertmanager has gone through them.
    await expect.poll(() => heldBack(milder), { timeout: 15_000 }).toBe(true);
    expect(await heldBack(symptom)).toBe(false);
  }, 30_000);

  it('tells a kill of a pod and not that its containers waited for memory before it', async () => {
    const kill = alertOf('OomKilled', 'critical', 'kill');
    const waited = alertOf('MemoryPressure', 'critical', 'kill');
    const elsewhere = { ...waited, pod: 'web-1' };
    await post([kill, waited, elsewhere]);
    await expect.poll(() => heldBack(waited)).toBe(true);
    expect(await heldBack(elsewhere)).toBe(false);
    expect(await heldBack(kill)).toBe(false);
  }, 30_000);

  it('tells the worse of two of the same name, and not for another container', async () => {
    const milder = alertOf('CpuThrottled', 'warning', 'same');
    const worse = alertOf('CpuThrottled', 'critical', 'same');
    const other = { ...milder, container: 'side' };
    await post([milder, worse, other]);
    await expect.poll(() => heldBack(milder)).toBe(true);
    expect(await heldBack(worse)).toBe(false);
    expect(await heldBack(other)).toBe(false);
  }, 30_000);
});
