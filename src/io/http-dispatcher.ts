import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../base/logger.ts';
import { errorCode } from './errno.ts';
import { type HttpResponse, respond, textResponse } from './http-respond.ts';
import type { HttpRoutes } from './http-routes.ts';
import { answerBudgetMs, scrapeTimeoutOf, within } from './scrape-timeout.ts';
import type { WebGuard } from './web-guard.ts';

export interface DispatcherOptions {
  readonly routes: HttpRoutes;
  /** Requests under way at once; more are answered 503. 0: no bound. */
  readonly maxRequests: number;
  /** From the request's headers to the last byte of the answer. */
  readonly exchangeTimeoutMs: number;
  /** Undefined: everybody is let in. */
  readonly guard: WebGuard | undefined;
  readonly logger: Logger;
}

/** Takes requests to handlers and keeps count of those under way, over all addresses. */
export class Dispatcher {
  /** From now on every answer ends its connection. */
  closing = false;
  #underWay = 0;
  readonly #options: DispatcherOptions;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  /** Answers one request. Never rejects. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#underWay += 1;
    const leave = (): void => {
      clearTimeout(late);
      if (!left) this.#underWay -= 1;
      left = true;
    };
    let left = false;
    const late = setTimeout(() => {
      // A pipelined answer whose connection went away before its turn never says close.
      leave();
      response.destroy();
    }, this.#options.exchangeTimeoutMs);
    response.on('close', leave);
    response.on('error', () => undefined);
    const send = async (answer: HttpResponse): Promise<void> => {
      // A refused request may carry a body nobody will read.
      const close = this.closing || answer.status === 405 || answer.status === 400;
      const acceptEncoding = request.headers['accept-encoding'];
      await respond(response, answer, {
        head: request.method === 'HEAD',
        acceptEncoding: typeof acceptEncoding === 'string' ? acceptEncoding : undefined,
        close,
      });
    };
    try {
      await send(await this.#guarded(request));
    } catch (error) {
      const stack = error instanceof Error ? error.stack : undefined;
      this.#options.logger.error({ url: request.url, error: errorCode(error), stack }, 'a request handler failed');
      // The second failure can only come from a response that is already gone.
      await send(textResponse(500, 'internal error; the log of the agent says more')).catch(() => response.destroy());
    }
  }

  /** As in the exporter toolkit nothing is answered before the user is known, not even that a path is not there. */
  async #guarded(request: IncomingMessage): Promise<HttpResponse> {
    const scrapeTimeoutMs = scrapeTimeoutOf(request.headers['x-prometheus-scrape-timeout-seconds']);
    const answering = async (): Promise<HttpResponse> => {
      const { guard } = this.#options;
      if (guard === undefined) return this.#answer(request, scrapeTimeoutMs);
      const { refusal, headers } = await guard.admit(request.headers.authorization);
      const answer = refusal ?? (await this.#answer(request, scrapeTimeoutMs));
      // A handler knows better than the file what its own page needs.
      return { ...answer, headers: { ...headers, ...answer.headers } };
    };
    if (scrapeTimeoutMs === undefined) return answering();
    const budgetMs = answerBudgetMs(scrapeTimeoutMs);
    return (
      (await within(budgetMs, answering())) ??
      textResponse(503, `not done within ${budgetMs / 1000} s, the scrape timeout less a margin`)
    );
  }

  async #answer(request: IncomingMessage, scrapeTimeoutMs: number | undefined): Promise<HttpResponse> {
    const { routes, maxRequests } = this.#options;
    const { method } = request;
    if (method !== 'GET' && method !== 'HEAD') return textResponse(405, 'only GET and HEAD', { allow: 'GET, HEAD' });
    const url = urlOf(request.url);
    if (url === undefined) return textResponse(400, 'the request target is not a path');
    const handler = routes.get(url.pathname);
    if (handler === undefined) return textResponse(404, 'not found');
    if (maxRequests > 0 && this.#underWay > maxRequests) {
      return textResponse(503, `${maxRequests} requests are already under way; try again later`);
    }
    return handler({ method, url, headers: request.headers, scrapeTimeoutMs });
  }
}

function urlOf(target: string | undefined): URL | undefined {
  if (target?.startsWith('/') !== true) return undefined;
  try {
    return new URL(`http://agent.invalid${target}`);
  } catch {
    return undefined;
  }
}
