/** What a goroutine waits for, as its stack tells it. */
export type WaitCause =
  | 'chan receive'
  | 'chan send'
  | 'select'
  | 'mutex'
  | 'semaphore'
  | 'sleep'
  | 'network read'
  | 'network write'
  | 'network accept'
  | 'dial'
  | 'DNS'
  | 'HTTP idle connection'
  | 'database pool'
  | 'gRPC transport'
  | 'syscall'
  | 'running'
  | 'other';

/** A frame that makes one thing of a wait. Names end in `*` where only their start counts. */
interface Primitive {
  readonly cause: WaitCause;
  readonly frames: readonly string[];
}

/** A frame further out that says what a wait is for. */
interface Purpose {
  readonly cause: WaitCause;
  readonly frames: readonly string[];
  /** Only when the wait itself is one of these; left out: any. */
  readonly waits?: readonly WaitCause[];
}

/**
 * The runtime's and the lowest library frames of a wait, tried from the innermost frame out; the first that is known decides.
 * Names of Go 1.17 to 1.27: mutexes moved to internal/sync in 1.24, system calls to internal/runtime/syscall in 1.23.
 */
export const PRIMITIVES: readonly Primitive[] = [
  { cause: 'chan receive', frames: ['runtime.chanrecv', 'runtime.chanrecv1', 'runtime.chanrecv2'] },
  { cause: 'chan send', frames: ['runtime.chansend', 'runtime.chansend1'] },
  // runtime.block is a select without cases.
  { cause: 'select', frames: ['runtime.selectgo', 'runtime.block', 'reflect.rselect', 'reflect.Select'] },
  { cause: 'sleep', frames: ['time.Sleep', 'runtime.timeSleep'] },
  {
    cause: 'mutex',
    frames: [
      'sync.runtime_SemacquireMutex',
      'internal/sync.runtime_SemacquireMutex',
      'sync.runtime_SemacquireRWMutex*',
      'sync.(*Mutex).Lock',
      'sync.(*Mutex).lockSlow',
      'internal/sync.(*Mutex).Lock',
      'internal/sync.(*Mutex).lockSlow',
      'sync.(*RWMutex).Lock',
      'sync.(*RWMutex).RLock',
    ],
  },
  {
    cause: 'semaphore',
    frames: [
      'sync.runtime_Semacquire',
      'sync.runtime_SemacquireWaitGroup',
      'sync.runtime_notifyListWait',
      'internal/poll.runtime_Semacquire',
      'sync.(*WaitGroup).Wait',
      'sync.(*Cond).Wait',
    ],
  },
  { cause: 'network accept', frames: ['internal/poll.(*FD).Accept'] },
  { cause: 'other', frames: ['os/signal.signal_recv'] },
  {
    cause: 'network write',
    frames: [
      'internal/poll.(*FD).Write*',
      'internal/poll.(*FD).RawWrite',
      // A socket that is being connected is waited for like one that is written to.
      'internal/poll.(*FD).WaitWrite',
      'internal/poll.SendFile*',
      'internal/poll.Splice*',
    ],
  },
  { cause: 'network read', frames: ['internal/poll.(*FD).Read*', 'internal/poll.(*FD).RawRead'] },
  {
    cause: 'syscall',
    frames: [
      'syscall.Syscall*',
      'syscall.RawSyscall*',
      'syscall.syscall*',
      'syscall.rawVforkSyscall',
      'runtime/internal/syscall.*',
      'internal/runtime/syscall*',
      'golang.org/x/sys/unix.*',
      // Code in C holds a thread as a system call does.
      'runtime.cgocall',
    ],
  },
];

/** A file that can be polled and is under one of these is a pipe or a terminal, not the network. */
export const FILES: readonly string[] = ['os.(*File).*'];

/** Frames that show a goroutine to be parked when no primitive is known. */
export const PARKED: readonly string[] = [
  'runtime.gopark',
  'runtime.goparkunlock',
  'internal/poll.runtime_pollWait',
  'internal/poll.(*pollDesc).wait*',
];

/**
 * What a wait is for, most specific first. Looked for among the library's frames only, up to the first of the program: under a
 * handler of the program a wait is the handler's.
 */
export const PURPOSES: readonly Purpose[] = [
  {
    cause: 'DNS',
    frames: [
      'net.(*Resolver).*',
      'net.dnsPacketRoundTrip',
      'net.dnsStreamRoundTrip',
      'net.cgoLookup*',
      'net._C_*',
      'net.doBlockingWithCtx*',
      'net.cgoResSearch*',
    ],
  },
  {
    cause: 'dial',
    frames: [
      'net.(*sysDialer).*',
      'net.(*Dialer).*',
      'net.(*netFD).connect*',
      'internal/poll.(*FD).Connect',
      'net.internetSocket',
      'crypto/tls.(*Dialer).*',
    ],
  },
  {
    cause: 'database pool',
    waits: ['select', 'chan receive', 'semaphore'],
    frames: [
      'database/sql.(*DB).conn',
      'github.com/jackc/puddle.(*Pool).*',
      'github.com/jackc/puddle/v2.(*Pool[...]).*',
      'github.com/jackc/puddle/v2/internal/genstack.*',
      'github.com/redis/go-redis/v9/internal/pool.(*ConnPool).*',
      'github.com/go-redis/redis/v8/internal/pool.(*ConnPool).*',
      'go.mongodb.org/mongo-driver/x/mongo/driver/topology.(*pool).checkOut',
      'go.mongodb.org/mongo-driver/v2/x/mongo/driver/topology.(*pool).checkOut',
    ],
  },
  {
    cause: 'semaphore',
    waits: ['select', 'chan receive'],
    frames: ['golang.org/x/sync/semaphore.(*Weighted).Acquire'],
  },
  { cause: 'gRPC transport', frames: ['google.golang.org/grpc/internal/transport.*'] },
  {
    // A connection of either side on which no request is under way, or on which another goroutine handles it.
    cause: 'HTTP idle connection',
    waits: ['network read'],
    frames: [
      'net/http.(*persistConn).readLoop',
      'net/http.(*conn).serve',
      'net/http.(*http2serverConn).readFrames',
      'net/http.(*http2ClientConn).readLoop',
      'net/http/internal/http2.(*serverConn).readFrames',
      'net/http/internal/http2.(*ClientConn).readLoop',
      'golang.org/x/net/http2.(*serverConn).readFrames',
      'golang.org/x/net/http2.(*ClientConn).readLoop',
    ],
  },
  { cause: 'HTTP idle connection', waits: ['select'], frames: ['net/http.(*persistConn).writeLoop'] },
  // The answer is read by the connection's own goroutine; this one waits for it all the same.
  {
    cause: 'network read',
    waits: ['select'],
    frames: [
      'net/http.(*persistConn).roundTrip',
      'net/http.(*http2ClientConn).*',
      'net/http.(*http2clientStream).*',
      'golang.org/x/net/http2.(*ClientConn).*',
      'golang.org/x/net/http2.(*clientStream).*',
      'net/http/internal/http2.(*ClientConn).*',
      'net/http/internal/http2.(*clientStream).*',
    ],
  },
];

/** Packages outside the standard library that lie between a wait and its purpose; those named above count too. */
export const LIBRARIES: readonly string[] = [
  'golang.org/x/net/http2.*',
  'golang.org/x/net/internal/*',
  'golang.org/x/sys/unix.*',
  'google.golang.org/grpc/internal/*',
  'google.golang.org/grpc/credentials*',
];

/** Frames behind which a request is being handled: nothing further out says what the wait is for. */
export const BARRIERS: readonly string[] = ['net/http.serverHandler.ServeHTTP', 'net/http.HandlerFunc.ServeHTTP'];
