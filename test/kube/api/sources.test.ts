import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { FileReader } from '../../../src/io/file-reader.ts';
import { httpsStream } from '../../../src/io/https-stream.ts';
import { pause } from '../../../src/io/pause.ts';
import { ApiPods } from '../../../src/kube/api/api-pods.ts';
import { KubeletPods } from '../../../src/kube/api/kubelet-pods.ts';
import type { PodSource, PodSourceOptions } from '../../../src/kube/api/pod-source.ts';
import { serverAccess } from '../../../src/kube/api/server-access.ts';
import { hasOpenssl, TestAuthority } from '../../tools/certificates.ts';
import { FakeApiServer, pod, status } from './fake-api-server.ts';

const secure = hasOpenssl();

describe.skipIf(!secure)('pods of a node, from a fake API server over TLS', () => {
  let directory = '';
  let authority: TestAuthority;
  let server: FakeApiServer;
  let source: PodSource | undefined;
  /** How long the source wanted to wait, in order. */
  let waits: number[] = [];

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'cgopher-api-'));
    authority = new TestAuthority(directory);
  });

  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  beforeEach(async () => {
    server = new FakeApiServer(authority.issue('server', 'IP:127.0.0.1', 'serverAuth'));
    await server.listen();
    writeFileSync(join(directory, 'token'), 'first\n');
    waits = [];
  });

  afterEach(async () => {
    source?.close();
    await server.close();
  });

  function options(over: { readonly caFile?: string; readonly insecureSkipVerify?: boolean } = {}): PodSourceOptions {
    const place = {
      host: '127.0.0.1',
      port: server.port,
      caFile: over.caFile ?? authority.cert,
      insecureSkipVerify: over.insecureSkipVerify ?? false,
      tokenFile: join(directory, 'token'),
    };
    return {
      clock: systemClock,
      random: () => 0.5,
      pause: (ms, signal) => {
        waits.push(ms);
        return pause(Math.min(ms, 5), signal);
      },
      stream: httpsStream,
      server: serverAccess(place, new FileReader({ maxBytes: 1 << 20, maxKept: 0 })),
      nodeName: 'node-1',
      startJitterMs: 0,
    };
  }

  const names = (): string[] => [...(source?.sample().pods.values() ?? [])].map(({ name }) => name).sort();
  const told = (): string =>
    source
      ?.misses()
      .map(({ kind, detail }) => `${kind}: ${detail}`)
      .join('; ') ?? '';
  const shows = (expected: readonly string[]) =>
    vi.waitFor(() => {
      expect(names()).toEqual(expected);
    }, 10_000);
  const misses = (pattern: RegExp) =>
    vi.waitFor(() => {
      expect(told()).toMatch(pattern);
    }, 10_000);
  const watches = (count = 1) =>
    vi.waitFor(() => {
      expect(server.watching).toBe(count);
    }, 10_000);

  test('a list, then each change as it comes', async () => {
    server.put(pod('a'));
    server.put(pod('elsewhere', {}, 'node-2'));
    source = new ApiPods(options());
    await source.first;
    expect(names()).toEqual(['a']);
    await watches();
    const before = source.sample();
    server.put(pod('b'));
    server.put(pod('c', {}, 'node-2'));
    await shows(['a', 'b']);
    server.remove(pod('a'));
    await shows(['b']);
    // A sample that was handed out stays as it was.
    expect([...before.pods.values()].map(({ name }) => name)).toEqual(['a']);
    expect(told()).toBe('');
    // Open: right until now.
    expect(systemClock.now().monotonicMs - (source.sample().at?.monotonicMs ?? 0)).toBeLessThan(10_000);
    const [list, watch] = server.requests;
    expect(Object.fromEntries(list!.searchParams)).toEqual({
      fieldSelector: 'spec.nodeName=node-1',
      limit: '250',
      resourceVersion: '0',
    });
    expect(Object.fromEntries(watch!.searchParams)).toEqual({
      fieldSelector: 'spec.nodeName=node-1',
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: '102',
      // 240 s and half of another 240.
      timeoutSeconds: '360',
    });
  });

  test('all pages of a list', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) server.put(pod(name));
    server.pageSize = 2;
    source = new ApiPods(options());
    await source.first;
    await shows(['a', 'b', 'c', 'd', 'e']);
    await watches();
    expect(server.count('list')).toBe(3);
  });

  test('a watch that ends goes on where it was, from the last bookmark, without a new list', async () => {
    server.put(pod('a'));
    source = new ApiPods(options());
    await watches();
    server.put(pod('elsewhere', {}, 'node-2'));
    server.bookmark();
    // A change after the bookmark shows that it was read.
    server.put(pod('b'));
    await shows(['a', 'b']);
    server.endWatches(true);
    server.put(pod('c'));
    await shows(['a', 'b', 'c']);
    expect(server.count('list')).toBe(1);
    expect(server.requests.at(-1)?.searchParams.get('resourceVersion')).toBe('103');
  });

  test('only a bookmark was heard: the next watch is from there', async () => {
    source = new ApiPods(options());
    await watches();
    server.put(pod('elsewhere', {}, 'node-2'));
    server.bookmark();
    server.endWatches(false);
    await vi.waitFor(() => {
      expect(server.requests.at(-1)?.searchParams.get('resourceVersion')).toBe('101');
    }, 10_000);
  });

  test.each(['in the stream', 'as a status'])(
    'changes that are gone (410 %s) are listed anew, after a while',
    async (how) => {
      server.put(pod('a'));
      source = new ApiPods(options());
      await watches();
      if (how === 'as a status')
        server.fault = (url, _request, response) => {
          if (url.searchParams.get('resourceVersion') !== '101') return false;
          status(response, 410, 'Expired');
          return true;
        };
      server.endWatches(true);
      server.remove(pod('a'));
      server.put(pod('b'));
      server.compact();
      await shows(['b']);
      await watches();
      expect(server.count('list')).toBe(2);
      // Half of the ten seconds over which nodes are spread, and of the 4 s after the second failure: the first was the broken watch.
      expect(waits).toContain(7000);
    },
  );

  test('what was known stays, with its age, when the server goes; the waits double up to a bound', async () => {
    server.put(pod('a'));
    source = new ApiPods(options());
    await watches();
    const { port } = server;
    await server.close();
    await misses(/ECONNREFUSED/);
    await vi.waitFor(() => {
      expect(waits.length).toBeGreaterThan(12);
    }, 10_000);
    expect(names()).toEqual(['a']);
    const at = source.sample().at?.monotonicMs ?? 0;
    await vi.waitFor(() => {
      expect(systemClock.now().monotonicMs).toBeGreaterThan(at + 1);
    });
    expect(source.sample().at?.monotonicMs).toBe(at);
    expect(port).toBeGreaterThan(0);
    // Half of 2, 4, 8 ... and at most 300 seconds.
    expect(waits.slice(1, 5)).toEqual([1000, 2000, 4000, 8000]);
    expect(Math.max(...waits)).toBe(150_000);
  });

  test('watches that fail without a word end in a new list', async () => {
    source = new ApiPods(options());
    await watches();
    server.fault = (url, _request, response) => {
      if (!url.searchParams.has('watch')) return false;
      status(response, 504, 'Timeout');
      return true;
    };
    server.endWatches(true);
    await vi.waitFor(() => {
      expect(server.count('list')).toBeGreaterThan(1);
    }, 10_000);
    expect(told()).toBe('failed: HTTP 504');
  });

  test('a server that ends every watch with an error is asked less and less often, for a list each time', async () => {
    server.fault = (url, _request, response) => {
      if (!url.searchParams.has('watch')) return false;
      response.writeHead(200).end('{"type":"ERROR","object":{"code":500,"reason":"Internal"}}\n');
      return true;
    };
    source = new ApiPods(options());
    await vi.waitFor(() => {
      expect(waits.length).toBeGreaterThan(5);
    }, 10_000);
    expect(server.count('list')).toBeGreaterThanOrEqual(5);
    // Half of ten seconds, and of 2, 4, 8 ... seconds.
    expect(waits.slice(1, 6)).toEqual([6000, 7000, 9000, 13_000, 21_000]);
  });

  test('a server whose changes are always gone is asked less and less often', async () => {
    server.fault = (url, _request, response) => {
      if (!url.searchParams.has('watch')) return false;
      status(response, 410, 'Expired');
      return true;
    };
    source = new ApiPods(options());
    await vi.waitFor(() => {
      expect(waits.length).toBeGreaterThan(4);
    }, 10_000);
    expect(waits.slice(1, 5)).toEqual([6000, 7000, 9000, 13_000]);
  });

  test('two pods that claim one cgroup are both left out until one is gone, and that is told', async () => {
    const hash = 'd41d8cd98f00b204e9800998ecf8427e';
    const mirror = (name: string, namespace: string) => {
      const annotations = { 'kubernetes.io/config.mirror': hash };
      return pod(name, { metadata: { name, namespace, uid: `uid-${name}`, annotations } });
    };
    server.put(mirror('etcd', 'kube-system'));
    source = new ApiPods(options());
    await shows(['etcd']);
    await watches();
    server.put(mirror('liar', 'tenant'));
    await shows([]);
    expect(told()).toBe('malformed: 2 pods claim the cgroup of another and are left out');
    server.remove(mirror('liar', 'tenant'));
    await shows(['etcd']);
    expect(told()).toBe('');
  });

  test('no more pods are kept than any node runs', async () => {
    // 4096 fit.
    for (let index = 0; index < 4100; index += 1) server.put(pod(`p${index}`));
    server.pageSize = 2500;
    source = new ApiPods(options());
    await source.first;
    expect(names()).toHaveLength(4096);
    expect(told()).toBe('malformed: 4 items of the list are left out');
  });

  test.each(['api', 'kubelet'])('something thrown on the way is a miss, and %s is asked again', async (kind) => {
    server.put(pod('a'));
    let left = 2;
    const stream: PodSourceOptions['stream'] = (...given) => {
      left -= 1;
      return left < 0 ? httpsStream(...given) : Promise.reject(new RangeError('too much'));
    };
    const seen: string[] = [];
    const over = {
      ...options(),
      stream,
      pause: (ms: number, signal: AbortSignal) => {
        seen.push(told());
        return pause(Math.min(ms, 5), signal);
      },
    };
    source = kind === 'api' ? new ApiPods(over) : new KubeletPods({ ...over, intervalMs: 60_000 });
    await source.first;
    await shows(['a']);
    expect(seen).toContain('failed: too much');
  });

  test('a file without a certificate does not open the door to public authorities', async () => {
    const caFile = join(directory, 'empty.crt');
    writeFileSync(caFile, '');
    source = new ApiPods(options({ caFile }));
    await misses(/malformed: the file holds no certificate/);
    expect(server.requests).toEqual([]);
  });

  test('a token that was replaced is read from its file', async () => {
    server.put(pod('a'));
    source = new ApiPods(options());
    await watches();
    server.token = 'second';
    server.endWatches(true);
    await misses(/denied: HTTP 401/);
    writeFileSync(join(directory, 'token'), 'second');
    await watches();
    expect(told()).toBe('');
  });

  test('no right to list is a miss, and the token is in none', async () => {
    server.fault = (_url, _request, response) => {
      status(response, 403, 'Forbidden');
      return true;
    };
    source = new ApiPods(options());
    await source.first;
    await misses(/denied: HTTP 403/);
    expect(source.sample().at).toBeUndefined();
    expect(JSON.stringify(source.misses())).not.toContain('first');
  });

  test('a server that asks to be left alone is', async () => {
    server.fault = (_url, _request, response) => {
      status(response, 429, 'TooManyRequests', { 'retry-after': '7' });
      return true;
    };
    source = new ApiPods(options());
    await misses(/HTTP 429/);
    await vi.waitFor(() => {
      // Seven seconds, and half of the first two.
      expect(waits).toContain(8000);
    }, 10_000);
  });

  test.each([
    ['no token', '', /malformed: the file holds no bearer token/],
    ['a token that would end the header', 'a\r\nx: y', /malformed: the file holds no bearer token/],
  ])('%s is a miss, and nothing is sent', async (_, text, pattern) => {
    writeFileSync(join(directory, 'token'), text);
    source = new ApiPods(options());
    await misses(pattern);
    expect(server.requests).toEqual([]);
  });

  test('a certificate of another authority is refused, before the token is sent', async () => {
    const other = new TestAuthority(join(directory, 'other'));
    source = new ApiPods(options({ caFile: other.cert }));
    await misses(/failed: .*(CERT|UNABLE|SIGNATURE)/i);
    expect(server.requests).toEqual([]);
    source.close();
    source = new ApiPods(options({ caFile: other.cert, insecureSkipVerify: true }));
    await watches();
  });

  test('a server’s certificate for another address is refused', async () => {
    const other = new FakeApiServer(authority.issue('elsewhere', 'IP:10.0.0.1', 'serverAuth'));
    await server.close();
    server = other;
    await server.listen();
    source = new ApiPods(options());
    await misses(/failed: ERR_TLS_CERT_ALTNAME_INVALID/);
    expect(server.requests).toEqual([]);
  });

  test('a redirect is not followed', async () => {
    server.fault = (_url, _request, response) => {
      response.writeHead(302, { location: 'https://127.0.0.1:1/' }).end();
      return true;
    };
    source = new ApiPods(options());
    await misses(/failed: HTTP 302/);
  });

  test.each([
    ['no JSON', 'hello', 'malformed: not a list'],
    ['a list that is cut short', '{"kind":"PodList","items":[{"metadata":', 'malformed: not a list'],
    ['a list without a version', '{"items":[]}', 'malformed: a list without a resourceVersion'],
    ['an object of 5 MiB', `{"items":[{"x":"${'y'.repeat(5 << 20)}"}]}`, 'failed: an object of over 4194304 bytes'],
  ])('%s is a miss', async (_, body, detail) => {
    server.fault = (_url, _request, response) => {
      response.writeHead(200).end(body);
      return true;
    };
    source = new ApiPods(options());
    await vi.waitFor(() => {
      expect(told()).toBe(detail);
    }, 10_000);
    expect(names()).toEqual([]);
  });

  test('pods with hostile fields are left out or bounded, and the others are kept', async () => {
    server.put(pod('good'));
    const hostile = [
      { metadata: { name: 'x'.repeat(300), namespace: 'shop', uid: 'u1' }, spec: { nodeName: 'node-1' } },
      { metadata: { name: 'a', namespace: 'shop', uid: '../../etc' }, spec: { nodeName: 'node-1' } },
      { metadata: 'text', spec: [], status: 7 },
    ];
    server.fault = (url, _request, response) => {
      if (url.searchParams.has('watch')) return false;
      const items = [...hostile, pod('good'), JSON.parse('{"__proto__":{"metadata":{}}}')];
      response.writeHead(200).end(JSON.stringify({ metadata: { resourceVersion: '101' }, items }));
      return true;
    };
    source = new ApiPods(options());
    await shows(['good']);
    expect(told()).toBe('malformed: 4 items of the list are left out');
  });

  test.each([
    ['no JSON', 'hello\n', /malformed: not a watch event/],
    [
      'an error of the server',
      '{"type":"ERROR","object":{"code":500,"reason":"Internal<Error>"}}\n',
      /ended with 500 InternalError$/,
    ],
    ['an event of 5 MiB', 'x'.repeat(5 << 20), /over 4194304 bytes/],
  ])('a watch with %s ends, and another goes on', async (_, text, pattern) => {
    source = new ApiPods(options());
    await watches();
    // The next watch is kept waiting until the miss was seen.
    let go = false;
    server.fault = (url, _request, response) => {
      if (go || !url.searchParams.has('watch')) return false;
      status(response, 503, 'ServiceUnavailable');
      return true;
    };
    waits = [];
    const seen: string[] = [];
    const noting = source;
    const note = setInterval(() => seen.push(...noting.misses().map(({ kind, detail }) => `${kind}: ${detail}`)), 1);
    server.inject(text);
    await vi.waitFor(() => {
      expect(seen.some((detail) => pattern.test(detail))).toBe(true);
    }, 10_000);
    clearInterval(note);
    go = true;
    await watches();
    server.put(pod('after'));
    await shows(['after']);
  });

  test('a pod that is said to be on another node now is gone from this one', async () => {
    server.put(pod('a'));
    source = new ApiPods(options());
    await watches();
    server.inject(
      `${JSON.stringify({ type: 'MODIFIED', object: { ...pod('a', {}, 'node-2'), metadata: { ...pod('a').metadata, resourceVersion: '900' } } })}\n`,
    );
    await shows([]);
  });

  test('nothing is asked after the source was closed', async () => {
    source = new ApiPods(options());
    await watches();
    source.close();
    await watches(0);
    const { length } = server.requests;
    server.put(pod('late'));
    expect(names()).toEqual([]);
    expect(server.requests).toHaveLength(length);
  });

  test('the kubelet is asked again and again', async () => {
    server.put(pod('a'));
    const paths: string[] = [];
    server.fault = (url) => {
      paths.push(`${url.pathname}${url.search}`);
      return false;
    };
    source = new KubeletPods({ ...options(), intervalMs: 60_000 });
    await source.first;
    expect(names()).toEqual(['a']);
    server.put(pod('b'));
    server.remove(pod('a'));
    await shows(['b']);
    expect(new Set(paths)).toEqual(new Set(['/pods']));
    expect(waits).toContain(60_000);
    server.token = 'second';
    await misses(/denied: HTTP 401/);
    expect(names()).toEqual(['b']);
    writeFileSync(join(directory, 'token'), 'second');
    await vi.waitFor(() => {
      expect(told()).toBe('');
    }, 10_000);
  });
});
