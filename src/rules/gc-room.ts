import type { Known } from '../base/known.ts';
import type { GoProcessModel } from '../model/go-process-types.ts';

/** What the collector has to work with between two collections. */
export interface GcRoom {
  readonly liveBytes: number;
  readonly goalBytes: number;
  /** Goal less live heap, not below 0. */
  readonly roomBytes: number;
  /** The GOGC that would give the same room: 100 x room / (live heap + stacks). Globals are not counted, so it is a little too high. */
  readonly effectiveGogc: number;
  readonly live: Known<number>;
  readonly goal: Known<number>;
}

/**
 * The room between live heap and goal. Source: goal = live + (live + roots) x GOGC / 100 (runtime/mgcpacer.go, commit, Go 1.18),
 * turned round. Undefined where goal or live heap are not known, or the collector is off.
 */
export function gcRoom({ runtime }: GoProcessModel): GcRoom | undefined {
  const { heapLiveBytes: live, heapGoalBytes: goal, stackInuseBytes } = runtime;
  if (live === undefined || goal === undefined || goal.value === 'off' || live.value <= 0) return undefined;
  const roomBytes = Math.max(0, goal.value - live.value);
  return {
    liveBytes: live.value,
    goalBytes: goal.value,
    roomBytes,
    effectiveGogc: (100 * roomBytes) / (live.value + (stackInuseBytes?.value ?? 0)),
    live,
    goal: { ...goal, value: goal.value },
  };
}

/** Below this share of the live heap the room means nothing: collections run into one another, and the limiter caps what they take. */
const LEAST_ROOM = 0.02;

/** Whether what collecting takes now says anything of what it would take with more room. */
export function isMeasurable(room: GcRoom): boolean {
  return room.roomBytes >= LEAST_ROOM * room.liveBytes;
}

/**
 * Share of CPU time collecting would take with another room. The cost of a collection goes with the live heap, and how often one runs
 * with 1 / room (Go GC guide, "GC cost model"); so the ratio of collecting to working goes with 1 / room too.
 */
export function gcCpuWithRoom(cpuRatio: number, room: GcRoom, otherRoomBytes: number): number {
  const was = Math.min(0.99, Math.max(0, cpuRatio));
  const perWork = was / (1 - was);
  const scaled = (perWork * room.roomBytes) / otherRoomBytes;
  return scaled / (1 + scaled);
}

/** The room that brings the share down to `wanted`; the other way round of {@link gcCpuWithRoom}. */
export function roomForGcCpu(cpuRatio: number, room: GcRoom, wanted: number): number {
  const was = Math.min(0.99, Math.max(0, cpuRatio));
  const factor = was / (1 - was) / (wanted / (1 - wanted));
  return room.roomBytes * factor;
}
