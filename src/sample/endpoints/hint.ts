import type { LinkedHandlers } from '../../go/types.ts';
import type { Candidate } from './discover-place.ts';
import type { ConfiguredEndpoint, Discovery } from './discover-types.ts';

/** What the annotations of a pod say of an endpoint in it. They come from whoever may write the pod, not from the operator. */
export type EndpointHint = Pick<ConfiguredEndpoint, 'scheme' | 'port'> & {
  readonly metricsPath: string | undefined;
  /** The annotation that says so, for people. */
  readonly from: string;
};

const OWN = 'cgopher.dev/endpoint';
const SHORT = /^(?:(https?):)?(\d{1,5})(\/[!-~]*)?$/;
const PATH = /^\/[!-~]*$/;
const MAX_PATH = 1024;

function hint(
  scheme: string | undefined,
  port: string,
  path: string | undefined,
  from: string,
): EndpointHint | undefined {
  const number = Number(port);
  if (!Number.isInteger(number) || number < 1 || number > 65_535) return undefined;
  if (scheme !== undefined && scheme !== 'http' && scheme !== 'https') return undefined;
  if (path !== undefined && (path.length > MAX_PATH || !PATH.test(path))) return undefined;
  return { scheme: scheme ?? 'http', port: number, metricsPath: path, from };
}

/**
 * `cgopher.dev/endpoint: [http:|https:]PORT[/PATH]`, where PATH is that of the metrics; without it `prometheus.io/port`, `path` and `scheme`,
 * unless `prometheus.io/scrape` is false. Undefined: neither, or malformed. An address cannot be given.
 */
export function endpointHint(annotations: Readonly<Record<string, string>>): EndpointHint | undefined {
  const own = annotations[OWN];
  if (own !== undefined) {
    const [, scheme, port = '', path] = SHORT.exec(own.trim()) ?? [];
    return hint(scheme, port, path, OWN);
  }
  const port = annotations['prometheus.io/port'];
  if (port === undefined || !/^\d{1,5}$/.test(port) || annotations['prometheus.io/scrape'] === 'false')
    return undefined;
  return hint(annotations['prometheus.io/scheme'], port, annotations['prometheus.io/path'], 'prometheus.io/port');
}

/**
 * The handlers to look for in a program of a pod with a hint: whoever wrote it says that there are metrics, also where the executable links
 * none of the known packages.
 */
export function hintedHandlers(handlers: LinkedHandlers | undefined, given: EndpointHint): LinkedHandlers | undefined {
  // Only its own annotation is a word to this agent; the others are everywhere, also in pods of other languages' programs.
  return given.from === OWN ? { ...(handlers ?? { pprof: false, expvar: false }), promhttp: true } : handlers;
}

/**
 * Puts a hint over what was found: the places of the port it names come first, with its scheme and path. A port that was not found to be
 * the program's own is not asked, whatever an annotation says.
 */
export function withHint(found: Discovery, { port, scheme, metricsPath }: EndpointHint): Discovery {
  const tls = scheme === 'https';
  // A certificate of a pod seldom names its address. The socket is the program's own, and nothing secret is sent.
  const hinted = (candidate: Candidate): Candidate => ({
    ...candidate,
    tls,
    insecureSkipVerify: tls,
    paths: metricsPath === undefined ? candidate.paths : { ...candidate.paths, metrics: metricsPath },
  });
  // TLS is not spoken inside another network namespace or over a unix socket.
  const named = found.candidates.filter(
    (candidate) => candidate.port === port && (!tls || candidate.way === undefined),
  );
  if (named.length === 0) return found;
  return { ...found, candidates: [...named.map(hinted), ...found.candidates.filter((one) => !named.includes(one))] };
}
