import type { GcRoom } from './gc-room.ts';
import { gcCpuWithRoom, roomForGcCpu } from './gc-room.ts';
import { memoryLimit, outsideGo } from './memory-inputs.ts';
import { goBytes, humanBytes, kubernetesBytes, percent } from './quantity.ts';
import type { ProcessContext, Remedy } from './types.ts';

const MIB = 1 << 20;
/** What collecting should take in the end: well below the bound, so that a little growth does not bring the finding back. */
const WANTED_GC_CPU = 0.1;
/** And at least the room of GOGC=25. */
const LEAST_GROWTH = 0.25;
/** Room as of GOGC=50, where what collecting takes now cannot be scaled. */
const USUAL_GROWTH = 0.5;
/** The runtime keeps the goal 3 % below what GOMEMLIMIT leaves for the heap (mgcpacer.go, memoryLimitHeapGoalHeadroomPercent, Go 1.21). */
const GOAL_SHARE = 0.97;

/** Room that makes collecting cheap, but never more than GOGC would use. */
function wantedRoom({ process }: ProcessContext, room: GcRoom, cpuRatio: number | undefined): number {
  const roots = room.liveBytes + (process.runtime.stackInuseBytes?.value ?? 0);
  const wanted =
    cpuRatio === undefined
      ? USUAL_GROWTH * roots
      : Math.max(roomForGcCpu(cpuRatio, room, WANTED_GC_CPU), LEAST_GROWTH * roots);
  const gogc = process.settings.gogc?.value;
  const most = typeof gogc === 'number' && gogc > 100 * LEAST_GROWTH ? (roots * gogc) / 100 : Math.max(wanted, roots);
  return Math.min(wanted, most);
}

/** Stacks, metadata, and what the heap's own spans waste: memory beside live objects that counts for GOMEMLIMIT. */
function beside({ process }: ProcessContext): number {
  const { nonHeapBytes, heapInuseBytes, heapAllocBytes } = process.runtime;
  const wasted =
    heapInuseBytes === undefined || heapAllocBytes === undefined
      ? 0
      : Math.max(0, heapInuseBytes.value - heapAllocBytes.value);
  return (nonHeapBytes?.value ?? 0) + wasted;
}

/**
 * GOMEMLIMIT with room to collect; when the memory limit has none for it, that limit first. `cpuRatio` undefined: what collecting takes
 * now cannot be scaled to another room.
 */
export function gcSpiralRemedy(context: ProcessContext, room: GcRoom, cpuRatio: number | undefined): Remedy {
  const { process, thresholds } = context;
  const roomBytes = wantedRoom(context, room, cpuRatio);
  const other = beside(context);
  const value = Math.ceil(((room.liveBytes + roomBytes) / GOAL_SHARE + other) / MIB) * MIB;
  const sum = `${humanBytes(room.liveBytes)} live, ${humanBytes(roomBytes)} to allocate, ${humanBytes(other)} beside`;
  const cost =
    cpuRatio === undefined
      ? 'Then look again what collecting takes: what it takes now, without room, does not tell.'
      : `Collecting should then take about ${percent(gcCpuWithRoom(cpuRatio, room, roomBytes))} of the CPU time.`;
  const then = `${cost} If the live heap only grows, find what holds it: no limit will do for long.`;
  const basis = memoryLimit(process);
  if ('verdict' in basis) {
    const free = basis.verdict.outcome === 'clear';
    return {
      text: `Set GOMEMLIMIT=${goBytes(value)} (${sum})${free ? '' : ', if the memory limit, which is not known, is above that'}. ${then}`,
      ...(free ? { patch: { kind: 'env', set: { GOMEMLIMIT: goBytes(value) } } } : {}),
    };
  }
  const measured = outsideGo(context);
  const outside = 'missing' in measured ? 0 : measured.bytes;
  const unsure = 'missing' in measured ? ' Memory outside Go is not known: add it if there is any.' : '';
  const limit = Math.ceil((value + outside) / (1 - thresholds.memory.headroomRatio) / MIB) * MIB;
  if (limit <= basis.limitBytes) {
    return {
      text: `Set GOMEMLIMIT=${goBytes(value)} (${sum}); the memory limit of ${humanBytes(basis.limitBytes)} has room for it. ${then}${unsure}`,
      patch: { kind: 'env', set: { GOMEMLIMIT: goBytes(value) } },
    };
  }
  const level = process.effective.memoryMaxBytes?.level ?? 'container';
  const own = level === 'container' || level === 'sub-container';
  return {
    text: `Raise the memory limit of the ${own ? 'container' : level} from ${humanBytes(basis.limitBytes)} to ${kubernetesBytes(limit)} (${sum}, ${humanBytes(outside)} outside Go, headroom), or make the program hold less. Then set GOMEMLIMIT=${goBytes(value)}. ${then}${unsure}`,
    ...(own ? { patch: { kind: 'resources', set: { 'limits.memory': kubernetesBytes(limit) } } } : {}),
  };
}
