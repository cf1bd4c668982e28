import type { Finding, Severity } from '../../rules/types.ts';
import { alertLabels, type Labels, labelKey } from './labels.ts';

/** Findings that fire under one set of labels. */
export interface FiringAlert {
  readonly key: string;
  readonly labels: Labels;
  /** The one that has lasted longest stands for all. */
  readonly finding: Finding;
  /** How many more there are. */
  readonly others: number;
}

export interface FiringOptions {
  readonly minSeverity: Severity;
  /** Labels of the node and of the operator, on every alert. */
  readonly labels: Labels;
}

const GRAVITY: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };

/**
 * The alerts of one look: findings that fire at `minSeverity` or above. Two processes of one name in a container are one alert, as they
 * are one series. Gravest first, then longest.
 */
export function firingAlerts(findings: readonly Finding[], options: FiringOptions): readonly FiringAlert[] {
  const alerts = new Map<string, FiringAlert>();
  for (const finding of findings) {
    if (finding.state !== 'firing' || GRAVITY[finding.severity] > GRAVITY[options.minSeverity]) continue;
    const labels = alertLabels(finding, options.labels);
    const key = labelKey(labels);
    const same = alerts.get(key);
    if (same === undefined) {
      alerts.set(key, { key, labels, finding, others: 0 });
    } else {
      const first = finding.sinceUnixMs < same.finding.sinceUnixMs ? finding : same.finding;
      alerts.set(key, { ...same, finding: first, others: same.others + 1 });
    }
  }
  return [...alerts.values()].sort(
    (a, b) =>
      GRAVITY[a.finding.severity] - GRAVITY[b.finding.severity] || a.finding.sinceUnixMs - b.finding.sinceUnixMs,
  );
}
