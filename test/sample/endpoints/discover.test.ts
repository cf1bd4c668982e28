import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileReader } from '../../../src/io/file-reader.ts';
import { ProcessReader } from '../../../src/kernel/proc/process-reader.ts';
import { EndpointDiscovery } from '../../../src/sample/endpoints/discover.ts';
import { fibTrie, listening, type ProcessSketch, SmallNode, TCP_HEAD } from '../small-node.ts';

const ALL = { pprof: true, expvar: true, promhttp: true };
const NONE = { pprof: false, expvar: false, promhttp: false };
const HOST = 'net:[1]';
let node: SmallNode;
beforeEach(() => {
  node = new SmallNode();
});
afterEach(() => {
  node.close();
});

function discovery(sketch: ProcessSketch = {}): EndpointDiscovery {
  node.process(101, sketch);
  const files = new FileReader({ maxBytes: 1 << 20, maxKept: 0 });
  return new EndpointDiscovery(node.paths.procfs, new ProcessReader({ procRoot: node.paths.procfs, files }));
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
      ['127.0.0.1', 8080, true],
      ['10.0.0.5', 9090, true],
    ]);
    expect(found.candidates.every((one) => !one.tls && one.paths.metrics === '/metrics')).toBe(true);
  });

  it('reaches a pod at its own address, IPv4 before IPv6, and never at loopback', () => {
    const found = discovery({
      tcp: tcp(listening([0, 0, 0, 0], 8080, 11), listening([127, 0, 0, 1], 6060, 12), listening([10, 9, 8, 7], 1, 13)),
      fibTrie: fibTrie(['10.244.1.7', '10.9.8.7']),
      fds: ['socket:[11]', 'socket:[12]', 'socket:[13]'],
    }).discover(101, ALL, true);
    expect(places(found)).toEqual([
      ['10.244.1.7', 8080, true],
      ['10.9.8.7', 1, true],
    ]);
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
      detail: 'the program listens on loopback inside its own network namespace only (port 6060)',
    });
  });

  it('says so when nothing is linked, unknown, or listened on', () => {
    const one = discovery({ namespace: HOST, tcp: tcp(listening([127, 0, 0, 1], 6060, 11)), fds: [] });
    expect(one.discover(101, NONE, true).detail).toContain('links neither');
    expect(one.discover(101, undefined, true).detail).toContain('could not be read');
    // The port is another process's.
    node.link('proc/101/fd/0', '/dev/null');
    expect(one.discover(101, ALL, true)).toEqual({ candidates: [], detail: 'the program listens on no TCP port' });
  });

  it('asks for nothing when it cannot tell whose ports they are', () => {
    const sockets = { tcp: tcp(listening([0, 0, 0, 0], 8080, 11)), fibTrie: fibTrie(['10.244.1.7']) };
    // No fd directory: as good as one that may not be read.
    const pod = discovery(sockets);
    expect(pod.discover(101, ALL, false).detail).toContain('which ports the process owns could not be read');
    expect(places(pod.discover(101, ALL, true))).toEqual([['10.244.1.7', 8080, true]]);
    const host = discovery({ ...sockets, namespace: HOST });
    expect(host.discover(101, ALL, true).candidates).toEqual([]);
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
    });
    const elsewhere = discovery({ fibTrie: fibTrie(['10.244.1.7']) });
    const found = elsewhere.configured(101, { ...named, address: '127.0.0.1' });
    expect(found.candidates).toEqual([]);
    expect(found.detail).toContain('network namespace of its own');
  });
});
