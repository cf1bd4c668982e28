import { COLLECTOR_NAMES } from '../export/collectors.ts';
import { textResponse } from '../io/http-respond.ts';
import type { HttpHandler } from '../io/http-server.ts';
import type { Agent } from './agent.ts';

/** The text format 0.0.4 whatever is accepted. Prometheus 3 refuses an answer without a content type it knows. */
const EXPOSITION = 'text/plain; version=0.0.4; charset=utf-8';

/** Serves the metrics; `collect[]` and `exclude[]` choose collectors, as with the node exporter. */
export function metricsRoute(agent: Agent): HttpHandler {
  return async ({ url }) => {
    const chosen = chosenCollectors(url.searchParams, agent.collectors);
    if (typeof chosen === 'string') return textResponse(400, chosen);
    return { status: 200, contentType: EXPOSITION, body: await agent.metricsText(chosen) };
  };
}

/** Names of the collectors a scrape asks for, or what is wrong with it. */
export function chosenCollectors(query: URLSearchParams, enabled: ReadonlySet<string>): ReadonlySet<string> | string {
  const collect = query.getAll('collect[]');
  const exclude = query.getAll('exclude[]');
  if (collect.length > 0 && exclude.length > 0) return 'collect[] and exclude[] cannot be combined';
  const unknown = [...collect, ...exclude].find((name) => !COLLECTOR_NAMES.includes(name));
  if (unknown !== undefined)
    return `there is no collector ${JSON.stringify(unknown.slice(0, 64))}; known: ${COLLECTOR_NAMES.join(', ')}`;
  const disabled = collect.find((name) => !enabled.has(name));
  if (disabled !== undefined) return `the collector ${disabled} is switched off`;
  if (collect.length > 0) return new Set(collect);
  return exclude.length === 0 ? enabled : new Set([...enabled].filter((name) => !exclude.includes(name)));
}
