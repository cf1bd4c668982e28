/** Where the pages of docs/runbooks are read. A fork, or a company with pages of its own, changes this one line. */
export const RUNBOOK_BASE = 'https://github.com/cgopher/cgopher/blob/main/docs/runbooks/';

/** The page of an alert: what it means, how bad it is, how to look, what to do. `base` ends with a slash. */
export function runbookUrl(alert: string, base: string = RUNBOOK_BASE): string {
  return `${base}${alert}.md`;
}
