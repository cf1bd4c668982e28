import {
  NODE_SERIES,
  type NodeHistory,
  type NodeSeries,
  WORKLOAD_SERIES,
  type WorkloadHistory,
  type WorkloadSeries,
} from '../../export/history.ts';
import type { ContainerModel } from '../../model/container-types.ts';
import type { GoProcessModel } from '../../model/go-process-types.ts';
import type { NodeModel } from '../../model/node-types.ts';
import { SeriesRing } from './series-ring.ts';

export interface HistoryBounds {
  readonly bucketSeconds: number;
  readonly points: number;
  /** Go processes remembered at once; of those above it nothing is. */
  readonly maxWorkloads: number;
}

/** An hour in half minutes. One workload takes 8 series x 2 x 120 x 4 bytes = 7680 bytes, 512 of them 3.9 MB. */
export const HISTORY_BOUNDS: HistoryBounds = { bucketSeconds: 30, points: 120, maxWorkloads: 512 };

/** What is kept of one workload. */
interface Entry {
  readonly ring: SeriesRing;
  /** Key of the process it is about now. */
  owner: string;
  /** The fold in which that was there last. */
  seen: number;
}

const workloadSeries = Object.keys(WORKLOAD_SERIES) as WorkloadSeries[];
const nodeSeries = Object.keys(NODE_SERIES) as NodeSeries[];

/**
 * The last hour of every Go workload and of the node, folded from models. A program that is started anew in the same container of the same
 * pod goes on where the one before it ended. Bounded; nothing of it is written anywhere.
 */
export class HistoryBook {
  readonly #bounds: HistoryBounds;
  readonly #entries = new Map<string, Entry>();
  /** Key of a process to the name of its entry. */
  readonly #names = new Map<string, string>();
  readonly #containers = new Map<string, ContainerModel>();
  readonly #node: SeriesRing;
  #endUnixMs = 0;
  #leftOut = 0;
  #folds = 0;

  constructor(bounds: HistoryBounds = HISTORY_BOUNDS) {
    this.#bounds = bounds;
    this.#node = new SeriesRing(nodeSeries.length, bounds.points);
  }

  /** Workloads remembered now, those included that ended within the hour. */
  get size(): number {
    return this.#entries.size;
  }

  /** Workloads of the last model for which there was no room. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /** Bytes of all that is remembered. */
  get bytes(): number {
    let bytes = this.#node.bytes;
    for (const { ring } of this.#entries.values()) bytes += ring.bytes;
    return bytes;
  }

  /** Folds in one model. Models come in order of time. */
  note(model: NodeModel): void {
    const bucket = Math.floor(model.at.monotonicMs / 1000 / this.#bounds.bucketSeconds);
    this.#endUnixMs = model.at.wallMs;
    this.#leftOut = 0;
    this.#folds += 1;
    this.#node.advance(bucket);
    for (let index = 0; index < nodeSeries.length; index += 1) {
      const name = nodeSeries[index];
      const value = name === undefined ? undefined : NODE_SERIES[name](model.node);
      if (value !== undefined) this.#node.note(index, value);
    }
    for (const container of model.containers) this.#containers.set(container.key, container);
    // Those that are known first: what they hold is not free for one that is new.
    for (const { key } of model.goProcesses) {
      const entry = this.#entries.get(this.#names.get(key) ?? '');
      if (entry !== undefined) entry.seen = this.#folds;
    }
    this.#forget(bucket);
    for (const process of model.goProcesses) {
      const container = process.containerKey === undefined ? undefined : this.#containers.get(process.containerKey);
      const ring = this.#ringOf(process, container);
      if (ring === undefined) {
        this.#leftOut += 1;
        continue;
      }
      ring.advance(bucket);
      for (let index = 0; index < workloadSeries.length; index += 1) {
        const name = workloadSeries[index];
        const value = name === undefined ? undefined : WORKLOAD_SERIES[name](process, container);
        if (value !== undefined) ring.note(index, value);
      }
    }
    // Kept from cycle to cycle only to be used again: it must not hold on to the model.
    this.#containers.clear();
  }

  /** The last hour of one process, by its key. Undefined: none is kept. */
  workload(key: string): WorkloadHistory | undefined {
    const ring = this.#entries.get(this.#names.get(key) ?? '')?.ring;
    if (ring === undefined) return undefined;
    const series = Object.fromEntries(workloadSeries.map((name, index) => [name, ring.read(index)]));
    return { ...this.#span(), series: series as WorkloadHistory['series'] };
  }

  /** The last hour of the node. */
  node(): NodeHistory {
    const series = Object.fromEntries(nodeSeries.map((name, index) => [name, this.#node.read(index)]));
    return { ...this.#span(), series: series as NodeHistory['series'] };
  }

  #span(): { readonly bucketSeconds: number; readonly endUnixMs: number } {
    return { bucketSeconds: this.#bounds.bucketSeconds, endUnixMs: this.#endUnixMs };
  }

  #ringOf(process: GoProcessModel, container: ContainerModel | undefined): SeriesRing | undefined {
    const known = this.#entries.get(this.#names.get(process.key) ?? '');
    if (known !== undefined) return known.ring;
    const lasting = lastingName(process, container);
    const before = lasting === undefined ? undefined : this.#entries.get(lasting);
    if (lasting !== undefined && before !== undefined && before.seen !== this.#folds) {
      this.#names.delete(before.owner);
      this.#names.set(process.key, lasting);
      before.owner = process.key;
      before.seen = this.#folds;
      return before.ring;
    }
    if (this.#entries.size >= this.#bounds.maxWorkloads && !this.#dropOldest()) return undefined;
    const name = lasting === undefined || before !== undefined ? process.key : lasting;
    const ring = new SeriesRing(workloadSeries.length, this.#bounds.points);
    this.#entries.set(name, { ring, owner: process.key, seen: this.#folds });
    this.#names.set(process.key, name);
    return ring;
  }

  /** Makes room by what ended longest ago. False: all that is remembered is there. */
  #dropOldest(): boolean {
    let oldest: string | undefined;
    let seen = this.#folds;
    for (const [name, entry] of this.#entries) {
      if (entry.seen >= seen) continue;
      oldest = name;
      seen = entry.seen;
    }
    if (oldest !== undefined) this.#drop(oldest);
    return oldest !== undefined;
  }

  #forget(bucket: number): void {
    for (const [name, { ring, seen }] of this.#entries)
      if (seen !== this.#folds && ring.newest <= bucket - this.#bounds.points) this.#drop(name);
  }

  #drop(name: string): void {
    const entry = this.#entries.get(name);
    this.#entries.delete(name);
    if (entry !== undefined) this.#names.delete(entry.owner);
  }
}

/** What a program is called across restarts. Undefined where it has no name that lasts. */
function lastingName({ name }: GoProcessModel, container: ContainerModel | undefined): string | undefined {
  const { podUid, container: own, unit } = container?.identity ?? {};
  const place = podUid === undefined || own === undefined ? unit : `${podUid}/${own}`;
  return place === undefined ? undefined : `${place}/${name}`;
}
