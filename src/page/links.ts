import { alertName } from '../export/alertmanager/labels.ts';
import { runbookUrl } from '../rules/runbook.ts';
import type { RuleId, Subject } from '../rules/types.ts';
import type { OverviewQuery } from './overview-query.ts';

/*
 * Every address of the page is made here. But for the runbooks, whose base is a constant, every one begins with `root`, which is a relative
 * path: so none can have a scheme, and the page works behind a proxy that adds a prefix.
 */

/** Where the agent's root is, seen from the page: `./` or `../`. */
export type Root = './' | '../';

/** Half a surrogate pair has no encoding. */
function encoded(text: string): string {
  return encodeURIComponent(text.replace(/\p{Cs}/gu, '?'));
}

/** What is behind `/workload/`: the key of a process, or `cgroup-` and the inode of a container that has no Go process. */
export function workloadLink(root: Root, key: string): string {
  return `${root}workload/${encoded(key)}`;
}

/** The last part of a container's key is its inode. */
export function containerReference(containerKey: string): string {
  return `cgroup-${containerKey.slice(containerKey.lastIndexOf('#') + 1)}`;
}

/** The page about a finding's subject. Undefined: a pod has none of its own. */
export function subjectLink(root: Root, subject: Subject, processOf: ReadonlyMap<string, string>): string | undefined {
  switch (subject.kind) {
    case 'node':
      return `${root}node`;
    case 'process':
      return workloadLink(root, subject.key);
    case 'container':
      return workloadLink(root, processOf.get(subject.key) ?? containerReference(subject.key));
    case 'pod': {
      const process = processOf.get(subject.key);
      return process === undefined ? undefined : workloadLink(root, process);
    }
  }
}

export function ruleLink(root: Root, rule: RuleId): string {
  return `${root}rule/${encoded(rule)}`;
}

/** The page with what to do, outside of the agent. */
export function runbookLink(rule: RuleId): string {
  return runbookUrl(encoded(alertName(rule)));
}

export function evidenceLink(root: Root, id: string): string {
  return `${root}evidence/${encoded(id)}`;
}

/** Another path of the agent, such as `/metrics`. */
export function pathLink(root: Root, path: string): string {
  return root + path.replace(/^\/+/, '').split('/').map(encoded).join('/');
}

/** The overview with these choices; those that are the usual ones are left out. */
export function overviewLink(root: Root, query: OverviewQuery, fragment: '' | 'findings' | 'workloads' = ''): string {
  const words = new URLSearchParams();
  if (query.namespace !== undefined) words.set('namespace', query.namespace);
  if (query.severity !== undefined) words.set('severity', query.severity);
  if (query.order !== 'worst') words.set('sort', query.order);
  if (query.page > 1) words.set('page', String(query.page));
  if (query.findingsPage > 1) words.set('findings', String(query.findingsPage));
  if (query.refreshSeconds !== undefined) words.set('refresh', String(query.refreshSeconds));
  const text = words.toString();
  return `${root}${text === '' ? '' : `?${text}`}${fragment === '' ? '' : `#${fragment}`}`;
}
