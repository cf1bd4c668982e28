import { humanBytes, kubernetesBytes, round } from './quantity.ts';
import type { ContainerContext, Evidence, Remedy, Rule, Verdict } from './types.ts';
import { clear, unknown } from './verdict.ts';

/** Pages a second that come back: fewer are odd pages of the executable's start, not a heap. */
const LEAST_REFAULTS = 10;

/** Waiting for memory that anybody notices; less is swap that costs nothing. */
const LEAST_STALLED_RATIO = 0.01;

function remedyFor({ container }: ContainerContext): Remedy {
  const { kind } = container.identity;
  const { maxBytes } = container.memory;
  const why = 'Each collection reads the whole live heap, so what is swapped of it comes back each time.';
  if (kind === 'kubernetes') {
    const exact = typeof maxBytes === 'number';
    return {
      text: `${why} Kubernetes gives swap only to containers whose memory request is below their limit (LimitedSwap)${exact ? `: set the memory request to the limit, ${kubernetesBytes(maxBytes)}` : ': set a memory limit, and the request to it'}; or run the kubelet with NoSwap.`,
      ...(exact ? { patch: { kind: 'resources', set: { 'requests.memory': kubernetesBytes(maxBytes) } } } : {}),
    };
  }
  const how =
    kind === 'systemd'
      ? 'Set MemorySwapMax=0 in the unit'
      : kind === 'docker' || kind === 'podman'
        ? 'Start the container with --memory-swap equal to --memory'
        : 'Write 0 to memory.swap.max';
  return { text: `${why} ${how}, or give the container the memory it lacks.` };
}

function detect(context: ContainerContext): Verdict {
  const { container, processes, node, thresholds } = context;
  if (processes.length === 0) {
    return container.unseenProcesses > 0
      ? unknown(`executables of ${container.unseenProcesses} processes, to know whether one is a Go program`)
      : clear('no Go process in this container');
  }
  const { swapCurrentBytes: swapped, swapMaxBytes, anonRefaultsPerSecond: refaults } = container.memory;
  if (node.swapTotalBytes === 0) return clear('the node has no swap');
  if (swapMaxBytes === 0 && swapped === 0) return clear('the container may not swap');
  if (swapped === undefined) return unknown('memory.swap.current of the container');
  const evidence: Evidence[] = [
    { signal: 'memory in swap', value: swapped, unit: 'bytes', source: 'memory.swap.current' },
  ];
  if (swapped === 0) return clear('nothing of the container is in swap', evidence);
  if (refaults === undefined) return unknown('two samples of memory.stat workingset_refault_anon');
  evidence.push({
    signal: 'pages read back from swap per second',
    value: refaults,
    unit: 'count',
    bound: LEAST_REFAULTS,
    source: 'memory.stat workingset_refault_anon',
  });
  if (refaults < LEAST_REFAULTS)
    return clear(`${humanBytes(swapped)} are in swap, and little comes back: they are not of the live heap`, evidence);
  const full = container.pressure.memory?.full?.stalledRatio;
  const stopped = full !== undefined && full >= thresholds.memoryPressure.criticalFullRatio;
  if (full !== undefined)
    evidence.push({
      signal: 'time all tasks waited for memory',
      value: full,
      unit: 'ratio',
      bound: thresholds.memoryPressure.criticalFullRatio,
      source: 'memory.pressure full',
    });
  const some = container.pressure.memory?.some?.stalledRatio;
  const waits = some !== undefined && some >= LEAST_STALLED_RATIO;
  if (some !== undefined)
    evidence.push({
      signal: 'time some task waited for memory',
      value: some,
      unit: 'ratio',
      bound: LEAST_STALLED_RATIO,
      source: 'memory.pressure some',
    });
  return {
    outcome: 'holds',
    severity: stopped ? 'critical' : waits ? 'warning' : 'info',
    summary: `${humanBytes(swapped)} of the container are in swap and ${round(refaults, 0)} pages per second come back; a collection reads all that is live, so it brings them back`,
    evidence,
    remedy: remedyFor(context),
  };
}

/** Swap of a Go program that comes back (memory.stat workingset_refault_anon, cgroup-v2.rst); a mark phase reads all that is live (mgcmark.go). */
export const swapUnderGc: Rule = {
  id: 'SwapUnderGc',
  title: 'The heap is in swap and each collection reads it back',
  subject: 'container',
  forSeconds: 30,
  detect,
  about: {
    meaning:
      'A collection reads every live object. What the kernel has put into swap of a live heap must come back for it, one page at a time, and something else goes out instead. Collections take seconds, and with them everything that waits for the collector.',
    firesWhen:
      'The container has memory in swap and ten or more pages per second come back from it; for half a minute.',
    severity:
      'info; warning when some task waited for memory for 1 % of the window; critical when all tasks waited for memory for `thresholds.memoryPressure.criticalFullRatio` (5 %) of the window.',
    change:
      'Keep the container out of swap: a memory request equal to the limit in Kubernetes, MemorySwapMax=0 in systemd, --memory-swap equal to --memory in Docker and Podman. Then give it the memory it needs.',
    silentWhen: 'The node has no swap, nothing is in it, or what is in it stays there.',
    unknownWhen: 'memory.swap.current is not there though the node has swap, or there is only one sample.',
    sources: [
      'Documentation/admin-guide/cgroup-v2.rst, memory.swap.* and workingset_refault_anon (Linux 6.12)',
      'KEP-2400 (node swap)',
      'runtime/mgcmark.go',
    ],
  },
};
