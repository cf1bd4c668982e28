/** A way to run a probe, and the goroutines that are then to be found. */
export interface Behaviour {
  readonly name: string;
  readonly flags: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Its figures move while they are read: bytes are only roughly those of a moment before or after. */
  readonly busy: boolean;
  readonly goroutines: readonly {
    readonly at: string;
    readonly count: number;
    readonly reasons: readonly string[];
  }[];
}

/** Words for waiting changed: mutexes got their own in Go 1.20, WaitGroup in 1.24. */
export const BEHAVIOURS: readonly Behaviour[] = [
  {
    name: 'resting, blocked and leaking',
    flags: ['-heap', '16', '-blocked', '-leak', '20', '-stacks', '4', '-threads', '3'],
    environment: { GOGC: '50', GOMAXPROCS: '2' },
    busy: false,
    goroutines: [
      { at: 'startSendLeaks', count: 20, reasons: ['chan send'] },
      { at: 'startSelectLeaks', count: 20, reasons: ['select'] },
      { at: 'blockedOnMutex', count: 3, reasons: ['sync.Mutex.Lock', 'semacquire'] },
      { at: 'blockedOnReceive', count: 3, reasons: ['chan receive'] },
      { at: 'blockedOnSend', count: 3, reasons: ['chan send'] },
      { at: 'blockedOnSelect', count: 3, reasons: ['select'] },
      { at: 'blockedInSleep', count: 3, reasons: ['sleep'] },
      { at: 'blockedOnWaitGroup', count: 3, reasons: ['sync.WaitGroup.Wait', 'semacquire'] },
      { at: 'blockedOnCond', count: 3, reasons: ['sync.Cond.Wait'] },
      { at: 'startThreads', count: 3, reasons: ['syscall'] },
    ],
  },
  {
    name: 'allocating under a limit',
    flags: ['-alloc', '-garbage', '2'],
    environment: { GOMEMLIMIT: '64MiB', GOMAXPROCS: '3' },
    busy: true,
    goroutines: [],
  },
  {
    name: 'settings by calls',
    flags: ['-heap', '4', '-procs', '3', '-gcpercent', '150', '-memlimit', '100000000'],
    environment: { GOGC: '75', GOMAXPROCS: '2', GOMEMLIMIT: '1GiB' },
    busy: false,
    goroutines: [],
  },
  {
    name: 'collector off',
    flags: ['-heap', '8'],
    environment: { GOGC: 'off' },
    busy: false,
    goroutines: [],
  },
];
