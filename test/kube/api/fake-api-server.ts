import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { Pod } from 'kubernetes-types/core/v1.js';
import type { IssuedCertificate } from '../../tools/certificates.ts';

/** A pod as the API has it; `kind` and `apiVersion` are only on single objects. */
export function pod(name: string, over: Partial<Pod> = {}, node = 'node-1'): Pod {
  return {
    metadata: { name, namespace: 'shop', uid: `uid-${name}`, ...over.metadata },
    spec: { nodeName: node, containers: [{ name: 'app', resources: { limits: { memory: '128Mi' } } }], ...over.spec },
    status: over.status ?? {},
  };
}

interface Event {
  readonly version: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: Pod;
}

/** What a test puts in the place of the usual answer; true: it has answered. */
export type Fault = (url: URL, request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * A fake of the API server's pods, over TLS: list with field selector, pages and gzip; watch with bookmarks and compaction; a bearer
 * token. Its answers have the shapes of Kubernetes 1.35. It is no API server: there is no authorisation but the token.
 */
export class FakeApiServer {
  readonly requests: URL[] = [];
  token = 'first';
  fault: Fault | undefined;
  #version = 100;
  #compacted = 0;
  readonly #pods = new Map<string, Pod>();
  readonly #events: Event[] = [];
  readonly #watches = new Set<{ readonly response: ServerResponse; readonly node: string | undefined }>();
  readonly #server: Server;

  constructor({ cert, key }: IssuedCertificate) {
    this.#server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (request, response) => {
      const url = new URL(request.url ?? '', 'https://fake');
      this.requests.push(url);
      if (this.fault?.(url, request, response) === true) return;
      this.#answer(url, request, response);
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get watching(): number {
    return this.#watches.size;
  }

  /** Requests with (or without) `watch`, since the beginning. */
  count(what: 'list' | 'watch'): number {
    return this.requests.filter((url) => url.searchParams.has('watch') === (what === 'watch')).length;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  put(object: Pod): void {
    const uid = object.metadata?.uid ?? '';
    this.#happens(this.#pods.has(uid) ? 'MODIFIED' : 'ADDED', object);
  }

  remove(object: Pod): void {
    this.#happens('DELETED', object);
  }

  /** Changes up to now cannot be had any more. */
  compact(): void {
    this.#compacted = this.#version;
  }

  bookmark(): void {
    const metadata = { resourceVersion: String(this.#version), creationTimestamp: null };
    for (const { response } of this.#watches)
      response.write(`${JSON.stringify({ type: 'BOOKMARK', object: { kind: 'Pod', apiVersion: 'v1', metadata } })}\n`);
  }

  /** Ends all watches, as a server that goes down (`broken`) or one whose time is over. */
  endWatches(broken: boolean): void {
    for (const { response } of this.#watches) {
      if (broken) response.destroy();
      else response.end();
    }
    this.#watches.clear();
  }

  /** Writes bytes into all watches. */
  inject(text: string): void {
    for (const { response } of this.#watches) response.write(text);
  }

  #happens(type: Event['type'], object: Pod): void {
    this.#version += 1;
    const versioned = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
    const uid = object.metadata?.uid ?? '';
    if (type === 'DELETED') this.#pods.delete(uid);
    else this.#pods.set(uid, versioned);
    const event = { version: this.#version, type, object: versioned };
    this.#events.push(event);
    for (const { response, node } of this.#watches) if (onNode(versioned, node)) response.write(line(event));
  }

  #answer(url: URL, request: IncomingMessage, response: ServerResponse): void {
    if (request.headers.authorization !== `Bearer ${this.token}`) {
      status(response, 401, 'Unauthorized');
      return;
    }
    const node = /^spec\.nodeName=(.+)$/.exec(url.searchParams.get('fieldSelector') ?? '')?.[1];
    if (url.searchParams.get('watch') === 'true') this.#watch(url, node, response);
    else this.#list(url, node, response);
  }

  #list(url: URL, node: string | undefined, response: ServerResponse): void {
    const all = [...this.#pods.values()].filter((object) => onNode(object, node));
    const from = Number(url.searchParams.get('continue') ?? 0);
    // Pages only when not answered from the cache; a test asks for them with a limit of its own.
    const page = this.pageSize ?? all.length;
    const items = all.slice(from, from + page);
    const more = from + page < all.length ? { continue: String(from + page), remainingItemCount: 1 } : {};
    const metadata = { resourceVersion: String(this.#version), ...more };
    const body = JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata, items });
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
    response.end(gzipSync(body));
  }

  pageSize: number | undefined;

  #watch(url: URL, node: string | undefined, response: ServerResponse): void {
    const from = Number(url.searchParams.get('resourceVersion'));
    response.writeHead(200, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' });
    response.flushHeaders();
    if (from < this.#compacted) {
      const message = `too old resource version: ${from} (${this.#compacted})`;
      const object = { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason: 'Expired', code: 410 };
      response.end(`${JSON.stringify({ type: 'ERROR', object })}\n`);
      return;
    }
    for (const event of this.#events)
      if (event.version > from && onNode(event.object, node)) response.write(line(event));
    const watch = { response, node };
    this.#watches.add(watch);
    response.on('close', () => {
      this.#watches.delete(watch);
    });
  }
}

const onNode = (object: Pod, node: string | undefined): boolean => node === undefined || object.spec?.nodeName === node;
const line = ({ type, object }: Event): string => `${JSON.stringify({ type, object })}\n`;

export function status(response: ServerResponse, code: number, reason: string, headers = {}): void {
  response.writeHead(code, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason, code }));
}
