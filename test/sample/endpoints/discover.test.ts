import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileReader } from '../../../src/io/file-reader.ts';
import { ProcessReader } from '../../../src/kernel/proc/process-reader.ts';
import { EndpointDiscovery, placeOf } from '../../../src/sample/endpoints/discover.ts';
import { fibTrie, listening, type ProcessSketch, SmallNode, TCP_HEAD } from '../small-node.ts';

const ALL = { pprof: true, expvar: true, promhttp: true };
const NONE = { pprof: false, expvar: false, promhttp: false };
const HOST = 'net:[1]';
let node: SmallNode;
beforeEach(() => {
  node = new SmallNode();
  node.link('proc/1/ns/net', HOST);
});
afterEach(() => {
  node.close();
});

function discovery(sketch: ProcessSketch = {}, enterNetworkNamespaces = false): EndpointDiscovery {
  node.process(101, sketch);
  const files = new FileReader({ maxBytes: 1 << 20, maxKept: 0 });
  const processes = new ProcessReader({ procRoot: node.paths.procfs, files });
  return new EndpointDiscovery(node.paths.procfs, processes, { enterNetworkNamespaces });
}
const tcp = (...rows: readonly string[]) => TCP_HEAD + rows.join('');
const places = (found: ReturnType<EndpointDiscovery['discover']>) =>
  found.candidates.map(({ host, port, beyondLoopback }) => [host, port, beyondLoopback]);

describe('discovery of endpoints', () => {
  it('gives only ports the process owns itself, by socket inode', () => {
    const found = discovery({
      namespace: HOST,
      fibTrie: fibTrie(['10.0.0.5']),
      tcp: tcp(
        listening([127, 0, 0, 1], 6060, 11),
        listening([127, 0, 0, 1], 7070, 12),
        listening([0, 0, 0, 0], 8080, 13),
        listening([10, 0, 0, 5], 9090, 14),
      ),
      fds: ['/dev/null', 'socket:[11]', 'pipe:[12]', 'socket:[13]', 'socket:[14]'],
    }).discover(101, ALL, false);
    expect(found.detail).toBe('');
    expect(places(found)).toEqual([
      ['127.0.0.1', 6060, false],
      ['10.0.0.5', 9090, true],
      ['127.0.0.1', 8080, true],
    ]);
    expect(found.candidates.map(({ listen }) => listen)).toEqual(['127.0.0.1:6060', '10.0.0.5:9090', '0.0.0.0:8080']);
    expect(found.hostNetwork).toBe(true);
    expect(found.candidates.every((one) => !one.tls && one.paths.metrics === '/metrics')).toBe(true);
  });

  it('reaches a pod at its own address, IPv4 before IPv6, and never at loopback', () => {
    const found = discovery({
      tcp: tcp(listening([0, 0, 0, 0], 8080, 11), listening([127, 0, 0, 1], 6060, 12), listening([10, 9, 8, 7], 1, 13)),
      fibTrie: fibTrie(['10.244.1.7', '10.9.8.7']),
      fds: ['socket:[11]', 'socket:[12]', 'socket:[13]'],
    }).discover(101, ALL, true);
    expect(places(found)).toEqual([
      ['10.9.8.7', 1, true],
      ['10.244.1.7', 8080, true],
    ]);
    expect(found.detail).toContain('loopback of its own network namespace only: 127.0.0.1:6060');
    expect(found.hostNetwork).toBe(false);
  });

  it('asks only addresses the namespace holds, and never link-local ones: IP_FREEBIND lets a program listen on any', () => {
    const found = discovery({
      tcp: tcp(listening([169, 254, 169, 254], 80, 11), listening([10, 9, 8, 7], 1, 12)),
      fibTrie: fibTrie(['10.244.1.7', '169.254.169.254']),
      fds: ['socket:[11]', 'socket:[12]'],
    }).discover(101, ALL, true);
    expect(found.candidates).toEqual([]);
  });

  it('says so when the program listens on loopback of a namespace of its own', () => {
    const found = discovery({
      tcp: tcp(listening([127, 0, 0, 1], 6060, 11)),
      fibTrie: fibTrie(['10.244.1.7']),
      fds: ['socket:[11]'],
    }).discover(101, ALL, true);
    expect(found).toEqual({
      candidates: [],
      detail:
        'listens on loopback of its own network namespace only: 127.0.0.1:6060; switch on discovery.enterNetworkNamespaces, or let it listen on a unix socket',
      hostNetwork: false,
    });
  });

  it('gives loopback of another namespace as a place to enter where that is wanted', () => {
    const found = discovery(
      {
        tcp: tcp(listening([127, 0, 0, 1], 6060, 11), listening([0, 0, 0, 0], 8080, 12)),
        fibTrie: fibTrie(['10.244.1.7']),
        fds: ['socket:[11]', 'socket:[12]'],
      },
      true,
    ).discover(101, ALL, true);
    expect(found.detail).toBe('');
    expect(places(found)).toEqual([
      ['127.0.0.1', 6060, false],
      ['10.244.1.7', 8080, true],
    ]);
    expect(found.candidates.map(({ way }) => way)).toEqual([
      { kind: 'namespace', pid: 101, namespace: 'net:[2]' },
      undefined,
    ]);
  });

  it('names the network of the node when the agent is not in it', () => {
    node.link('proc/1/ns/net', 'net:[2]');
    const found = discovery({ tcp: tcp(listening([127, 0, 0, 1], 6060, 11)), fds: ['socket:[11]'] });
    expect(found.discover(101, ALL, true)).toMatchObject({
      candidates: [],
      detail: expect.stringContaining(
        "loopback of the node's network only: 127.0.0.1:6060; run the agent in it",
      ) as string,
      hostNetwork: true,
    });
  });

  it('keeps a wildcard beside a socket of one address on the same port', () => {
    const found = discovery({
      namespace: HOST,
      fibTrie: fibTrie(['10.0.0.5']),
      tcp: tcp(listening([0, 0, 0, 0], 6060, 11), listening([127, 0, 0, 1], 6060, 12)),
      fds: ['socket:[11]', 'socket:[12]'],
    }).discover(101, ALL, true);
    expect(places(found)).toEqual([
      ['127.0.0.1', 6060, false],
      ['10.0.0.5', 6060, true],
    ]);
  });

  it('says so when nothing is linked, unknown, or listened on', () => {
    const one = discovery({ namespace: HOST, tcp: tcp(listening([127, 0, 0, 1], 6060, 11)), fds: [] });
    expect(one.discover(101, NONE, true).detail).toContain('links neither');
    expect(one.discover(101, undefined, true).detail).toContain('could not be read');
    // The port is another process's.
    node.link('proc/101/fd/0', '/dev/null');
    expect(one.discover(101, ALL, true)).toEqual({
      candidates: [],
      detail: 'the program listens on no TCP port and no unix socket',
      hostNetwork: true,
    });
  });

  it('asks for nothing when it cannot tell whose ports they are', () => {
    const sockets = { tcp: tcp(listening([0, 0, 0, 0], 8080, 11)), fibTrie: fibTrie(['10.244.1.7']) };
    // No fd directory: as good as one that may not be read.
    const pod = discovery(sockets);
    expect(pod.discover(101, ALL, false).detail).toContain('which ports the process owns could not be read');
    expect(places(pod.discover(101, ALL, true))).toEqual([['10.244.1.7', 8080, true]]);
    const host = discovery({ ...sockets, namespace: HOST });
    expect(host.discover(101, ALL, true).candidates).toEqual([]);
    // Alone in its pod, but not in the network of the node; and where that cannot be told, perhaps not.
    node.link('proc/1/ns/net', 'net:[2]');
    expect(discovery(sockets).discover(101, ALL, true).candidates).toEqual([]);
    node.remove('proc/1');
    expect(discovery(sockets).discover(101, ALL, true).candidates).toEqual([]);
  });

  it('asks for nothing when it cannot tell the network namespace', () => {
    const one = discovery({ tcp: tcp(listening([0, 0, 0, 0], 8080, 11)), fds: ['socket:[11]'] });
    node.remove('proc/101/ns');
    expect(one.discover(101, ALL, true).detail).toContain('network namespace');
    node.remove('proc/self');
    const lost = discovery({ tcp: tcp(listening([0, 0, 0, 0], 8080, 11)), fds: ['socket:[11]'] });
    expect(lost.discover(101, ALL, true).detail).toContain('network namespace');
  });

  it('tries no more than eight ports', () => {
    const ports = Array.from({ length: 20 }, (_, index) => index + 1);
    const found = discovery({
      namespace: HOST,
      tcp: tcp(...ports.map((port) => listening([127, 0, 0, 1], port, port))),
      fds: ports.map((port) => `socket:[${port}]`),
    }).discover(101, ALL, true);
    expect(found.candidates).toHaveLength(8);
    expect(found.detail).toContain('more than 8 places');
  });

  it('reads a network namespace once in a pass, and anew in the next', () => {
    const sockets = { tcp: tcp(listening([0, 0, 0, 0], 8080, 11)), fibTrie: fibTrie(['10.244.1.7']) };
    const one = discovery({ ...sockets, fds: ['socket:[11]'] });
    node.process(102, { ...sockets, tcp: tcp(listening([0, 0, 0, 0], 9090, 12)), fds: ['socket:[12]'] });
    const pass = one.begin();
    expect(places(pass.discover(101, ALL, false))).toEqual([['10.244.1.7', 8080, true]]);
    // Process 102 says to be in the same namespace, of which everything is known by now.
    expect(pass.discover(102, ALL, false).candidates).toEqual([]);
    expect(places(one.begin().discover(102, ALL, false))).toEqual([['10.244.1.7', 9090, true]]);
  });

  it('does not take a process that ended for its whole namespace', () => {
    const sketch = { tcp: tcp(listening([0, 0, 0, 0], 8080, 11)), fibTrie: fibTrie(['10.244.1.7']) };
    const one = discovery({ ...sketch, fds: ['socket:[11]'] });
    node.process(102, { ...sketch, fds: ['socket:[11]'] });
    node.remove('proc/101/net');
    const pass = one.begin();
    expect(pass.discover(101, ALL, false).detail).toBe('listening sockets could not be read: ENOENT');
    expect(places(pass.discover(102, ALL, false))).toEqual([['10.244.1.7', 8080, true]]);
  });
});

describe('unix sockets', () => {
  const HEADING = 'Num       RefCount Protocol Flags    Type St Inode Path\n';
  const unixRow = (inode: number, path: string): string =>
    `00000000ab638b66: 00000002 00000000 00010000 0001 01 ${String(inode).padStart(5)} ${path}\n`;

  it('are given by path, when the process owns them', () => {
    const one = discovery({ fds: ['socket:[11]', 'socket:[12]'] });
    node.write('proc/101/net/unix', HEADING + unixRow(11, '/run/app.sock') + unixRow(99, '/run/other.sock'));
    const found = one.discover(101, ALL, false);
    expect(found.candidates).toMatchObject([
      {
        beyondLoopback: false,
        listen: 'unix:/run/app.sock',
        way: { kind: 'unix', pid: 101, path: '/run/app.sock' },
      },
    ]);
    expect(found.candidates.map(placeOf)).toEqual(['unix:/run/app.sock']);
  });

  it('without an absolute path of plain text are told and not asked', () => {
    const one = discovery({ fds: ['socket:[11]', 'socket:[12]', 'socket:[13]'] });
    node.write('proc/101/net/unix', HEADING + unixRow(11, '@hidden') + unixRow(12, 'app.sock') + unixRow(13, '/a\rb'));
    expect(one.discover(101, ALL, false)).toMatchObject({
      candidates: [],
      detail: 'listens on a unix socket without a plain path: unix:@hidden, unix:app.sock, unix:/a?b',
    });
  });

  it('are left alone where their owner cannot be told', () => {
    const one = discovery();
    node.write('proc/101/net/unix', HEADING + unixRow(11, '/run/app.sock'));
    expect(one.discover(101, ALL, true).candidates).toEqual([]);
  });
});

describe('an endpoint that the operator names', () => {
  const named = { scheme: 'https', insecureSkipVerify: true, port: 8443, paths: { pprof: '/d/' } } as const;

  it('is at the address of the pod, or at loopback in the namespace of the agent', () => {
    expect(discovery({ fibTrie: fibTrie(['10.244.1.7']) }).configured(101, named).candidates).toEqual([
      {
        host: '10.244.1.7',
        port: 8443,
        tls: true,
        insecureSkipVerify: true,
        paths: { pprof: '/d/', expvar: '/debug/vars', metrics: '/metrics' },
        beyondLoopback: true,
      },
    ]);
    expect(places(discovery({ namespace: HOST }).configured(101, named))).toEqual([['127.0.0.1', 8443, false]]);
    const loopback = { ...named, address: '::1' };
    expect(places(discovery({ namespace: HOST }).configured(101, loopback))).toEqual([['::1', 8443, false]]);
  });

  it('is nowhere without an address, and never at the loopback of another namespace', () => {
    expect(discovery().configured(101, named)).toEqual({
      candidates: [],
      detail: 'the address of the pod is not known',
      hostNetwork: false,
    });
    const elsewhere = discovery({ fibTrie: fibTrie(['10.244.1.7']) });
    const found = elsewhere.configured(101, { ...named, address: '127.0.0.1' });
    expect(found.candidates).toEqual([]);
    expect(found.detail).toContain('network namespace of its own');
  });

  it('is entered where that is wanted, without TLS', () => {
    const http = { ...named, scheme: 'http', address: '127.0.0.1' } as const;
    const one = discovery({}, true);
    expect(one.configured(101, http).candidates).toMatchObject([
      { host: '127.0.0.1', port: 8443, way: { kind: 'namespace', pid: 101, namespace: 'net:[2]' } },
    ]);
    expect(one.configured(101, { ...http, scheme: 'https' })).toMatchObject({
      candidates: [],
      detail: expect.stringContaining('https') as string,
    });
  });

  it('asked at loopback is beyond it when that is how it is bound', () => {
    const sketch = { namespace: HOST, tcp: tcp(listening([0, 0, 0, 0], 8443, 11)) };
    expect(discovery(sketch).configured(101, named).candidates).toMatchObject([
      { host: '127.0.0.1', beyondLoopback: true, listen: '0.0.0.0:8443' },
    ]);
  });
});

describe('a program in a user namespace of its own', () => {
  const sketch: ProcessSketch = {
    namespace: 'net:[2]',
    fibTrie: fibTrie(['10.96.0.1']),
    tcp: tcp(listening([0, 0, 0, 0], 8080, 11)),
    fds: ['socket:[11]'],
  };

  it('is not believed about the addresses of its network namespace, which it can make up', () => {
    node.link('proc/1/ns/user', 'user:[1]');
    const own = discovery(sketch);
    node.link('proc/101/ns/user', 'user:[2]');
    expect(own.discover(101, ALL, true).candidates).toEqual([]);
    const configured = own.configured(101, { scheme: 'http', insecureSkipVerify: false, port: 8080 });
    expect(configured).toMatchObject({ candidates: [], detail: 'the address of the pod is not known' });
  });

  it('is one of others when it shares that of the node', () => {
    node.link('proc/1/ns/user', 'user:[1]');
    const shared = discovery(sketch);
    node.link('proc/101/ns/user', 'user:[1]');
    expect(places(shared.discover(101, ALL, true))).toEqual([['10.96.0.1', 8080, true]]);
  });
});
