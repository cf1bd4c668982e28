import type { FiringAlert } from '../../../src/export/alertmanager/firing.ts';
import { FINDING } from '../../export/base-model.ts';

/** An alert of a pod. */
export const alertOf = (pod: string, sinceUnixMs = 1): FiringAlert => ({
  key: pod,
  labels: { alertname: 'CgopherCpuThrottled', pod },
  finding: { ...FINDING, sinceUnixMs, subject: { ...FINDING.subject, pod } },
  others: 0,
});
