import type { Instant } from '../../base/clock.ts';
import { annotations } from '../../export/alertmanager/annotations.ts';
import { alertName } from '../../export/alertmanager/labels.ts';
import { firingTimes, type PostableAlert, resolvedTimes } from '../../export/alertmanager/postable.ts';
import type { Finding, RuleId } from '../../rules/types.ts';
import type { BookEntry } from './alert-book.ts';

export interface PayloadOptions {
  readonly resendIntervalMs: number;
  /** Of the rule, in one line. */
  readonly titleOf: (rule: RuleId) => string;
  /** Of the page of this agent, without a slash at its end. */
  readonly externalUrl: string | undefined;
  readonly runbookUrlOf: (alert: string) => string;
  /** What is kept of a finding, where something is. */
  readonly evidenceIdOf: (finding: Finding) => string | undefined;
}

/** The body of POST /api/v2/alerts for these alerts, as they are `now`. */
export function payload(entries: readonly BookEntry[], now: Instant, options: PayloadOptions): string {
  return JSON.stringify(entries.map((entry) => postable(entry, now, options)));
}

function postable({ alert, sinceUnixMs, endedMs }: BookEntry, now: Instant, options: PayloadOptions): PostableAlert {
  const { finding, others } = alert;
  const { externalUrl, resendIntervalMs } = options;
  return {
    labels: alert.labels,
    annotations: annotations(finding, {
      title: options.titleOf(finding.rule),
      others,
      runbookUrl: options.runbookUrlOf(alertName(finding.rule)),
      evidenceUrl: evidenceUrl(externalUrl, options.evidenceIdOf(finding)),
    }),
    // By how long ago it ended: the wall clock may have been set since.
    ...(endedMs === undefined
      ? firingTimes(sinceUnixMs, now.wallMs, resendIntervalMs)
      : resolvedTimes(sinceUnixMs, now.wallMs - (now.monotonicMs - endedMs))),
    ...(externalUrl === undefined ? {} : { generatorURL: `${externalUrl}/` }),
  };
}

function evidenceUrl(base: string | undefined, id: string | undefined): string | undefined {
  return base === undefined || id === undefined ? undefined : `${base}/evidence/${id}`;
}
