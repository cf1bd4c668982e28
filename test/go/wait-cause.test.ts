import { describe, expect, it } from 'vitest';
import { parseGoroutineProfile } from '../../src/go/goroutine-profile.ts';
import { waitCauseOf } from '../../src/go/wait-cause.ts';
import { endpoint } from './fixtures.ts';

const READ = ['internal/poll.runtime_pollWait', 'internal/poll.(*pollDesc).waitRead', 'internal/poll.(*FD).Read'];
const CONN_READ = [...READ, 'net.(*netFD).Read', 'net.(*conn).Read'];
const SELECT = ['runtime.gopark', 'runtime.selectgo'];

describe('waitCauseOf on recordings', () => {
  it.each(['1.17', '1.27'])('knows what each goroutine of a Go %s program waits for', (version) => {
    const { groups } = parseGoroutineProfile(endpoint(`waits-${version}/goroutine.pb.gz`), {
      maxGroups: 100,
      maxStack: 64,
    })!;
    const causes = new Map<string, Set<string>>();
    for (const { entry, cause } of groups) {
      const name = entry?.function ?? '';
      causes.set(name, (causes.get(name) ?? new Set()).add(cause));
    }
    const told = Object.fromEntries([...causes].map(([name, set]) => [name, [...set].toSorted().join(', ')]));
    // The functions of the program are named for what they do.
    expect(told).toMatchObject({
      'main.main': 'sleep',
      'main.waitAccept': 'network accept',
      'main.waitCond': 'semaphore',
      'main.waitDB': 'database pool',
      'main.waitDNS': 'DNS',
      'main.waitDial': 'dial',
      'main.waitFlock': 'syscall',
      'main.waitForever': 'select',
      'main.waitGroup': 'semaphore',
      'main.waitMutex': 'mutex',
      'main.waitNil': 'chan receive',
      // A pipe can be polled as a socket can, and is none.
      'main.waitPipe': 'other',
      'main.waitRW': 'mutex',
      'main.waitRWW': 'mutex',
      'main.waitRange': 'chan receive',
      'main.waitRead': 'network read',
      'main.waitRecv': 'chan receive',
      'main.waitResponse': 'network read',
      'main.waitRunning': 'running',
      'main.waitSelect': 'select',
      'main.waitSend': 'chan send',
      'main.waitSignal': 'chan receive',
      'main.waitSleep': 'sleep',
      'main.waitWrite': 'network write',
      'net/http.(*conn).serve': 'HTTP idle connection',
      'net/http.(*persistConn).readLoop': 'HTTP idle connection',
      'net/http.(*persistConn).writeLoop': 'HTTP idle connection',
      'net/http.Serve': 'network accept',
      'os/signal.loop': 'other',
    });
    // The goroutine that answers /slow stands in a handler of the program: its wait is the handler's.
    expect(told['main.main.func3']).toBe('chan receive');
  });

  it.each(['1.19', '1.21', '1.23', '1.25', '1.26'])('tells locks and groups apart in Go %s', (version) => {
    const { groups } = parseGoroutineProfile(endpoint(`${version}/goroutine.pb.gz`), { maxGroups: 100, maxStack: 64 })!;
    const at = (name: string) => groups.find(({ stack }) => stack.includes(name))?.cause;
    expect([at('main.blockedRecv'), at('main.leaky.func1'), at('main.blockedSelect')]).toEqual([
      'chan receive',
      'chan send',
      'select',
    ]);
    expect([at('sync.(*Mutex).Lock'), at('sync.(*WaitGroup).Wait'), at('time.Sleep')]).toEqual([
      'mutex',
      'semaphore',
      'sleep',
    ]);
  });
});

describe('waitCauseOf', () => {
  it.each([
    ['running', ['main.spin', 'main.main']],
    ['running', ['runtime.asyncPreempt2', 'runtime.asyncPreempt', 'main.spin']],
    ['other', []],
    ['other', ['', '']],
    ['other', ['runtime.gopark', 'runtime.gcParkAssist', 'runtime.mallocgc', 'main.make']],
    ['sleep', ['time.Sleep', 'main.tick']],
    // Under a lock of a package of the standard library the wait is for the lock.
    ['mutex', ['sync.runtime_SemacquireMutex', 'sync.(*Mutex).lockSlow', 'database/sql.(*DB).conn', 'main.query']],
    // A new connection of the pool is being dialled.
    [
      'dial',
      ['internal/poll.(*FD).WaitWrite', 'net.(*netFD).connect', 'net.(*sysDialer).dialTCP', 'database/sql.(*DB).conn'],
    ],
    [
      'DNS',
      [...SELECT, 'net.(*Resolver).lookupIPAddr', 'net.(*Resolver).internetAddrList', 'net.(*Dialer).DialContext'],
    ],
    ['DNS', ['runtime.cgocall', 'net._C_getaddrinfo', 'net.cgoLookupHostIP', 'net.cgoLookupIP.func1']],
    ['database pool', [...SELECT, 'github.com/redis/go-redis/v9/internal/pool.(*ConnPool).waitTurn', 'main.get']],
    ['semaphore', [...SELECT, 'golang.org/x/sync/semaphore.(*Weighted).Acquire', 'main.limit']],
    ['select', [...SELECT, 'main.(*Driver).Open', 'database/sql.(*DB).conn']],
    [
      'gRPC transport',
      [
        ...CONN_READ,
        'bufio.(*Reader).Read',
        'golang.org/x/net/http2.(*Framer).ReadFrame',
        'google.golang.org/grpc/internal/transport.(*http2Client).reader',
      ],
    ],
    ['gRPC transport', [...SELECT, 'google.golang.org/grpc/internal/transport.(*controlBuffer).get']],
    [
      'HTTP idle connection',
      [
        ...CONN_READ,
        'bufio.(*Reader).Peek',
        'golang.org/x/net/http2.(*Framer).ReadFrame',
        'golang.org/x/net/http2.(*ClientConn).readLoop',
      ],
    ],
    [
      'HTTP idle connection',
      [...CONN_READ, 'crypto/tls.(*Conn).Read', 'bufio.(*Reader).Peek', 'net/http.(*conn).serve'],
    ],
    // A handler of the standard library reads its request's body.
    [
      'network read',
      [
        ...CONN_READ,
        'io.Copy',
        'net/http/httputil.(*ReverseProxy).ServeHTTP',
        'net/http.serverHandler.ServeHTTP',
        'net/http.(*conn).serve',
      ],
    ],
    // readLoop waits for the reader of a body: the connection is in use.
    ['select', [...SELECT, 'net/http.(*persistConn).readLoop']],
    ['network read', ['syscall.Syscall', 'syscall.read', ...READ.slice(2), 'net.(*conn).Read', 'main.serve']],
    ['syscall', ['syscall.Syscall', 'syscall.read', ...READ.slice(2), 'os.(*File).Read', 'main.load']],
    [
      'syscall',
      ['internal/runtime/syscall.Syscall6', 'syscall.RawSyscall6', 'golang.org/x/sys/unix.EpollWait', 'main.poll'],
    ],
    [
      'semaphore',
      ['internal/poll.runtime_Semacquire', 'internal/poll.(*fdMutex).rwlock', 'internal/poll.(*FD).Write', 'main.log'],
    ],
  ])('%s: %j', (cause, stack) => {
    expect(waitCauseOf(stack)).toBe(cause);
    expect(waitCauseOf(stack.length > 1 && stack[0] !== 'runtime.gopark' ? ['runtime.gopark', ...stack] : stack)).toBe(
      cause === 'running' ? 'other' : cause,
    );
  });
});
