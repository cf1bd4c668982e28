import { humanBytes, percent, round } from './quantity.ts';
import { containerName } from './subjects.ts';
import type { ContainerContext, Evidence } from './types.ts';

/** One reason for which memory is short, and what to do about it. */
export interface PressureCause {
  readonly what: string;
  readonly change: string;
}

/** Causes that the figures show, the nearest first, and those figures. None when nothing explains it. */
export interface PressureCauses {
  readonly causes: readonly PressureCause[];
  readonly evidence: readonly Evidence[];
}

/** Of the memory limit: with less page cache than that, reclaim has little to find but the heap. */
const LITTLE_CACHE = 0.1;
/** Less than that available is a node that reclaims. */
const NODE_SHORT = 0.1;
/** Pages a second below which coming back is no thrashing. */
const FEW_REFAULTS = 1;

function count(signal: string, value: number | undefined, source: string): Evidence[] {
  return value === undefined ? [] : [{ signal, value, unit: 'count', source }];
}

/** The container whose memory grew fastest in the window, other than this one. */
function fastest({ container, neighbours }: ContainerContext): string | undefined {
  let name: string | undefined;
  let most = 0;
  for (const other of neighbours) {
    const growth = other.memory.currentGrowthBytesPerSecond;
    if (other.key === container.key || growth === undefined || growth <= most) continue;
    most = growth;
    name = `${containerName(other) ?? other.cgroupPath} (${humanBytes(growth)} per second)`;
  }
  return name;
}

function fromAbove(context: ContainerContext): PressureCause[] {
  const { container, node } = context;
  const limit = container.effective.memoryMaxBytes;
  if (limit?.level === 'pod')
    return [
      {
        what: `the container reached no limit of its own, so the limit of its pod (${limit.limit === 'max' ? 'none' : humanBytes(limit.limit)}) or of a level above is what is short`,
        change:
          'Compare what the containers of the pod hold with the limit of the pod, and raise it or give each its own.',
      },
    ];
  const { memoryAvailableBytes: available, memoryTotalBytes: total } = node;
  if (available === undefined || total === undefined || available >= NODE_SHORT * total) return [];
  const grower = fastest(context);
  return [
    {
      what:
        `the node is short of memory (${percent(available / total)} available), and the kernel takes it from this container too` +
        (grower === undefined ? '' : `; ${grower} grew fastest`),
      change:
        'Give the pod a memory request near what it uses, so that others are evicted and killed first, and look at who filled the node.',
    },
  ];
}

function atOwnLimit({ container }: ContainerContext): PressureCause {
  const { fileBytes, shmemBytes, maxBytes, fileRefaultsPerSecond, anonGrowthBytesPerSecond: growth } = container.memory;
  const cache = fileBytes === undefined ? undefined : Math.max(0, fileBytes - (shmemBytes ?? 0));
  const thrashes = fileRefaultsPerSecond !== undefined && fileRefaultsPerSecond >= FEW_REFAULTS;
  const some = typeof maxBytes === 'number' && cache !== undefined && cache >= LITTLE_CACHE * maxBytes;
  if (thrashes && some)
    return {
      what: `the memory limit is full, and ${humanBytes(cache)} of page cache are read, dropped and read again`,
      change:
        'Raise the memory limit by what the files read again and again need, or read less of them: the heap is not the cause.',
    };
  return {
    what:
      'the memory limit is full of memory that cannot be dropped' +
      (thrashes ? ', so that even the program’s own pages are read from disk again' : '') +
      (growth !== undefined && growth > 0 ? `, and it grows by ${humanBytes(growth)} per second` : ''),
    change:
      'Set GOMEMLIMIT 10 % below the memory limit less the memory outside Go, so that the collector acts first; if the live heap does not fit, raise the limit. A kill is near.',
  };
}

/** Takes memory pressure apart. `high` and `max` are counted where the limit is set and above, so none here means reclaim from further up. */
export function pressureCauses(context: ContainerContext): PressureCauses {
  const { container } = context;
  const { eventsInWindow: events, fileRefaultsPerSecond, anonRefaultsPerSecond, highBytes } = container.memory;
  const evidence: Evidence[] = [
    ...count('times memory.high was passed', events?.high, 'memory.events high in the window'),
    ...count('times the memory limit was reached', events?.max, 'memory.events max in the window'),
    ...count('pages of files read again per second', fileRefaultsPerSecond, 'memory.stat workingset_refault_file'),
    ...count('pages read back from swap per second', anonRefaultsPerSecond, 'memory.stat workingset_refault_anon'),
  ];
  const causes: PressureCause[] = [];
  if ((events?.high ?? 0) > 0)
    causes.push({
      what: `memory.high${typeof highBytes === 'number' ? ` of ${humanBytes(highBytes)}` : ''} was passed ${events?.high} times, and the kernel throttles there`,
      change: 'Raise memory.high, or set GOMEMLIMIT below it (GomemlimitAboveMemoryHigh gives the value).',
    });
  if ((events?.max ?? 0) > 0) causes.push(atOwnLimit(context));
  if ((anonRefaultsPerSecond ?? 0) >= FEW_REFAULTS)
    causes.push({
      what: `${round(anonRefaultsPerSecond ?? 0, 0)} pages per second come back from swap`,
      change: 'A Go heap in swap is read back whole by each collection: keep this container out of swap.',
    });
  if (events?.high === 0 && events.max === 0) causes.push(...fromAbove(context));
  return { causes, evidence };
}
