import { type HttpRoutes, routeTable } from '../io/http-routes.ts';
import type { HttpHandler } from '../io/http-server.ts';
import type { Agent } from './agent.ts';
import { evidenceRoute } from './evidence-routes.ts';
import { metricsRoute } from './metrics-route.ts';
import { pageRoutes } from './page-routes.ts';

const TEXT = 'text/plain; charset=utf-8';

/** Everything the agent serves. `report` gives the whole last look as JSON text. */
export function routes(
  agent: Agent,
  options: { readonly telemetryPath: string; readonly version: string; readonly report: () => string | undefined },
): HttpRoutes {
  const healthy: HttpHandler = () => ({ status: 200, contentType: TEXT, body: 'healthy\n' });
  const pages = pageRoutes(agent, { telemetryPath: options.telemetryPath, version: options.version });
  const exact: readonly (readonly [string, HttpHandler])[] = [
    ['/-/healthy', healthy],
    ['/healthz', healthy],
    [
      '/-/ready',
      () =>
        agent.ready
          ? { status: 200, contentType: TEXT, body: 'ready\n' }
          : {
              status: 503,
              contentType: TEXT,
              body: 'the first look at the node is not done, or the last is too old\n',
            },
    ],
    [
      '/findings',
      () => {
        const judged = agent.last === undefined ? undefined : agent.evidence.marked(agent.last.evaluation);
        return {
          status: judged === undefined ? 503 : 200,
          contentType: 'application/json; charset=utf-8',
          body: `${JSON.stringify({ findings: judged?.findings ?? [], unknown: judged?.unjudged ?? [] }, undefined, 2)}\n`,
        };
      },
    ],
    [
      '/report',
      () => {
        const body = options.report();
        return {
          status: body === undefined ? 503 : 200,
          contentType: 'application/json; charset=utf-8',
          body: body ?? '{}\n',
        };
      },
    ],
    ...pages.exact,
    // Last, so that metrics are served where the operator wants them, whatever is usually there.
    [options.telemetryPath, metricsRoute(agent)],
  ];
  return routeTable(exact, [evidenceRoute(agent.evidence), ...pages.prefixes]);
}
