import { parentOf } from '../base/cgroup-path.ts';
import type { Instant } from '../base/clock.ts';
import type { Miss } from '../base/reading.ts';
import type { FileReader } from '../io/file-reader.ts';
import { CgroupReader } from '../kernel/cgroup/cgroup-reader.ts';
import type { Cadence, Level as ReadingLevel } from '../kernel/cgroup/control-files.ts';
import { type CgroupParsers, createCgroupParsers } from '../kernel/cgroup/parsers.ts';
import type { CgroupSample } from '../kernel/cgroup/types.ts';
import { walkCgroups } from '../kernel/cgroup/walk.ts';
import { type CgroupLevel, levelOf, roleOf } from '../kube/layout.ts';
import type { CgroupRole } from '../kube/types.ts';

/** One cgroup that exists now. */
export interface CgroupEntry {
  readonly path: string;
  readonly inode: number;
  readonly role: CgroupRole;
  readonly level: CgroupLevel;
  readonly reader: CgroupReader;
  /** Spreads slow readings over cycles. */
  readonly phase: number;
  /** Samples taken since this cgroup is known, whether it was wanted in them or not. */
  age: number;
}

/** How many cycles lie between two readings of slow and of rare files. */
export interface Cadences {
  readonly slowEvery: number;
  readonly rareEvery: number;
}

export interface CgroupCensusOptions {
  readonly root: string;
  readonly files: FileReader;
  readonly cadences: Cadences;
  /** The machine has several NUMA nodes. Default: false. */
  readonly numa?: boolean;
}

function readingLevel(path: string, role: CgroupRole): ReadingLevel {
  switch (role.role) {
    case 'container':
    case 'inside':
    case 'unit':
      return 'leaf';
    case 'other':
      return path === '/' || path.endsWith('.slice') ? 'upper' : 'leaf';
    case 'pod':
      return 'pod';
    default:
      return 'upper';
  }
}

/** Knows which cgroups there are, and reads those that matter: containers, pods, their ancestors, and whatever holds a Go process. */
export class CgroupCensus {
  readonly #options: CgroupCensusOptions;
  readonly #parsers: CgroupParsers = createCgroupParsers();
  readonly #entries = new Map<string, CgroupEntry>();
  #wanted: ReadonlySet<string> = new Set();
  /** The cgroups right above those that held Go processes when last asked. */
  #above: ReadonlySet<string> = new Set();
  readonly #soon = new Set<string>();
  #born = 0;

  constructor(options: CgroupCensusOptions) {
    this.#options = options;
  }

  /** Every cgroup known, by path. */
  get entries(): ReadonlyMap<string, CgroupEntry> {
    return this.#entries;
  }

  /** Walks the tree and takes in what is new and what has gone. This is the truth; a directory watch only makes it come sooner. */
  rescan(onMiss: (miss: Miss) => void): void {
    const { root, files, numa = false } = this.#options;
    const seen = new Set<string>();
    for (const { path, inode } of walkCgroups(root, { onMiss })) {
      seen.add(path);
      const known = this.#entries.get(path);
      if (known?.inode === inode) continue;
      known?.reader.close();
      const role = roleOf(path);
      if (role.role === 'ignored') continue;
      const reader = new CgroupReader({
        root,
        path,
        inode,
        files,
        parsers: this.#parsers,
        level: readingLevel(path, role),
        numa,
      });
      // Not by inode: a cgroup and its files take the same number of them each time, so that all would come in one cycle.
      this.#entries.set(path, { path, inode, role, level: levelOf(path), reader, phase: this.#born++, age: 0 });
    }
    for (const [path, entry] of this.#entries) if (!seen.has(path)) this.#forget(path, entry);
  }

  /**
   * Says which cgroups hold Go processes, and which containers nobody asks about (pause containers, a third of all). Read are the
   * former, all other containers, pods, and their ancestors. What is above a Go process that has gone is read once more: when the
   * kernel killed it and its cgroup went too, only the counter above still tells.
   */
  want(goPaths: Iterable<string>, isIdle: (path: string) => boolean): void {
    const wanted = new Set<string>(['/']);
    const withAncestors = (path: string): void => {
      for (let at = path; at.length > 1 && !wanted.has(at); at = parentOf(at)) wanted.add(at);
    };
    for (const { path, role } of this.#entries.values()) {
      const holdsLimits = role.role === 'inside' && role.depth === 1 && path.endsWith('/container');
      if ((role.role === 'container' && !isIdle(path)) || role.role === 'pod' || holdsLimits) withAncestors(path);
    }
    const above = new Set<string>();
    for (const path of goPaths) {
      withAncestors(path);
      above.add(parentOf(path));
    }
    for (const path of this.#above) withAncestors(path);
    this.#above = above;
    for (const path of this.#wanted) if (!wanted.has(path)) this.#entries.get(path)?.reader.close();
    this.#wanted = wanted;
  }

  /** The next sample reads the slow files of this cgroup, whosever turn it is. */
  readSoon(path: string): void {
    this.#soon.add(path);
  }

  /** Whether this cycle is one for the slow files of this cgroup. */
  isSlowTurn(entry: CgroupEntry, cycle: number): boolean {
    return (
      entry.age === 0 || this.#soon.has(entry.path) || (cycle + entry.phase) % this.#options.cadences.slowEvery === 0
    );
  }

  isRareTurn(entry: CgroupEntry, cycle: number): boolean {
    return entry.age === 0 || (cycle + entry.phase) % this.#options.cadences.rareEvery === 0;
  }

  /** Reads every wanted cgroup, giving way between them. A cgroup found gone is dropped, and `onGone` told. */
  *sample(
    cycle: number,
    at: Instant,
    onMiss: (miss: Miss) => void,
    onGone: () => void,
  ): Generator<void, Map<string, CgroupSample>> {
    const samples = new Map<string, CgroupSample>();
    for (const path of this.#wanted) {
      const entry = this.#entries.get(path);
      if (entry === undefined) continue;
      const cadence: Cadence = this.isRareTurn(entry, cycle) ? 'rare' : this.isSlowTurn(entry, cycle) ? 'slow' : 'hot';
      const sample = entry.reader.sample(cadence, at, onMiss);
      if (sample === undefined) {
        this.#forget(path, entry);
        onGone();
      } else samples.set(path, sample);
      yield;
    }
    for (const entry of this.#entries.values()) entry.age += 1;
    this.#soon.clear();
    return samples;
  }

  /** Gives all descriptors back. */
  close(): void {
    for (const [path, entry] of this.#entries) this.#forget(path, entry);
  }

  #forget(path: string, entry: CgroupEntry): void {
    entry.reader.close();
    this.#entries.delete(path);
  }
}
