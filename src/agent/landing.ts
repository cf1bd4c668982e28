import type { Cycle } from './agent.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as HTML text. Names come from other people's pods. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

/** The page at `/`: what this is, where things are, and what fires now. */
export function landingPage(view: {
  readonly version: string;
  readonly telemetryPath: string;
  readonly cycle: Cycle | undefined;
}): string {
  const firing = (view.cycle?.evaluation.findings ?? []).filter((finding) => finding.state === 'firing');
  const rows = firing
    .map(({ rule, severity, subject, summary, remedy }) => {
      const who =
        [subject.namespace, subject.pod, subject.container ?? subject.process]
          .filter((part) => part !== undefined)
          .join('/') || 'node';
      return `<tr><td class="${severity}">${severity}</td><td>${rule}</td><td>${escapeHtml(who)}</td><td>${escapeHtml(summary)}<br><em>${escapeHtml(remedy.text)}</em></td></tr>`;
    })
    .join('\n');
  const model = view.cycle?.snapshot.model;
  const seen =
    model === undefined
      ? 'The first look at the node is under way.'
      : `${model.containers.length} workloads, ${model.goProcesses.length} Go processes, ${firing.length} findings.`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>cgopher</title>
<style>:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid #8884}.critical{color:#c62828;font-weight:600}.warning{color:#b26a00;font-weight:600}em{opacity:.85}</style></head>
<body><h1>cgopher</h1><p>Version ${escapeHtml(view.version)}. ${seen}</p>
<ul><li><a href="${escapeHtml(view.telemetryPath)}">Metrics</a></li><li><a href="/findings">Findings as JSON</a></li><li><a href="/report">The whole last look as JSON</a></li><li><a href="/evidence/">Evidence behind findings</a></li><li><a href="/-/ready">Ready?</a></li></ul>
${firing.length === 0 ? '<p>Nothing fires.</p>' : `<table><thead><tr><th>Severity</th><th>Rule</th><th>Workload</th><th>What, and what to change</th></tr></thead><tbody>\n${rows}\n</tbody></table>`}
</body></html>
`;
}
