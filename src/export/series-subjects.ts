import type { ContainerModel } from '../model/container-types.ts';
import type { GoProcessModel } from '../model/go-process-types.ts';
import { containerName } from '../rules/subjects.ts';
import { bounded, LabelCache } from './labels.ts';

/** Something that has series, and the label text they share. */
export interface Labelled<S> {
  readonly subject: S;
  readonly labels: Uint8Array;
}

/** A program may start others under new names without end; each would be forty more series. */
export const MAX_PROCESSES_SHOWN = 20;

/**
 * Which containers and processes have series. A series is unique by its labels: of two containers with the same names (one ending,
 * one starting) the one with tasks is shown, of several processes with the same name in a container the largest, and that one for as
 * long as it lives: another's counters in the same series would look like a reset.
 */
export class SeriesSubjects {
  readonly #containers = new LabelCache(['namespace', 'pod', 'container']);
  readonly #processes = new LabelCache(['namespace', 'pod', 'container', 'process']);
  /** Which process stands for its name, by the name's labels. */
  #shown: ReadonlyMap<string, string> = new Map();

  containers(containers: readonly ContainerModel[]): Labelled<ContainerModel>[] {
    const byLabels = new Map<string, Labelled<ContainerModel>>();
    for (const container of containers) {
      const values = containerLabels(container);
      const id = values.join('\0');
      const rival = byLabels.get(id);
      if ((rival?.subject.pids.current ?? 0) > 0 && (container.pids.current ?? 0) === 0) continue;
      byLabels.set(id, { subject: container, labels: this.#containers.bytes(container.key, values) });
    }
    return [...byLabels.values()];
  }

  /** At most {@link MAX_PROCESSES_SHOWN} names of each container: those shown before, then the largest. */
  processes(processes: readonly GoProcessModel[], containers: readonly ContainerModel[]): Labelled<GoProcessModel>[] {
    const byKey = new Map(containers.map((container) => [container.key, container]));
    const byContainer = new Map<string, Map<string, GoProcessModel>>();
    const labels = new Map<string, string[]>();
    for (const process of processes) {
      const container = byKey.get(process.containerKey ?? '');
      const at = container === undefined ? ['', '', ''] : containerLabels(container);
      const values = [...at, bounded(process.name)];
      const id = values.join('\0');
      const place = at.join('\0');
      const names = byContainer.get(place) ?? new Map<string, GoProcessModel>();
      byContainer.set(place, names);
      const rival = names.get(id);
      if (rival !== undefined && this.#stands(rival, process, id)) continue;
      names.set(id, process);
      labels.set(id, values);
    }
    const shown: Labelled<GoProcessModel>[] = [];
    const standing = new Map<string, string>();
    for (const names of byContainer.values()) {
      for (const [id, process] of this.#mostImportant(names)) {
        standing.set(id, process.key);
        shown.push({ subject: process, labels: this.#processes.bytes(process.key, labels.get(id) ?? []) });
      }
    }
    this.#shown = standing;
    return shown;
  }

  /** Forgets the labels of what was not asked for since the last time. */
  sweep(): void {
    this.#containers.sweep();
    this.#processes.sweep();
  }

  #stands(rival: GoProcessModel, process: GoProcessModel, id: string): boolean {
    const staying = this.#shown.get(id);
    if (rival.key === staying) return true;
    return process.key !== staying && (rival.rssBytes ?? 0) >= (process.rssBytes ?? 0);
  }

  #mostImportant(names: ReadonlyMap<string, GoProcessModel>): Iterable<[string, GoProcessModel]> {
    if (names.size <= MAX_PROCESSES_SHOWN) return names;
    const before = (id: string): number => Number(this.#shown.has(id));
    return [...names]
      .sort(
        ([a, one], [b, other]) =>
          before(b) - before(a) || (other.rssBytes ?? 0) - (one.rssBytes ?? 0) || (a < b ? -1 : 1),
      )
      .slice(0, MAX_PROCESSES_SHOWN);
  }
}

function containerLabels(container: ContainerModel): string[] {
  const { identity } = container;
  // An unresolved container is told by ids, never by a guess.
  return [
    identity.namespace ?? '',
    identity.pod ?? identity.podUid ?? '',
    bounded(containerName(container) ?? container.cgroupPath),
  ];
}
