import { describe, expect, it } from 'vitest';
import { FACTOR, startLine } from './line.ts';
import { withoutPrograms } from './programs.ts';
import { PODS, reportsWith } from './reports.ts';
import { foundFiring, foundNothing, judgedClear, told, toldResolved } from './story.ts';
import { Timeline } from './timeline.ts';

describe.skipIf(withoutPrograms() !== undefined)('agent, Alertmanager, webhook', () => {
  it('tell a fault from its begin to its end without Prometheus', async () => {
    const line = await startLine((config, url) => ({
      ...config,
      alertmanager: {
        ...config.alertmanager,
        targets: [{ url }],
        resendIntervalMs: 10_000,
        externalLabels: { cluster: 'lab' },
      },
    }));
    const timeline = new Timeline(`pushed; waits of routes are 1/${FACTOR} of what is shipped`);
    try {
      await judgedClear(line, PODS.healthy);
      line.node.rollOut(reportsWith(PODS.broken, { GOMEMLIMIT: '1GiB' }));
      timeline.mark('fault: GOMEMLIMIT=1GiB under a limit of 512 MiB');
      const finding = await foundFiring(line);
      timeline.mark('finding fires');
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
        process: 'reports',
      });
      const { summary, description = '' } = alert.annotations;
      expect(summary).toBe('GOMEMLIMIT lies beyond the memory limit.');
      expect(description).toContain(
        `payments/${PODS.broken}/reports: GOMEMLIMIT is 1 GiB, the memory limit 512 MiB: the kernel kills before the collector tries harder.`,
      );

      // The message alone says what to set, and it is what the finding says.
      const [, value = ''] = /Set \(env\): GOMEMLIMIT=(\S+)\.$/.exec(description) ?? [];
      expect(finding.remedy.patch?.set).toEqual({ GOMEMLIMIT: value });
      line.node.rollOut(reportsWith(PODS.mended, { GOMEMLIMIT: value }));
      timeline.mark(`remedy: GOMEMLIMIT=${value}`);
      await foundNothing(line);
      timeline.mark('finding is gone');
      await judgedClear(line, PODS.mended);
      timeline.mark('new pod is judged clear');
      await toldResolved(line, timeline, alert);
    } finally {
      timeline.print();
      await line.close();
    }
  });
});
