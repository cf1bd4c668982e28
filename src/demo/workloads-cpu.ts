import { MIB, type Workload } from './workload.ts';

const steadyHeap = {
  gogc: 100,
  liveBytes: 180 * MIB,
  allocationRate: 60 * MIB,
  retains: 'nothing',
  goroutines: 240,
  pauseMs: 0.2,
} as const;

const pod = (namespace: string, name: string) =>
  ({ kind: 'pod', namespace, pod: name, qos: 'Burstable', named: true }) as const;

/** Workloads whose story is about CPU limits and GOMAXPROCS. */
export const cpuWorkloads: readonly Workload[] = [
  {
    // Raises GomaxprocsAboveCpuLimit and CpuThrottled.
    name: 'checkout',
    place: pod('shop', 'checkout-6c9f7d5b88-x2kqp'),
    expects: ['GomaxprocsAboveCpuLimit', 'CpuThrottled'],
    story: 'Go 1.22 knows no CPU limits: 16 threads run on a quota of 2 cores and stall in every second period.',
    podAgeSeconds: 21_600,
    cpu: { requestMilli: 1000, limitCores: 2, podLimitCores: 2, meanCores: 1.6, throttledRatio: 0.5 },
    memory: { limitBytes: 1024 * MIB, otherAnonBytes: 5 * MIB, fileBytes: 24 * MIB },
    executable: '/usr/local/bin/checkout',
    arguments: ['--listen=:8080'],
    environment: ['GOMEMLIMIT=900MiB', 'API_TOKEN=not-a-real-token'],
    threads: 24,
    go: {
      ...steadyHeap,
      version: 'go1.22.5',
      module: 'example.com/shop/checkout',
      gomaxprocs: 16,
      gomemlimit: 900 * MIB,
      // A quota that runs out in the middle of a pause stretches the pause to the next period.
      pauseMs: 14,
      serves: { metrics: '1.20', pprof: true },
    },
  },
  {
    // Healthy twin of checkout: the same limit, a runtime that looks at it.
    name: 'cart',
    place: pod('shop', 'cart-7b4c6f9d5-9wzlh'),
    expects: [],
    story: 'The healthy twin of checkout: Go 1.26 reads its CPU limit and runs on 2.',
    podAgeSeconds: 21_540,
    cpu: { requestMilli: 1000, limitCores: 2, podLimitCores: 2, meanCores: 0.9, throttledRatio: 0.002 },
    memory: { limitBytes: 1024 * MIB, otherAnonBytes: 5 * MIB, fileBytes: 22 * MIB },
    executable: '/usr/local/bin/cart',
    arguments: ['--listen=:8080'],
    environment: ['GOMEMLIMIT=900MiB'],
    threads: 9,
    go: {
      ...steadyHeap,
      version: 'go1.26.4',
      module: 'example.com/shop/cart',
      gomaxprocs: 2,
      gomemlimit: 900 * MIB,
      serves: { metrics: '1.20', runtimeMetrics: true, pprof: true },
    },
  },
  {
    // Raises GomaxprocsNotContainerAware: a new toolchain, an old go line in go.mod.
    name: 'search',
    place: pod('shop', 'search-5d8f6b7c44-m7vjt'),
    expects: ['GomaxprocsNotContainerAware'],
    story: 'Built with Go 1.26 from a go.mod that says go 1.23, so the runtime leaves the CPU limit alone.',
    podAgeSeconds: 18_000,
    cpu: { requestMilli: 2000, limitCores: 4, podLimitCores: 4, meanCores: 2.2, throttledRatio: 0.004 },
    memory: { limitBytes: 1024 * MIB, otherAnonBytes: 5 * MIB, fileBytes: 40 * MIB },
    executable: '/usr/local/bin/search',
    arguments: ['--index=/var/lib/search'],
    environment: ['GOMEMLIMIT=900MiB'],
    threads: 23,
    go: {
      ...steadyHeap,
      version: 'go1.26.4',
      module: 'example.com/shop/search',
      defaultGodebug: 'containermaxprocs=0,decoratemappings=0,updatemaxprocs=0',
      gomaxprocs: 16,
      gomemlimit: 900 * MIB,
      serves: { metrics: '1.20' },
    },
  },
  {
    // Raises GomaxprocsMissesAncestorLimit: the runtime looks at the leaf only.
    name: 'ledger',
    place: pod('payments', 'ledger-0'),
    expects: ['GomaxprocsMissesAncestorLimit'],
    story: 'The limit of 2 cores sits on the pod, and Go 1.26 looks at the container only.',
    podAgeSeconds: 86_400,
    cpu: { requestMilli: 500, podLimitCores: 2, meanCores: 1.3, throttledRatio: 0.12 },
    memory: { limitBytes: 1024 * MIB, otherAnonBytes: 5 * MIB, fileBytes: 64 * MIB },
    executable: '/usr/local/bin/ledger',
    arguments: ['serve'],
    environment: ['GOMEMLIMIT=900MiB'],
    threads: 25,
    go: {
      ...steadyHeap,
      version: 'go1.26.4',
      module: 'example.com/payments/ledger',
      gomaxprocs: 16,
      gomemlimit: 900 * MIB,
      serves: { metrics: '1.20', pprof: true },
    },
  },
  {
    // Healthy twin of ledger and of invoices: limits on the container, GOMEMLIMIT at 90 % of the memory limit.
    name: 'accounts',
    place: pod('payments', 'accounts-0'),
    expects: [],
    story: 'The healthy twin of ledger and invoices: the container has its own limits and the runtime knows both.',
    podAgeSeconds: 86_300,
    cpu: { requestMilli: 500, limitCores: 2, podLimitCores: 2, meanCores: 0.7, throttledRatio: 0.001 },
    memory: { limitBytes: 512 * MIB, otherAnonBytes: 5 * MIB, fileBytes: 14 * MIB },
    executable: '/usr/local/bin/accounts',
    arguments: ['serve'],
    environment: ['GOMEMLIMIT=460MiB'],
    threads: 8,
    go: {
      ...steadyHeap,
      version: 'go1.26.4',
      module: 'example.com/payments/accounts',
      gomaxprocs: 2,
      gomemlimit: 460 * MIB,
      // Only the pprof handlers are linked: figures come from the heap profile's text.
      serves: { pprof: true },
    },
  },
];
