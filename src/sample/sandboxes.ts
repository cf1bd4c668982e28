import type { Miss } from '../base/reading.ts';
import type { FileReader } from '../io/file-reader.ts';
import { parseNumber } from '../kernel/cgroup/limit.ts';
import { memoryStatParser } from '../kernel/cgroup/memory.ts';
import type { Parse } from '../kernel/cgroup/scan.ts';
import type { ProcessReader } from '../kernel/proc/process-reader.ts';
import type { ContainerIdentity } from '../kube/types.ts';
import type { CgroupCensus, CgroupEntry } from './cgroup-census.ts';
import type { SandboxSample } from './types.ts';

export interface SandboxesOptions {
  /** Where the cgroup2 file system is mounted. */
  readonly root: string;
  readonly files: FileReader;
  readonly processes: ProcessReader;
}

type OnMiss = (miss: Miss) => void;

/** A pause container has one; more than these are counted, not named. */
const MAX_NAMES = 8;

/**
 * Looks at the pause containers of pods, which are a third of all containers and of which nothing else is read: at once when they are
 * known as such, then when rare files are due.
 */
export class Sandboxes {
  readonly #options: SandboxesOptions;
  readonly #parseMemoryStat = memoryStatParser();
  #last: ReadonlyMap<string, SandboxSample> = new Map();

  constructor(options: SandboxesOptions) {
    this.#options = options;
  }

  /** By path of the sandbox's cgroup. One that could not be read is there with undefined fields. */
  *update(
    census: CgroupCensus,
    identities: ReadonlyMap<string, ContainerIdentity>,
    cycle: number,
    onMiss: OnMiss,
  ): Generator<void, ReadonlyMap<string, SandboxSample>> {
    const samples = new Map<string, SandboxSample>();
    for (const [path, { sandbox }] of identities) {
      const entry = sandbox ? census.entries.get(path) : undefined;
      if (entry === undefined) continue;
      const known = this.#last.get(path);
      if (known?.inode === entry.inode && !census.isRareTurn(entry, cycle)) {
        samples.set(path, known);
        continue;
      }
      samples.set(path, this.#look(entry, onMiss));
      yield;
    }
    this.#last = samples;
    return samples;
  }

  #look(entry: CgroupEntry, onMiss: OnMiss): SandboxSample {
    const { path, inode } = entry;
    return {
      inode,
      tasks: this.#read(path, 'pids.current', parseNumber, onMiss),
      anonBytes: this.#read(path, 'memory.stat', this.#parseMemoryStat, onMiss)?.anon,
      processes: this.#names(entry, onMiss),
    };
  }

  #names(entry: CgroupEntry, onMiss: OnMiss): readonly string[] | undefined {
    const pids = entry.reader.processes(onMiss)?.pids;
    return pids?.slice(0, MAX_NAMES).flatMap((pid) => {
      const stat = this.#options.processes.stat(pid);
      return stat.ok ? [stat.value.comm] : [];
    });
  }

  #read<T>(path: string, name: string, parse: Parse<T>, onMiss: OnMiss): T | undefined {
    const { root, files } = this.#options;
    const source = `${root}${path}/${name}`;
    const length = files.read(source);
    if (length < 0) {
      const { kind, code } = files.failure;
      if (kind !== 'absent') onMiss({ kind, reader: name, source, detail: code });
      return undefined;
    }
    const value = parse(files.bytes, length);
    if (value === undefined)
      onMiss({ kind: 'malformed', reader: name, source, detail: `${length} bytes that are not a ${name}` });
    return value;
  }
}
