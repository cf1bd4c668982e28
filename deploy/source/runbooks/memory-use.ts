import type { RuleId } from '../../../src/rules/types.ts';
import { setGodebug } from './godebug.ts';
import { limitAndGomemlimitInTemplate, resize } from './resize.ts';
import type { Runbook, Step } from './types.ts';

const heapProfile: Step = {
  say: 'What holds the heap, by the place that allocated it. On the node, with the pid of the finding:',
  sh: 'cgopher go PID --heap',
};
const memoryStalls: Step = {
  say: 'Time lost waiting for memory: some task, and all of them (`extent`).',
  promql: 'container:cgopher_container_pressure_stalled_seconds:rate5m{SUBJECT,resource="memory"}',
};

/** Where memory goes, and what it costs to keep it within bounds. */
export const memoryUse = {
  GcDeathSpiral: {
    impact:
      'The program slows down by half or more while its CPU use goes up, so autoscalers add CPU or replicas that do not help. When the limiter is on, memory goes past GOMEMLIMIT and the kernel’s kill is next.',
    diagnosis: [
      {
        say: 'Share of the CPU time spent on collecting. Above a quarter one collection follows the other.',
        promql: 'container:cgopher_go_gc_cpu_per_process_cpu:ratio_rate5m{SUBJECT}',
      },
      {
        say: 'Room between live heap and goal. Below a tenth there is none.',
        promql: 'cgopher_go_heap_goal_bytes{SUBJECT} / cgopher_go_heap_live_bytes{SUBJECT} - 1',
      },
      {
        say: 'Is the limiter on? 1: it is, and memory goes past GOMEMLIMIT.',
        promql: 'cgopher_go_gc_limiter_active{SUBJECT}',
      },
      {
        say: 'Did the live heap grow over the day (a cache, a leak), or was GOMEMLIMIT lowered?',
        promql: ['cgopher_go_heap_live_bytes{SUBJECT}', 'cgopher_go_gomemlimit_bytes{SUBJECT}'],
      },
    ],
    mitigation: [
      resize(
        'memory',
        'Raise the memory limit in place (Kubernetes 1.33 or newer). It makes room for a larger GOMEMLIMIT; it does not end the spiral by itself.',
      ),
      limitAndGomemlimitInTemplate(
        'Then raise GOMEMLIMIT to the value in the finding; the program reads it at its start. Never lower it here.',
      ),
      {
        say: 'A restart empties caches and buys time, when what it holds is not needed at once.',
        sh: 'kubectl -n NAMESPACE rollout restart deployment/WORKLOAD',
      },
      heapProfile,
    ],
  },
  NonGoMemory: {
    impact:
      'None by itself. When it grows, the container is killed although its heap profile is flat and GOMEMLIMIT is set: the usual places to look show nothing.',
    diagnosis: [
      {
        say: 'Its size, and its growth in bytes per hour.',
        promql: [
          'cgopher_go_unmanaged_memory_bytes{SUBJECT}',
          'deriv(cgopher_go_unmanaged_memory_bytes{SUBJECT}[1h]) * 3600',
        ],
      },
      {
        say: 'Files in tmpfs and shared memory are counted as file: does that grow instead?',
        promql: 'cgopher_container_memory_file_bytes{SUBJECT}',
      },
      {
        say: 'Mappings of the process by size. Large anonymous ones outside of Go’s arenas are cgo or mmap. On the node:',
        sh: `awk '/^[0-9a-f]+-/ {name=$0} /^Rss:/ {print $2, name}' /proc/PID/smaps | sort -rn | head -20`,
      },
      { say: 'Other processes in the container (a shell, a helper).', sh: 'cat /sys/fs/cgroup/CGROUP/cgroup.procs' },
    ],
    mitigation: [
      {
        say: 'Take its amount off GOMEMLIMIT, as the finding says, so that both fit below the limit.',
        sh: 'kubectl -n NAMESPACE set env deployment/WORKLOAD -c CONTAINER GOMEMLIMIT=VALUE',
      },
      {
        say: 'C libraries that allocate from many threads: `MALLOC_ARENA_MAX=2` keeps glibc from making an arena for each.',
        sh: 'kubectl -n NAMESPACE set env deployment/WORKLOAD -c CONTAINER MALLOC_ARENA_MAX=2',
      },
      { say: 'An `emptyDir` with `medium: Memory` counts here: give it a `sizeLimit`, or let it be on disk.' },
      {
        say: 'When it grows: a leak in C code or a mapping that is never undone. Restart before the limit is reached, and give the team the mappings.',
        sh: 'kubectl -n NAMESPACE rollout restart deployment/WORKLOAD',
      },
    ],
  },
  RuntimeRetainsFreedMemory: {
    impact:
      'The container counts as large as at its peak: autoscalers scale for it, the kubelet may evict it on a node that runs short, and people look for a leak that is not there.',
    diagnosis: [
      {
        say: 'Kept and not returned to the kernel.',
        promql: 'cgopher_go_heap_idle_bytes{SUBJECT} - cgopher_go_heap_released_bytes{SUBJECT}',
      },
      {
        say: 'In use against the goal: with a goal above both, the memory is needed for the next collection.',
        promql: ['cgopher_go_heap_inuse_bytes{SUBJECT}', 'cgopher_go_heap_goal_bytes{SUBJECT}'],
      },
      {
        say: 'Does the peak come again (a batch, a backup)? A day of the live heap.',
        promql: 'max_over_time(cgopher_go_heap_live_bytes{SUBJECT}[1d])',
      },
    ],
    mitigation: [
      { say: 'When the peak comes again: nothing. The memory will be needed.' },
      {
        say: 'Else set the GOMEMLIMIT that the finding names: near it the runtime gives memory back eagerly.',
        sh: 'kubectl -n NAMESPACE set env deployment/WORKLOAD -c CONTAINER GOMEMLIMIT=VALUE',
      },
      {
        say: 'For good: call `debug.FreeOSMemory` once after the work that makes the peak. Not in a loop: each call is a whole collection.',
      },
    ],
  },
  StackMemory: {
    impact:
      'Memory that no heap profile shows and no collection frees. Collections get longer, because each stack is scanned. It counts for the heap goal, so the heap may grow with it.',
    diagnosis: [
      {
        say: 'Bytes of stack per goroutine. 2 to 8 KiB: too many goroutines. Far more: deep recursion or large values on the stack.',
        promql:
          'sum by (pod, container) (cgopher_go_stack_inuse_bytes{SUBJECT}) / sum by (pod, container) (cgopher_go_goroutines{SUBJECT})',
      },
      { say: 'How many, and since when.', promql: 'container:cgopher_go_goroutines:sum{SUBJECT}' },
      {
        say: 'Which goroutines, by place. On the node, with the pid of the finding:',
        sh: 'cgopher go PID --goroutines',
      },
    ],
    mitigation: [
      {
        say: 'Many small stacks: bound the work. A pool or a semaphore in front of the place with most goroutines, a deadline on what they wait for.',
      },
      { say: 'Few deep ones: less recursion; large arrays on the heap instead of the stack.' },
      {
        say: 'Until then: fewer connections per replica, or a larger memory limit.',
        sh: 'kubectl -n NAMESPACE scale deployment/WORKLOAD --replicas=COUNT',
      },
    ],
  },
  MemoryPressure: {
    impact:
      'Latency now, a kill or a hang later. While every task waits (`full`) nothing is done at all. On a shared disk the reading back slows down neighbours too.',
    diagnosis: [
      memoryStalls,
      {
        say: 'Which bound was met: `high` is memory.high, `max` the limit. Neither rises: memory ran short above, at the pod or the node.',
        promql: 'rate(cgopher_container_memory_events_total{SUBJECT,event=~"high|max"}[5m])',
      },
      {
        say: 'Heap or files: what fills the memory.',
        promql: [
          'cgopher_container_memory_anon_bytes{SUBJECT}',
          'cgopher_container_memory_file_bytes{SUBJECT}',
          'cgopher_container_memory_effective_max_bytes{SUBJECT}',
        ],
      },
      {
        say: 'Reading back from disk, faults per second; and swap in use.',
        promql: [
          'rate(cgopher_container_memory_major_page_faults_total{SUBJECT}[5m])',
          'cgopher_container_memory_swap_current_bytes{SUBJECT}',
        ],
      },
    ],
    mitigation: [
      resize('memory', 'The limit (`max`), filled by the heap: raise it in place (Kubernetes 1.33 or newer).'),
      limitAndGomemlimitInTemplate('Then the GOMEMLIMIT of the finding.'),
      {
        say: 'The limit, filled by files: the program reads more than fits beside its heap. Raise the limit, or lower GOMEMLIMIT to leave room for them.',
      },
      {
        say: 'memory.high: as in the runbook of [CgopherGomemlimitAboveMemoryHigh](CgopherGomemlimitAboveMemoryHigh.md). Swap: that of [CgopherSwapUnderGc](CgopherSwapUnderGc.md).',
      },
      {
        say: 'The node: move pods away, and give this one a memory request near what it works with.',
        sh: 'kubectl cordon NODE && kubectl -n NAMESPACE set resources deployment/WORKLOAD -c CONTAINER --requests=memory=VALUE',
      },
    ],
  },
  SwapUnderGc: {
    impact:
      'Collections take seconds instead of milliseconds, and allocations wait for them. Latency is up by orders of magnitude at regular times; the swap device is busy, which other swapping containers feel.',
    diagnosis: [
      {
        say: 'Bytes in swap, and faults per second that wait for the disk.',
        promql: [
          'cgopher_container_memory_swap_current_bytes{SUBJECT}',
          'rate(cgopher_container_memory_major_page_faults_total{SUBJECT}[5m])',
        ],
      },
      memoryStalls,
      {
        say: 'Is the node short of memory, or only this container?',
        promql: 'cgopher_node_memory_available_bytes{node="NODE"} / cgopher_node_memory_total_bytes{node="NODE"}',
      },
    ],
    mitigation: [
      {
        say: 'In Kubernetes a container whose memory request equals its limit may not swap. Set both, and let it restart.',
        sh: 'kubectl -n NAMESPACE set resources deployment/WORKLOAD -c CONTAINER --requests=memory=VALUE --limits=memory=VALUE',
      },
      { say: 'A unit, at once:', sh: 'systemctl set-property UNIT MemorySwapMax=0' },
      { say: 'Docker and Podman: `--memory-swap` equal to `--memory`.' },
      { say: 'Give it the memory it needs first: what was in swap has to fit when it comes back, else it is killed.' },
    ],
  },
  ThpInflatesRss: {
    impact:
      'The container grows by memory nobody uses, up to its limit. It looks like a leak outside Go; kills come although the heap is small.',
    diagnosis: [
      {
        say: 'What the runtime has against what the kernel charges.',
        promql: ['cgopher_go_managed_memory_bytes{SUBJECT}', 'cgopher_container_memory_anon_bytes{SUBJECT}'],
      },
      {
        say: 'Huge pages of the container. On the node, with the cgroup path of the finding:',
        sh: 'grep -E "^anon(_thp)? " /sys/fs/cgroup/CGROUP/memory.stat',
      },
      {
        say: 'The node’s settings.',
        sh: 'cat /sys/kernel/mm/transparent_hugepage/enabled /sys/kernel/mm/transparent_hugepage/khugepaged/max_ptes_none',
      },
    ],
    mitigation: [
      ...setGodebug('disablethp=1', 'For this program (Go 1.21.6 or newer; it restarts).'),
      {
        say: 'For the whole node, at once and without restarts: huge pages are then made only of full ranges. Memory that is already inflated stays until it is freed.',
        sh: 'echo 0 > /sys/kernel/mm/transparent_hugepage/khugepaged/max_ptes_none',
      },
      {
        say: 'For good: that value in the node image, or `transparent_hugepage=madvise` on the kernel’s command line.',
      },
    ],
  },
} as const satisfies Partial<Record<RuleId, Runbook>>;
