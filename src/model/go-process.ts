import type { Instant } from '../base/clock.ts';
import type { Known } from '../base/known.ts';
import type { Limit } from '../base/limit.ts';
import { processKey } from '../base/process-key.ts';
import { expectedGomaxprocs } from '../go/gomaxprocs-rule.ts';
import type { BuildInfo } from '../go/types.ts';
import type { GoSample, NodeSample } from '../sample/types.ts';
import { memoryAttribution } from './attribution.ts';
import type { GoProcessModel, InitModel } from './go-process-types.ts';
import { goRuntime } from './go-runtime.ts';
import { goSettings } from './go-settings.ts';
import type { ExpectedGomaxprocs } from './go-settings-types.ts';
import type { EffectiveLimit } from './limit-types.ts';
import { effectiveLimits, ownCpuLimit, type Tree } from './limits.ts';
import { counterDelta, perSecond } from './rate.ts';
import { ageSeconds } from './runtime-sources.ts';

/** USER_HZ: 100 on every Linux ABI that Go and Node run on (proc_pid_stat(5)). */
const TICKS_PER_SECOND = 100;

const MISSING_INPUT = {
  environment: 'environment of the process (needs SYS_PTRACE and DAC_READ_SEARCH)',
  affinity: 'CPU affinity of the process',
  'cpu-limit': 'cpu.max of the process’s own cgroup',
} as const;

function programName(build: BuildInfo, comm: string): string {
  const path = build.path ?? build.main?.path;
  if (path === undefined || path === 'command-line-arguments') return comm;
  const parts = path.split('/');
  const last = parts.at(-1) ?? comm;
  // `example.com/tool/v2` is called tool.
  return /^v\d+$/.test(last) ? (parts.at(-2) ?? last) : last;
}

/** automemlimit reads the cgroup it can see: a pod's limit is outside a container's cgroup namespace. */
function visibleMemoryLimit(effective: EffectiveLimit | undefined): Limit | undefined {
  switch (effective?.level) {
    case 'container':
    case 'sub-container':
    case 'unit':
      return effective.limit;
    default:
      return undefined;
  }
}

function openFilesOf({ openFiles, endpoint }: GoSample, at: Instant): Known<number> | undefined {
  if (openFiles !== undefined) return { value: openFiles, from: 'kernel', detail: 'size of /proc/PID/fd' };
  const told = endpoint?.metrics?.value.processOpenFds;
  if (endpoint?.metrics === undefined || told === undefined) return undefined;
  return { value: told, from: 'endpoint', detail: 'process_open_fds', ageSeconds: ageSeconds(endpoint.metrics.at, at) };
}

/** Signal 15 in the masks of /proc/PID/status, where signal 1 is the lowest bit. */
const SIGTERM = 1n << 14n;

function initModel({ init }: GoSample): InitModel | undefined {
  if (init === undefined) return undefined;
  const { pid, name, sigCgt, sigBlk } = init;
  // A blocked signal is waited for: tini and dumb-init take theirs with sigwait.
  const handlesSigterm =
    sigCgt === undefined || sigBlk === undefined ? undefined : ((sigCgt | sigBlk) & SIGTERM) !== 0n;
  return { pid, name: name ?? '?', handlesSigterm };
}

/** One Go process. `previous` is the same process (same pid and start time) or undefined. */
export function goProcessModel(
  sample: NodeSample,
  go: GoSample,
  previous: { go: GoSample; at: Instant } | undefined,
  tree: Tree,
  containerKey: string | undefined,
): GoProcessModel {
  const leaf = tree.sample(go.cgroupPath);
  const effective = effectiveLimits(go.cgroupPath, tree);
  // The runtime takes a cgroup without cpu.max for one without a limit (internal/runtime/cgroup, Go 1.25).
  const leafCpuLimitCores = leaf === undefined ? undefined : ownCpuLimit(leaf, tree);
  const affinityCpus = go.status?.cpusAllowed?.length;
  const rule = expectedGomaxprocs({
    goVersion: go.build.goVersion,
    environment: go.environment,
    defaultGodebug: go.build.defaultGodebug,
    modules: go.build.deps,
    affinityCpus,
    leafCpuLimitCores,
  });
  const expected: ExpectedGomaxprocs = { ...rule, missing: rule.missing.map((input) => MISSING_INPUT[input]) };
  const settings = goSettings(go, expected, visibleMemoryLimit(effective.memoryMaxBytes), sample.at);
  const runtime = goRuntime(go, settings, sample.at);
  const cpuSecondsTotal = (go.stat.utimeTicks + go.stat.stimeTicks) / TICKS_PER_SECOND;
  const windowSeconds = previous === undefined ? undefined : (sample.at.monotonicMs - previous.at.monotonicMs) / 1000;
  const ticksBefore = previous === undefined ? undefined : previous.go.stat.utimeTicks + previous.go.stat.stimeTicks;
  const ticks = counterDelta(ticksBefore, go.stat.utimeTicks + go.stat.stimeTicks);
  const openFiles = go.limits?.openFiles?.soft;
  const cgo = go.build.settings.get('CGO_ENABLED');
  const uptime = sample.facts.uptimeSeconds;
  return {
    key: processKey(go),
    pid: go.pid,
    containerKey,
    cgroupPath: go.cgroupPath,
    name: programName(go.build, go.stat.comm),
    goVersion: go.build.goVersion.text,
    goMinor: go.build.goVersion.minor,
    mainPath: go.build.path,
    mainModule: go.build.main?.path,
    mainVersion: go.build.main?.version,
    cgoEnabled: cgo === undefined ? undefined : cgo === '1',
    uptimeSeconds: uptime === undefined ? undefined : Math.max(0, uptime - go.startTimeTicks / TICKS_PER_SECOND),
    settings,
    expectedGomaxprocs: expected,
    runtime,
    threads: go.stat.numThreads,
    rssBytes: go.status?.vmRss,
    rssAnonBytes: go.status?.rssAnon,
    cpuSecondsTotal,
    usageCores: perSecond(ticks === undefined ? undefined : ticks / TICKS_PER_SECOND, windowSeconds),
    affinityCpus,
    openFilesLimit: openFiles === 'unlimited' ? undefined : openFiles,
    openFiles: openFilesOf(go, sample.at),
    init: initModel(go),
    effective,
    leafCpuLimitCores,
    attribution: memoryAttribution(go, effective.memoryMaxBytes, tree),
    endpoint: go.endpoint?.address,
    endpointDetail: go.endpointDetail,
    pprof: {
      linked: go.handlers?.pprof,
      answersAt: go.endpoint?.index === undefined ? undefined : go.endpoint.address,
      listen: go.endpoint?.index === undefined ? undefined : go.endpoint.listen,
      beyondLoopback: go.endpoint?.index === undefined ? undefined : go.endpoint.beyondLoopback,
    },
    memorySource: { state: go.memory.state, detail: go.memory.detail },
  };
}
