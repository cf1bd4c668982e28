import type { GcRoom } from './gc-room.ts';
import { gcCpuWithRoom, roomForGcCpu } from './gc-room.ts';
import { memoryLimit, outsideGo } from './memory-inputs.ts';
import { goBytes, humanBytes, kubernetesBytes, percent } from './quantity.ts';
import type { ProcessContext, Remedy } from './types.ts';
import { predictChange, shareText } from './what-if/expectation.ts';

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
function wantedRoom(context: ProcessContext, room: GcRoom, cpuRatio: number | undefined): number {
  const { process } = context;
  const roots = room.liveBytes + (process.runtime.stackInuseBytes?.value ?? 0);
  const wanted =
    cpuRatio === undefined
      ? USUAL_GROWTH * roots
      : Math.max(roomForGcCpu(cpuRatio, room, WANTED_GC_CPU), LEAST_GROWTH * roots);
  return Math.min(wanted, gogcRoom(context, roots) ?? Math.max(wanted, roots));
}

const STEP = 1.1;

/** The room at which the prediction comes down to what is wanted, from the least on; undefined where there is no prediction. */
function predictedRoom(context: ProcessContext, room: GcRoom): number | undefined {
  const { process } = context;
  const roots = room.liveBytes + (process.runtime.stackInuseBytes?.value ?? 0);
  const most = gogcRoom(context, roots) ?? 2 * roots;
  for (let roomBytes = LEAST_GROWTH * roots; ; roomBytes *= STEP) {
    const tried = Math.min(roomBytes, most);
    const predicted = predictChange(process, { gomemlimit: limitFor(context, room, tried) });
    if (predicted === undefined || predicted.bound === 'not told') return undefined;
    if (tried === most || (predicted.bound === 'about' && predicted.cpuRatio <= WANTED_GC_CPU)) return tried;
  }
}

/** Room GOGC would use; undefined where it is off, or so low that it would leave hardly any. */
function gogcRoom({ process }: ProcessContext, roots: number): number | undefined {
  const gogc = process.settings.gogc?.value;
  return typeof gogc === 'number' && gogc > 100 * LEAST_GROWTH ? (roots * gogc) / 100 : undefined;
}

function limitFor(context: ProcessContext, room: GcRoom, roomBytes: number): number {
  return Math.ceil(((room.liveBytes + roomBytes) / GOAL_SHARE + beside(context)) / MIB) * MIB;
}

/** What to expect: predicted from the window, else scaled from the share of today, else nothing. */
function costText({ process }: ProcessContext, room: GcRoom, value: number, roomBytes: number, ratio?: number): string {
  const predicted = predictChange(process, { gomemlimit: value });
  const today = process.runtime.gcCpuRatio?.value;
  if (predicted !== undefined && predicted.bound !== 'not told')
    return `Expect collecting to take ${shareText(predicted)} of the CPU used then${today === undefined ? '' : `, today ${percent(today)}`}.`;
  return ratio === undefined
    ? 'Then look again what collecting takes: what it takes now, without room, does not tell.'
    : `Collecting should then take about ${percent(gcCpuWithRoom(ratio, room, roomBytes))} of the CPU time.`;
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
  const roomBytes = predictedRoom(context, room) ?? wantedRoom(context, room, cpuRatio);
  const other = beside(context);
  const value = limitFor(context, room, roomBytes);
  const sum = `${humanBytes(room.liveBytes)} live, ${humanBytes(roomBytes)} to allocate, ${humanBytes(other)} beside`;
  const cost = costText(context, room, value, roomBytes, cpuRatio);
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
