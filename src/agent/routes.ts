import { type HttpRoutes, routeTable } from '../io/http-routes.ts';
import type { HttpHandler } from '../io/http-server.ts';
import type { Agent } from './agent.ts';
import { evidenceRoute } from './evidence-routes.ts';
import { landingPage } from './landing.ts';

const TEXT = 'text/plain; charset=utf-8';
/** Prometheus 3 refuses an answer without a content type it knows. */
const EXPOSITION = 'text/plain; version=0.0.4; charset=utf-8';

/** Everything the agent serves. `report` gives the whole last look as JSON text. */
export function routes(
  agent: Agent,
  options: { readonly telemetryPath: string; readonly version: string; readonly report: () => string | undefined },
): HttpRoutes {
  const healthy: HttpHandler = () => ({ status: 200, contentType: TEXT, body: 'healthy\n' });
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
    [
      '/',
      () => ({
        status: 200,
        contentType: 'text/html; charset=utf-8',
        headers: {
          'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
          'x-content-type-options': 'nosniff',
        },
        body: landingPage({ version: options.version, telemetryPath: options.telemetryPath, cycle: agent.last }),
      }),
    ],
    // Last, so that metrics are served where the operator wants them, whatever is usually there.
    [options.telemetryPath, async () => ({ status: 200, contentType: EXPOSITION, body: await agent.metricsText() })],
  ];
  return routeTable(exact, [evidenceRoute(agent.evidence)]);
}
