import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../deploy/committed.ts';
import { prometheusProgram } from '../tools/promtool.ts';
import { alertingPrometheus } from './alerting-prometheus.ts';
import { FACTOR, startLine } from './line.ts';
import { withoutPrograms } from './programs.ts';
import { PODS, reportsWith } from './reports.ts';
import { scaled } from './scaled.ts';
import { foundFiring, foundNothing, isOurs, judgedClear, told, toldResolved } from './story.ts';
import { Timeline } from './timeline.ts';
import { until } from './until.ts';

describe.skipIf(withoutPrograms() !== undefined)('agent, Prometheus, Alertmanager, webhook', () => {
  it('tell a fault from its begin to its end', async () => {
    const line = await startLine();
    const timeline = new Timeline(`through Prometheus; waits of rules and routes are 1/${FACTOR} of what is shipped`);
    try {
      const rules = Object.fromEntries(
        ['cgopher-alerts.yaml', 'cgopher-recording.yaml'].map((name) => [
          name,
          scaled(readFileSync(`${ROOT}deploy/prometheus/${name}`, 'utf8'), FACTOR),
        ]),
      );
      const prometheus = await alertingPrometheus({
        program: prometheusProgram('prometheus')!,
        agent: line.agentUrl,
        alertmanager: line.alertmanager.url,
        rules,
      });
      line.alsoClose(() => prometheus.close());
      await judgedClear(line, PODS.healthy);

      // Somebody sets GOMEMLIMIT above the memory limit of 512 MiB.
      line.node.rollOut(reportsWith(PODS.broken, { GOMEMLIMIT: '1GiB' }));
      timeline.mark('fault: GOMEMLIMIT=1GiB under a limit of 512 MiB');
      const finding = await foundFiring(line);
      timeline.mark('finding fires');
      await until('the alert in Prometheus', async () =>
        (await prometheus.alerts()).find((alert) => isOurs(alert) && alert.state === 'firing'),
      );
      timeline.mark('alert fires in Prometheus');
      const alert = await told(line, timeline);
      expect(alert.labels).toEqual({
        alertname: 'CgopherGomemlimitAboveMemoryLimit',
        rule: 'GomemlimitAboveMemoryLimit',
        severity: 'critical',
        cluster: 'lab',
        node: 'simulated-node',
        namespace: 'payments',
        pod: PODS.broken,
        container: 'reports',
      });
      const { summary, description } = alert.annotations;
      expect(summary).toBe('GOMEMLIMIT lies beyond the memory limit.');
      expect(description).toContain(
        `Container reports of pod payments/${PODS.broken} on node simulated-node: GOMEMLIMIT lies beyond the memory limit. GOMEMLIMIT is 1GiB.`,
      );
      expect(description).toContain(' The memory limit is 512MiB.');
      expect(description).toContain('cgopher why --rule GomemlimitAboveMemoryLimit');

      // The finding names the change, and the change is made.
      const { patch } = finding.remedy;
      expect(patch?.kind).toBe('env');
      line.node.rollOut(reportsWith(PODS.mended, patch!.set));
      timeline.mark(
        `remedy: ${Object.entries(patch!.set)
          .map((pair) => pair.join('='))
          .join(' ')}`,
      );
      await foundNothing(line);
      timeline.mark('finding is gone');
      await judgedClear(line, PODS.mended);
      timeline.mark('new pod is judged clear');
      await until('the end of the alert in Prometheus', async () =>
        (await prometheus.alerts()).some(isOurs) ? undefined : true,
      );
      timeline.mark('alert ends in Prometheus');
      await toldResolved(line, timeline, alert);
    } finally {
      timeline.print();
      await line.close();
    }
  });
});
