import type { HttpHandler } from './http-handler.ts';

/** Who answers a path; undefined: nobody. A `Map` from path to handler is one. */
export interface HttpRoutes {
  get(path: string): HttpHandler | undefined;
}

/** One handler for every path that is `prefix` and something that fits `rest`. */
export interface PrefixRoute {
  /** Starts and ends with a slash. */
  readonly prefix: string;
  /** What may follow, and no more than that: the handler never sees another path. */
  readonly rest: RegExp;
  readonly handler: HttpHandler;
}

/** Exact paths first; of those given twice the last counts. Then prefixes, in their order. */
export function routeTable(
  exact: Iterable<readonly [string, HttpHandler]>,
  prefixes: readonly PrefixRoute[],
): HttpRoutes {
  const paths = new Map(exact);
  return {
    get: (path) =>
      paths.get(path) ??
      prefixes.find(({ prefix, rest }) => path.startsWith(prefix) && rest.test(path.slice(prefix.length)))?.handler,
  };
}
