import type { Instant } from '../../base/clock.ts';
import type { Miss, MissKind } from '../../base/reading.ts';
import { directoryStat } from '../../io/directory.ts';
import type { FileReader, KeptFile } from '../../io/file-reader.ts';
import { type Cadence, type ControlFile, controlFilesOf, type Level } from './control-files.ts';
import type { ProcessList } from './core.ts';
import type { CgroupParsers } from './parsers.ts';
import { emptySample, put, type SampleDraft } from './sample-draft.ts';
import type { CgroupSample } from './types.ts';

/** What a {@link CgroupReader} needs. */
export interface CgroupReaderOptions {
  /** Where the cgroup2 file system is mounted, without a slash at the end. */
  readonly root: string;
  /** The cgroup, `/` or `/a/b`. */
  readonly path: string;
  /** Inode of its directory, to tell this cgroup from a later one of the same name. */
  readonly inode: number;
  readonly files: FileReader;
  /** Shared by all readers that live together. */
  readonly parsers: CgroupParsers;
  readonly level: Level;
  /** The machine has several NUMA nodes. Default: false. */
  readonly numa?: boolean;
}

/** Takes a file that could not be read. A file that is simply not there is not told: a controller that is off is normal. */
export type OnMiss = (miss: Miss) => void;

/**
 * Reads the control files of one cgroup, each as often as its {@link Cadence} says.
 *
 * A file that was absent, unsupported or denied is tried again only with the slow files: a failed system call is a thrown
 * error, which costs more than a whole read. The last miss of every file not read this time is told again, so that each
 * sample's misses are complete.
 */
export class CgroupReader {
  readonly path: string;
  readonly inode: number;
  readonly #directory: string;
  readonly #reader: FileReader;
  readonly #parsers: CgroupParsers;
  readonly #keeps: boolean;
  readonly #controls: readonly ControlFile[];
  /** Paths of hot and slow files, made once. Rare ones are made at each read: 25 strings a cgroup would outweigh their use. */
  readonly #kept: readonly KeptFile[];
  readonly #procsPath: string;
  /** 1 for a file that is left alone until the next slow reading. */
  readonly #resting: Uint8Array;
  readonly #misses = new Map<number, Miss>();
  readonly #draft: SampleDraft;
  #sampled = false;
  /** When the io.stat of the draft was read. */
  #ioStatAtMs = 0;

  constructor(options: CgroupReaderOptions) {
    this.path = options.path;
    this.inode = options.inode;
    this.#directory = options.path === '/' ? options.root : options.root + options.path;
    this.#reader = options.files;
    this.#parsers = options.parsers;
    this.#keeps = options.level !== 'upper';
    this.#controls = controlFilesOf(options.level, options.numa ?? false);
    this.#kept = this.#controls
      .filter((control) => control.cadence !== 'rare')
      .map((control) => ({ path: this.#pathOf(control), fd: undefined }));
    this.#procsPath = `${this.#directory}/cgroup.procs`;
    this.#resting = new Uint8Array(this.#controls.length);
    this.#draft = emptySample(options.path, options.inode);
  }

  /**
   * Reads the files of `cadence` and the hotter ones; the values of the others stay as they were, dated `slowReadAtMs`. The
   * first sample reads everything. Undefined when the cgroup is gone, or another one has taken its name.
   */
  sample(cadence: Cadence, at: Instant, onMiss: OnMiss): CgroupSample | undefined {
    const reach = this.#sampled ? cadence : 'rare';
    const ioStatBefore = this.#draft.ioStat;
    let doubtful = false;
    for (let index = 0; index < this.#controls.length; index++) {
      const control = this.#controls[index];
      if (control === undefined) continue;
      if (!reaches(reach, control.cadence) || (this.#resting[index] === 1 && reach === 'hot')) {
        if (this.#misses.size > 0) this.#tellAgain(index, onMiss);
      } else if (this.#readControl(index, control, onMiss)) {
        doubtful = true;
        // The first file is in every cgroup. Without it the rest would be one thrown error each.
        if (index === 0 && this.#isGone()) return this.#goneSample();
      }
    }
    if (doubtful && this.#isGone()) return this.#goneSample();
    this.#sampled = true;
    this.#draft.readAtMs = at.monotonicMs;
    if (reach !== 'hot') this.#draft.slowReadAtMs = at.monotonicMs;
    if (this.#draft.ioStat !== ioStatBefore) this.#pairIoStat(ioStatBefore, at.monotonicMs);
    return { ...this.#draft };
  }

  /**
   * The processes in this cgroup itself, not those below it. In a threaded cgroup, whose cgroup.procs the kernel refuses to
   * show, the ids are those of threads. Undefined when it is gone or could not be read.
   */
  processes(onMiss: OnMiss): ProcessList | undefined {
    let name = 'cgroup.procs';
    let source = this.#procsPath;
    let length = this.#reader.read(source);
    if (length < 0 && this.#reader.failure.kind === 'unsupported') {
      name = 'cgroup.threads';
      source = `${this.#directory}/${name}`;
      length = this.#reader.read(source);
    }
    if (length < 0) {
      const { kind, code } = this.#reader.failure;
      if (kind !== 'absent') onMiss({ kind, reader: name, source, detail: code });
      return undefined;
    }
    const list = this.#parsers.procs(this.#reader.bytes, length);
    if (list === undefined) onMiss({ kind: 'malformed', reader: name, source, detail: notThat(name, length) });
    return list;
  }

  /** Gives the descriptors back. */
  close(): void {
    for (const file of this.#kept) this.#reader.release(file);
  }

  /** io.stat was read anew, or could not be read any more. */
  #pairIoStat(before: CgroupSample['ioStat'], atMs: number): void {
    const known = before !== undefined && this.#draft.ioStat !== undefined;
    this.#draft.ioStatPair = known ? { before, beforeAtMs: this.#ioStatAtMs, atMs } : undefined;
    this.#ioStatAtMs = atMs;
  }

  #goneSample(): CgroupSample | undefined {
    this.close();
    return undefined;
  }

  /** Reads one file into the draft. True when its absence may mean that the cgroup is gone. */
  #readControl(index: number, control: ControlFile, onMiss: OnMiss): boolean {
    const length = this.#readBytes(index, control);
    if (length < 0) return this.#readNothing(index, control, onMiss);
    this.#resting[index] = 0;
    const value: unknown = this.#parsers[control.parser](this.#reader.bytes, length);
    if (value === undefined) this.#tell(index, control, 'malformed', notThat(control.name, length), onMiss);
    else if (this.#misses.size > 0) this.#misses.delete(index);
    const inherits = control.emptyInherits && Array.isArray(value) && value.length === 0;
    put(this.#draft, control.field, inherits ? undefined : value);
    return false;
  }

  #readNothing(index: number, control: ControlFile, onMiss: OnMiss): boolean {
    const { kind, code } = this.#reader.failure;
    const hadValue = this.#draft[control.field] !== undefined;
    put(this.#draft, control.field, undefined);
    // The first file tells of the cgroup's end, so it never rests.
    this.#resting[index] = index > 0 && kind !== 'failed' ? 1 : 0;
    if (kind !== 'absent') {
      this.#tell(index, control, kind, code, onMiss);
      return false;
    }
    this.#misses.delete(index);
    return index === 0 || hadValue || !this.#sampled;
  }

  #readBytes(index: number, control: ControlFile): number {
    const file = this.#kept[index];
    if (file === undefined) return this.#reader.read(this.#pathOf(control));
    const keep =
      this.#keeps &&
      (control.keep === 'first' ||
        (control.keep === 'last' && (file.fd !== undefined || this.#reader.keptCount * 2 < this.#reader.maxKept)));
    return keep ? this.#reader.readKept(file) : this.#reader.read(file.path);
  }

  #tell(index: number, control: ControlFile, kind: MissKind, detail: string, onMiss: OnMiss): void {
    let miss = this.#misses.get(index);
    if (miss?.kind !== kind || miss.detail !== detail) {
      miss = { kind, reader: control.name, source: this.#pathOf(control), detail };
      this.#misses.set(index, miss);
    }
    onMiss(miss);
  }

  #tellAgain(index: number, onMiss: OnMiss): void {
    const miss = this.#misses.get(index);
    if (miss !== undefined) onMiss(miss);
  }

  /** Asks the directory itself: a single file also goes away when its controller is switched off. */
  #isGone(): boolean {
    const stat = directoryStat(this.#directory, 'cgroup');
    return stat.ok ? stat.value.inode !== this.inode : stat.miss.kind === 'absent';
  }

  #pathOf(control: ControlFile): string {
    return `${this.#directory}/${control.name}`;
  }
}

function reaches(reach: Cadence, cadence: Cadence): boolean {
  return reach === 'rare' || cadence === 'hot' || cadence === reach;
}

function notThat(name: string, length: number): string {
  return `${length} bytes that are not a ${name}`;
}
